"""Read stored reports: parse, identify, record, count, and put each into its lane; one transaction a batch."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from courrielleur import vault
from courrielleur.accounts.models import Account
from courrielleur.accounts.selectors import dedicated_addresses
from fbl.core.events import Lane, Sorted, sort
from fbl.core.registry import read_report
from fbl.core.report import Kind, Report
from fbl.models import InboundReport
from fbl.services.events import Entry, record_events

logger = logging.getLogger(__name__)

BATCH = 500


@dataclass(frozen=True)
class ReadResult:
    """What became of a batch, in reports; `events` are the new ones."""

    read: int = 0
    events: int = 0
    recorded: int = 0
    unidentified: int = 0
    unverified: int = 0
    unreadable: int = 0
    ignored: int = 0
    replies: int = 0

    def __add__(self, other: "ReadResult") -> "ReadResult":
        return ReadResult(*(mine + theirs for mine, theirs in zip(_figures(self), _figures(other), strict=True)))


@dataclass(frozen=True)
class _Row:
    id: UUID
    raw: bytes
    envelope_to: str
    received_at: datetime


def read_stored(limit: int, now: datetime) -> ReadResult:
    """Read up to *limit* stored reports, oldest first; those another worker has are left to it."""
    with transaction.atomic():
        rows = _take(limit)
        return _read(rows, now) if rows else ReadResult()


def reread(report_ids: list[UUID], now: datetime) -> ReadResult:
    """Read these reports once more, whatever lane they are in. Events they gave before stay one event."""
    with transaction.atomic():
        InboundReport.objects.filter(pk__in=report_ids, raw__isnull=False).update(state=InboundReport.State.STORED)
        rows = _take(len(report_ids), report_ids)
        return _read(rows, now) if rows else ReadResult()


def purge(now: datetime) -> int:
    """Forget the bytes of reports older than RAW_REPORT_DAYS; their events and counters stay. Return how many."""
    before = now - timedelta(days=settings.RAW_REPORT_DAYS)
    old = InboundReport.objects.filter(received_at__lt=before, raw__isnull=False).exclude(
        state=InboundReport.State.STORED
    )
    return old.update(raw=None)


def _take(limit: int, only: list[UUID] | None = None) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, raw, envelope_to, received_at FROM fbl_inboundreport"
            " WHERE state = 'stored' AND (%s::uuid[] IS NULL OR id = ANY(%s))"
            " ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [only, only, limit],
        )
        return [_Row(*row) for row in cursor.fetchall()]


def _read(rows: list[_Row], now: datetime) -> ReadResult:
    dedicated = dedicated_addresses()
    known = set(Account.objects.values_list("pk", flat=True))
    entries: list[Entry] = []
    marks: list[tuple[UUID, str, Report, str]] = []
    for row in rows:
        report, state, sorted_ = _sort(row, dedicated, known)
        marks.append((row.id, state, report, sorted_.why))
        entries += [Entry(event, row.id, row.received_at) for event in sorted_.events]
    events = record_events(entries, now)
    _mark(marks, now)
    lanes = Counter(state for _, state, _, _ in marks)
    return ReadResult(
        read=len(rows),
        events=events,
        recorded=lanes["recorded"],
        unidentified=lanes["unidentified"],
        unverified=lanes["unverified"],
        unreadable=lanes["unreadable"],
        ignored=lanes["ignored"],
        replies=lanes["reply"],
    )


def _sort(row: _Row, dedicated: dict[str, int], known: set[int]) -> tuple[Report, str, Sorted]:
    if row.envelope_to.lower().rpartition("@")[2] == settings.CASE_DOMAIN:
        return Report(kind=Kind.OTHER, format="mail"), InboundReport.State.REPLY, Sorted(Lane.IGNORED, "")
    try:
        raw = vault.decrypt(row.raw)
    except vault.CannotDecrypt as error:
        report = Report(kind=Kind.UNREADABLE, format="", error=str(error))
    else:
        report = read_report(raw)
    found = sort(
        report,
        envelope_to=row.envelope_to,
        keys=vault.reference_keys(),
        digest_key=vault.digest_key(),
        dedicated=dedicated,
    )
    if any(event.account_id not in known for event in found.events):
        found = Sorted(Lane.UNIDENTIFIED, "a valid reference of an account that does not exist here")
    return report, found.lane.value, found


def _mark(marks: list[tuple[UUID, str, Report, str]], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fbl_inboundreport r SET state = m.state, kind = m.kind, format = m.format, reporter = m.reporter,"
            " reason = m.reason, read_at = %s"
            " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " AS m (id, state, kind, format, reporter, reason) WHERE r.id = m.id",
            [
                now,
                [report_id for report_id, _, _, _ in marks],
                [state for _, state, _, _ in marks],
                [report.kind.value for _, _, report, _ in marks],
                [report.format[:32] for _, _, report, _ in marks],
                [_reporter(report) for _, _, report, _ in marks],
                [why.replace("\x00", "")[:255] for _, _, _, why in marks],
            ],
        )


def _reporter(report: Report) -> str:
    """Return the domain the report came from. A whole address may be a person's."""
    return report.reporter.rpartition("@")[2].replace("\x00", "").strip("<> ").lower()[:255]


def _figures(result: ReadResult) -> tuple[int, ...]:
    return (
        result.read,
        result.events,
        result.recorded,
        result.unidentified,
        result.unverified,
        result.unreadable,
        result.ignored,
        result.replies,
    )
