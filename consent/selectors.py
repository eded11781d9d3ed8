"""What is known of how addresses were obtained, as screens and the API show it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, QuerySet, Sum

from abuse.models import Case
from consent.core.coverage import Coverage, tally
from consent.models import Answer, ConsentRecord, ConsentUpload, Questionnaire
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from courrielleur.accounts.selectors import accounts_for
from fbl import selectors as feedback

COVERAGE_DAYS = 30  # send days before the case that its complaints and bounces come from; the rule's memory


def questionnaire_for(case: Case) -> Questionnaire | None:
    return Questionnaire.objects.filter(case=case).select_related("submitted_by").first()


def answers_of(questionnaire: Questionnaire) -> list[Answer]:
    """Return the answers given so far, half-finished ones too, in no special order."""
    return list(questionnaire.answers.select_related("answered_by"))


def uploads_for(account: Account) -> QuerySet[ConsentUpload]:
    """Return the account's uploads, newest first, without the files themselves."""
    return ConsentUpload.objects.filter(account=account).defer("raw").order_by("-uploaded_at", "-id")


def upload_for(actor: Actor, upload_id: UUID) -> ConsentUpload:
    """Return the upload of that id. Raises `ConsentUpload.DoesNotExist` for a stranger too."""
    uploads = ConsentUpload.objects.select_related("account").defer("raw")
    return uploads.get(pk=upload_id, account__in=accounts_for(actor))


def coverage(case: Case) -> Coverage:
    """Return how far the account's consent records cover the complainers and the bounced of this case."""
    last_day = case.opened_at.date()
    first_day = last_day - timedelta(days=COVERAGE_DAYS - 1)
    complained = feedback.recipient_digests_of(case.account_id, "complaint", first_day, last_day)
    bounced = feedback.recipient_digests_of(case.account_id, "bounce", first_day, last_day, bounce_class="hard")
    reported = {digest for digest, _hour in complained} | {digest for digest, _hour in bounced}
    consents = _earliest_consents(case.account_id, reported)
    figures = ConsentRecord.objects.filter(account_id=case.account_id).aggregate(
        recipients=Count("recipient_digest", distinct=True)
    )
    records = ConsentUpload.objects.filter(account=case.account_id).aggregate(records=Sum("accepted"))
    return Coverage(
        complainers=tally(complained, consents),
        bounced=tally(bounced, consents),
        records=records["records"] or 0,
        recipients_on_record=figures["recipients"],
    )


def unproved(account_id: int, first_day: date, last_day: date) -> tuple[int, int]:
    """Return how many recipients complained or bounced about mail of these UTC days, and how many have no record."""
    reported = feedback.recipient_digests_of(account_id, "complaint", first_day, last_day)
    reported += feedback.recipient_digests_of(account_id, "bounce", first_day, last_day, bounce_class="hard")
    found = tally(reported, _earliest_consents(account_id, {digest for digest, _hour in reported}))
    return found.recipients, found.without_record


def _earliest_consents(account_id: int, digests: set[bytes]) -> dict[bytes, datetime | None]:
    rows = (
        ConsentRecord.objects.filter(account_id=account_id, recipient_digest__in=sorted(digests))
        .values("recipient_digest")
        .annotate(earliest=Min("consented_at"))
        .values_list("recipient_digest", "earliest")
    )
    return {bytes(digest): earliest for digest, earliest in rows}
