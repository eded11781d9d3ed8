"""The questionnaire of a case: kept as it is typed, submitted once it is whole, reopened when more is asked."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from abuse.core.case import CaseMove
from abuse.models import Case
from abuse.services import cases
from consent.core.questionnaire import Problem, check_answer, missing, question_set, tidy_answer
from consent.models import Answer, Questionnaire
from courrielleur.accounts.actors import Actor, signature

RECEIPT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read out on the telephone
RECEIPT_LENGTH = 8


class QuestionnaireClosed(Exception):
    """The answers were submitted. They open again when the abuse team asks for more."""


class UnknownQuestion(Exception):
    """No question has this key."""


class AnswerMoved(Exception):
    """Somebody saved another answer since this person last saw it; *latest* is theirs."""

    def __init__(self, latest: Answer) -> None:
        super().__init__(_("This answer was changed in another window since you opened this one."))
        self.latest = latest


class NotComplete(Exception):
    """Something is still missing; `questions` are the keys of the questions, empty when it is the name."""

    def __init__(self, message: str, questions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.questions = tuple(questions)


def open(case: Case) -> Questionnaire:  # noqa: A001 - read as questionnaires.open(case)
    """Return the questionnaire of *case*, made at the first call with the questions of the day."""
    questionnaire, _created = Questionnaire.objects.get_or_create(
        case=case, defaults={"version": question_set().version}
    )
    return questionnaire


def version_of(answer: Answer | None) -> str:
    """Return what tells one state of an answer from the next; empty when there is none yet."""
    return answer.saved_at.isoformat() if answer else ""


def save(
    questionnaire: Questionnaire,
    question_key: str,
    value: Mapping[str, object],
    actor: Actor,
    now: datetime,
    *,
    seen: str | None = None,
) -> list[Problem]:
    """Keep an answer as it stands and return what is still wrong with it.

    A half-finished answer is kept too. *seen*: the version that the person changes; None to write whatever stands
    there. Raises `QuestionnaireClosed`, `UnknownQuestion` and `AnswerMoved`.
    """
    try:
        question = question_set(questionnaire.version).question(question_key)
    except KeyError as error:
        raise UnknownQuestion(_("There is no question “%(key)s”.") % {"key": question_key}) from error
    tidied = tidy_answer(question, value)
    with transaction.atomic():
        hold_open(questionnaire)
        latest = Answer.objects.filter(questionnaire=questionnaire, question=question.key).first()
        if seen is not None and latest and seen != version_of(latest) and latest.value != tidied:
            raise AnswerMoved(latest)
        Answer.objects.update_or_create(
            questionnaire=questionnaire,
            question=question.key,
            defaults={
                "value": tidied,
                "answered_by": actor.user,
                "answered_by_label": signature(actor, questionnaire.case.account),
                "saved_at": now,
                "authors": _with_author(latest, signature(actor, questionnaire.case.account), now, tidied),
            },
        )
    return check_answer(question, value, today=_latest_date(now))


def submit(questionnaire: Questionnaire, actor: Actor, declared_name: str, now: datetime) -> str:
    """Hand the answers in, move the case, and return the receipt.

    What was declared is kept word for word in the history of the case. Raises `NotComplete`,
    `QuestionnaireClosed`, and what `cases.move` raises.
    """
    declared_name = declared_name.strip()
    with transaction.atomic():
        hold_open(questionnaire)
        answers: dict[str, dict[str, object]] = dict(questionnaire.answers.values_list("question", "value"))
        if unanswered := missing(answers, version=questionnaire.version, today=_latest_date(now)):
            raise NotComplete(_("Some questions have no complete answer yet."), unanswered)
        if not declared_name:
            raise NotComplete(_("Write your name: you declare that the answers are true."))
        receipt = _new_receipt()
        cases.move(
            questionnaire.case,
            CaseMove.SUBMIT,
            actor=actor,
            now=now,
            data={
                "receipt": receipt,
                "declared_name": declared_name[:150],
                "version": questionnaire.version,
                "answers": answers,
                "documents": [
                    {"id": str(row.pk), "question": row.question, "name": row.name, "sha256": bytes(row.sha256).hex()}
                    for row in questionnaire.files.defer("sealed").order_by("added_at", "id")
                ],
            },
        )
        questionnaire.submitted_at = now
        questionnaire.submitted_by = actor.user
        questionnaire.declared_name = declared_name[:150]
        questionnaire.receipt = receipt
        questionnaire.save(update_fields=["submitted_at", "submitted_by", "declared_name", "receipt"])
    return receipt


def reopen(questionnaire: Questionnaire) -> None:
    """Let the answers be changed and submitted again."""
    questionnaire.submitted_at = None
    questionnaire.reached = None  # the pages may be other ones next time
    questionnaire.save(update_fields=["submitted_at", "reached"])


def hold_open(questionnaire: Questionnaire) -> None:
    """Hold the questionnaire's row, so that no answer changes while it is submitted. Raises `QuestionnaireClosed`."""
    row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if row.submitted_at is not None:
        raise QuestionnaireClosed(_("These answers were submitted. They can be changed when we ask for more."))


def _with_author(latest: Answer | None, label: str, now: datetime, value: Mapping[str, object]) -> list[dict[str, str]]:
    """Return who wrote at an answer, with *label* last, unless nothing changed."""
    if latest and latest.value == value:
        return list(latest.authors)
    others = [row for row in latest.authors if row["label"] != label] if latest else []
    return [*others, {"label": label, "at": now.isoformat()}]


def _latest_date(now: datetime) -> date:
    # Somewhere on Earth it is already tomorrow: nobody is told that their today has not come yet.
    return (now + timedelta(hours=14)).date()


def _new_receipt() -> str:
    return "R-" + "".join(secrets.choice(RECEIPT_ALPHABET) for _place in range(RECEIPT_LENGTH))
