"""What a person decides about a report that counts against nobody: accept it, so that it counts, or put it away."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from courrielleur.accounts.models import User
from courrielleur.jobs.queue import nudge
from fbl.models import FeedbackEvent, InboundReport, LaneDecision
from fbl.services import feeds
from fbl.services.ledger import lock_accounts
from fbl.services.reading import Reader, Row
from fbl.services.reports import mark
from fbl.services.rereading import replace_events

LANES = ("unidentified", "unverified", "unreadable")
MOST_AT_ONCE = 20_000  # reports dismissed in one transaction


class DecisionRefused(Exception):
    """This can't be decided so; `code` names a text at the doors."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def accept(report_id: UUID, *, by: User, note: str, now: datetime) -> LaneDecision:
    """Let an unverified report count, on a person's word; once, and only if the same was not counted before.

    Raises `InboundReport.DoesNotExist` and `DecisionRefused`: without_note, decided, gone (its bytes were purged),
    no_account (it names none). A report whose send hour nobody told is recorded and never scored; `counted` is 0.
    """
    if not note.strip():
        raise DecisionRefused("without_note")
    report = _undecided(report_id)
    if report.state != InboundReport.State.UNVERIFIED:
        raise DecisionRefused("no_account")
    if report.raw is None:
        raise DecisionRefused("gone")
    row = Row(report.pk, bytes(report.raw), report.envelope_to, report.received_at, report.witness)
    reading = Reader.now(verify=None).read(row, is_accepted=True)
    if not reading.entries:
        raise DecisionRefused("no_account")
    accounts = lock_accounts(entry.event.account_id for entry in reading.entries)
    replace_events([report.pk], accounts, reading.entries, now)
    counted = FeedbackEvent.objects.filter(account_id__in=accounts, report_id=report.pk, is_counted=True).count()
    decision = LaneDecision.objects.create(
        report=report,
        outcome=LaneDecision.Outcome.ACCEPTED,
        note=note.strip(),
        reason=report.reason,
        counted=counted,
        by=by,
        at=now,
    )
    mark([reading], now)
    if reading.feed and report.feed_id == reading.feed.id:
        arrived = (reading.feed.id, report.received_at, report.reported_at)
        feeds.count([(*arrived, report.state)], sign=-1)
        feeds.count([(*arrived, reading.state)])
    nudge("river")
    return decision


@transaction.atomic
def dismiss(report_id: UUID, *, by: User, note: str = "", now: datetime) -> LaneDecision:
    """Put a report away; its bytes stay until their retention ends. Raises as `accept` does."""
    report = _undecided(report_id)
    decision = LaneDecision.objects.create(
        report=report, outcome=LaneDecision.Outcome.DISMISSED, note=note.strip(), reason=report.reason, by=by, at=now
    )
    report.state = InboundReport.State.DISMISSED
    report.save(update_fields=["state"])
    return decision


@transaction.atomic
def dismiss_all(lane: str, reason: str, *, by: User, note: str, now: datetime) -> int:
    """Put away every report of the lane that is there for this reason: a wave of forgeries. Return how many."""
    if not note.strip():
        raise DecisionRefused("without_note")
    waiting = InboundReport.objects.filter(state=lane, reason=reason, decision=None).order_by("received_at")
    ids = list(waiting.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:MOST_AT_ONCE])
    LaneDecision.objects.bulk_create(
        LaneDecision(
            report_id=report_id,
            outcome=LaneDecision.Outcome.DISMISSED,
            note=note.strip(),
            reason=reason,
            by=by,
            at=now,
        )
        for report_id in ids
    )
    return InboundReport.objects.filter(pk__in=ids).update(state=InboundReport.State.DISMISSED)


def _undecided(report_id: UUID) -> InboundReport:
    report = InboundReport.objects.select_for_update().get(pk=report_id)
    if report.state not in LANES:
        raise DecisionRefused("decided")
    return report
