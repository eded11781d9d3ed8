"""Questionnaires with their answers, and the files of consent records, as screens and the API show them."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet, Sum

from abuse.models import Case
from abuse.selectors import cases_for
from consent.models import Answer, AnswerFile, ConsentUpload, Questionnaire
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from courrielleur.accounts.selectors import accounts_for


def questionnaire_for(case: Case) -> Questionnaire | None:
    return Questionnaire.objects.filter(case=case).select_related("submitted_by").first()


def answers_of(questionnaire: Questionnaire) -> list[Answer]:
    """Return the answers given so far, half-finished ones too, in no special order."""
    return list(questionnaire.answers.select_related("answered_by"))


def documents_of(questionnaire: Questionnaire) -> list[AnswerFile]:
    """Return the documents added to the answers, oldest first, without their content."""
    return list(questionnaire.files.defer("sealed").order_by("added_at", "id"))


def document_for(actor: Actor, document_id: UUID) -> AnswerFile:
    """Return a document of a case the actor sees. Raises `AnswerFile.DoesNotExist` for a stranger too."""
    return AnswerFile.objects.select_related("questionnaire__case").get(
        pk=document_id, questionnaire__case__in=cases_for(actor)
    )


def uploads_for(account: Account) -> QuerySet[ConsentUpload]:
    """Return the files the account handed in, newest first, without their bytes."""
    files = ConsentUpload.objects.filter(account=account, same_as=None, live_on=None)
    return files.defer("raw").order_by("-uploaded_at", "-id")


def records_by_account(account_ids: Sequence[int]) -> dict[int, int]:
    """Return how many consent records were accepted, by account; accounts without one are left out."""
    done = ConsentUpload.objects.filter(account__in=account_ids, state=ConsentUpload.State.DONE)
    return dict(done.values_list("account").annotate(records=Sum("accepted")))


def upload_for(actor: Actor, upload_id: UUID) -> ConsentUpload:
    """Return the file of that id, or the first of the same bytes. Raises `DoesNotExist` for a stranger."""
    sent = sending_for(actor, upload_id)
    return sending_for(actor, sent.same_as_id) if sent.same_as_id else sent


def sending_for(actor: Actor, upload_id: UUID) -> ConsentUpload:
    """Return the file of that id as it was sent, even when the same bytes were here before; else as `upload_for`."""
    uploads = ConsentUpload.objects.select_related("account").defer("raw")
    return uploads.get(pk=upload_id, account__in=accounts_for(actor), live_on=None)
