"""Letters: queued in the transaction of the move they tell of, sent until the mail server has taken them."""

import contextlib
import logging
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from abuse import notices, selectors
from abuse.core import reply_address
from abuse.core.case import CaseMove
from abuse.core.verdict import Verdict
from abuse.models import Assessment, Case, Notice
from abuse.notices import Letter
from abuse.services import history, probation_terms
from courrielleur import vault
from courrielleur.accounts.actors import SYSTEM
from courrielleur.jobs.queue import nudge

logger = logging.getLogger(__name__)

# Waits before the second, third … attempt. A mail server that is down for a day loses no letter.
RETRY_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
LEASE = timedelta(minutes=5)  # longer than the sending of one batch may take
BATCH = 10

_TROUBLE = (OSError, smtplib.SMTPException)


@dataclass(frozen=True)
class Preview:
    """A letter as the reseller would read it. Empty when the step writes none."""

    subject: str
    text: str
    to: str
    language: str


@dataclass(frozen=True)
class _Telling:
    """What a letter about a move can draw on."""

    case: Case
    now: datetime
    reason: str
    data: Mapping[str, Any]
    language: str


def write(
    case: Case, move: CaseMove, *, now: datetime, reason: str = "", data: Mapping[str, Any] | None = None
) -> Notice | None:
    """Queue the letter that belongs to *move*, if one does. Call it in the transaction of the move."""
    letter = _letter_for(case, move, now, reason, data or {}, case.account.reseller.language)
    return _queue(case, letter, now) if letter else None


def write_message(case: Case, *, text: str, now: datetime) -> Notice:
    """Queue words of the abuse team as a letter."""
    return _queue(case, notices.message(text=text), now)


def write_suspended(case: Case, *, now: datetime) -> Notice:
    """Queue the statement of reasons for a case that was open before the suspension came."""
    reseller = case.account.reseller
    return _queue(case, statement(case, reseller.language, now), now)


def write_probation_breached(case: Case, *, text: str, ends_at: datetime, now: datetime) -> Notice:
    """Queue the warning that a condition of the probation was not kept. *text* says which, in the reseller's words."""
    return _queue(case, notices.probation_breached(text=text, ends_at=ends_at), now)


def write_probation_completed(case: Case, *, now: datetime) -> Notice:
    return _queue(case, notices.probation_completed(), now)


def statement(case: Case, language: str, now: datetime) -> Letter:
    """Return the statement of reasons of *case*, as its letter would tell it in *language*."""
    return _suspended(_Telling(case, now, "", {}, language))


def preview(
    case: Case,
    move: CaseMove,
    reason: str,
    language: str = "",
    *,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> Preview | None:
    """Return the letter that *move* would send, for the panel where a person decides; None when it sends none."""
    reseller = case.account.reseller
    language = language or reseller.language
    letter = _letter_for(case, move, now, reason.strip(), data or {}, language)
    if letter is None:
        return None
    subject, text = notices.render(letter, case, language)
    return Preview(subject=subject, text=text, to=reseller.notice_address, language=language)


def is_due(now: datetime) -> bool:
    return Notice.objects.filter(state=Notice.State.PENDING, next_attempt_at__lte=now).exists()


def send_due(now: datetime) -> int:
    """Send the letters due at *now* and return how many the mail server took.

    The attempt is counted and committed before the mail goes out. A crash in between sends it again, with the
    same Message-ID.
    """
    sent = 0
    while batch := _claim(now):
        connection = get_connection()
        try:
            connection.open()
        except _TROUBLE as error:
            for notice in batch:
                _failed(notice, error, now)
            break  # the server is away: the next call may find it
        for notice in batch:
            try:
                message = notices.compose(notice, reply_to=reply_address_of(notice.case))
                message.connection = connection
                message.send()
            except (*_TROUBLE, ValueError) as error:  # ValueError: an address that no header can carry
                _failed(notice, error, now)
                _close(connection)  # after an error the session may be in any state
            else:
                _settle(notice, state=Notice.State.SENT, sent_at=now, last_error="")
                sent += 1
        _close(connection)
    return sent


def reply_address_of(case: Case) -> str:
    return f"{reply_address.local_part(case.key, vault.reply_keys()[0])}@{settings.CASE_DOMAIN}"


def _letter_for(
    case: Case, move: CaseMove, now: datetime, reason: str, data: Mapping[str, Any], language: str
) -> Letter | None:
    make = LETTERS.get(move)
    if make is None:
        return None
    # Whoever never heard of a case (a hold that a person looked at) need not hear that it is closed.
    if move in _ONLY_WHEN_TOLD and not case.notices.exists():
        return None
    return make(_Telling(case, now, reason, data, language))


def _suspended(telling: _Telling) -> Letter:
    case = telling.case
    suspension = case.suspension
    assessment = suspension.assessment if suspension else _latest_assessment(case)
    facts = selectors.explanation_for(assessment, telling.language, audience="client") if assessment else ""
    if suspension and suspension.reason:
        facts = f"{facts}\n\n{suspension.reason}".strip()
    verdict = Verdict.from_figures(assessment.figures) if assessment else None
    if suspension is None:
        return notices.held(since=case.opened_at, facts=facts, verdict=verdict)
    return notices.suspended(since=suspension.imposed_at, facts=facts, verdict=verdict, code=suspension.code)


def _reinstated(telling: _Telling) -> Letter:
    suspension = telling.case.suspension
    if suspension is None:
        return notices.released(reason=telling.reason)
    return notices.reinstated(
        reason=telling.reason,
        probation_ends_at=probation_terms.ends_at(telling.now),
        daily_volume=probation_terms.daily_volume(suspension),
        conditions=telling.data,
    )


def _refused(telling: _Telling) -> Letter:
    can_appeal = not telling.case.events.filter(move=CaseMove.APPEAL).exists()
    return notices.refused(reason=telling.reason, can_appeal=can_appeal)


LETTERS: dict[CaseMove, Callable[[_Telling], Letter]] = {
    CaseMove.NOTIFY: _suspended,
    CaseMove.SUBMIT: lambda telling: notices.submitted_receipt(receipt=str(telling.data.get("receipt", ""))),
    CaseMove.ASK: lambda telling: notices.info_requested(reason=telling.reason),
    CaseMove.REINSTATE: _reinstated,
    CaseMove.REFUSE: _refused,
    CaseMove.TERMINATE: lambda telling: notices.terminated(reason=telling.reason),
    CaseMove.REOPEN: lambda telling: notices.message(text=telling.reason),
}
_ONLY_WHEN_TOLD = frozenset({CaseMove.REINSTATE, CaseMove.REFUSE})


def _latest_assessment(case: Case) -> Assessment | None:
    return Assessment.objects.filter(account=case.account_id, at__lte=case.opened_at).order_by("-at").first()


def _queue(case: Case, letter: Letter, now: datetime) -> Notice:
    reseller = case.account.reseller
    notice = Notice.objects.create(
        case=case,
        name=letter.name,
        to=reseller.notice_address,
        language=reseller.language,
        context=dict(letter.context),
        next_attempt_at=now,
        created_at=now,
    )
    nudge("river")
    return notice


def _claim(now: datetime) -> list[Notice]:
    """Take a lease on some due letters, and count the attempt before it is made."""
    due = Notice.objects.filter(state=Notice.State.PENDING, next_attempt_at__lte=now)
    with transaction.atomic():
        claimed = list(
            due.select_related("case__account__reseller")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("next_attempt_at", "created_at", "pk")[:BATCH]
        )
        ids: list[UUID] = [notice.pk for notice in claimed]
        Notice.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
    for notice in claimed:
        notice.attempts += 1
    return claimed


def _failed(notice: Notice, error: Exception, now: datetime) -> None:
    text = f"{type(error).__name__}: {error}"[:300]
    logger.warning("letter %s, attempt %s failed: %s", notice.pk, notice.attempts, type(error).__name__)
    if not _is_permanent(error) and notice.attempts <= len(RETRY_WAITS):
        _settle(notice, next_attempt_at=now + RETRY_WAITS[notice.attempts - 1], last_error=text)
        return
    with transaction.atomic():
        _settle(notice, state=Notice.State.DEAD, last_error=text)
        data = {"name": notice.name}
        history.tell(notice.case, "letter_lost", actor=SYSTEM, now=now, text=text, data=data, is_internal=True)


def _settle(notice: Notice, **values: Any) -> None:
    Notice.objects.filter(pk=notice.pk, state=Notice.State.PENDING).update(**values)


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(*_TROUBLE):  # the letters are told of already; a bad farewell changes nothing
        connection.close()


def _is_permanent(error: Exception) -> bool:
    """Whether the mail server said no for good (5xx) to this letter, not to us as a whole."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
