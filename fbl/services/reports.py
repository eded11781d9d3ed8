"""Read stored reports: parse, identify, record, count, and put each into its lane; one transaction a batch."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from fbl.core.authenticity import Why, is_replay
from fbl.core.events import Event
from fbl.core.report import Kind
from fbl.core.sorting import House, Lane, Sorted
from fbl.models import InboundReport
from fbl.services import deliveries, doors, feeds, sightings
from fbl.services.events import record_events
from fbl.services.reading import Reader, Reading, Row, Verify, aside

logger = logging.getLogger(__name__)

BATCH = 500
BATCH_BYTES = 64 * 1024 * 1024  # of stored reports in memory at once: 500 of the longest would be gigabytes


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
        return ReadResult(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def read_stored(limit: int, now: datetime, verify: Verify | None = None) -> ReadResult:
    """Read up to *limit* stored reports, oldest first; those another worker has are left to it."""
    with transaction.atomic():
        rows = take(limit)
        return _read(rows, now, verify) if rows else ReadResult()


def purge(now: datetime) -> int:
    """Forget the bytes of reports older than RAW_REPORT_DAYS; their events and counters stay. Return how many."""
    before = now - timedelta(days=settings.RAW_REPORT_DAYS)
    old = InboundReport.objects.filter(received_at__lt=before, raw__isnull=False).exclude(
        state=InboundReport.State.STORED
    )
    return old.update(raw=None)


def take(limit: int) -> list[Row]:
    """Return stored reports, oldest first, locked until the transaction ends; one at least, and not too many bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, size FROM fbl_inboundreport"
            " WHERE state = 'stored' ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [limit],
        )
        portion = next(portions(cursor.fetchall()), [])
        cursor.execute(
            "SELECT id, raw, envelope_to, received_at, witness FROM fbl_inboundreport"
            " WHERE id = ANY(%s) ORDER BY received_at, id",
            [portion],
        )
        return [Row(*row) for row in cursor.fetchall()]


def portions(sizes: Iterable[tuple[UUID, int]]) -> Iterator[list[UUID]]:
    """Yield the reports in portions of at most BATCH, and of not much more than BATCH_BYTES, in order."""
    portion: list[UUID] = []
    held = 0
    for report_id, size in sizes:
        if portion and (held + size > BATCH_BYTES or len(portion) == BATCH):
            yield portion
            portion, held = [], 0
        portion.append(report_id)
        held += size
    if portion:
        yield portion


def _read(rows: list[Row], now: datetime, verify: Verify | None) -> ReadResult:
    reader = Reader.now(verify)
    readings = [reader.read(row) for row in rows]
    try:
        with transaction.atomic():
            return _write(readings, reader, now)
    except (OperationalError, InterfaceError):
        raise  # the database is away, or wants us to come again: the reports wait for it
    except Exception as error:
        # One of them holds what can't be written. Each alone: the others count.
        logger.error("a batch of %s reports can't be written: %s", len(readings), type(error).__name__)
    return sum((_write_alone(reading, reader, now) for reading in readings), ReadResult())


def _write_alone(reading: Reading, reader: Reader, now: datetime) -> ReadResult:
    try:
        with transaction.atomic():
            return _write([reading], reader, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        return _write([aside(reading.row, error)], reader, now)


def _write(readings: list[Reading], reader: Reader, now: datetime) -> ReadResult:
    readings = put_replays_aside(readings, reader.house)
    entries = [entry for reading in readings for entry in reading.entries]
    events = record_events(entries, now)
    deliveries.settle(deliveries.told_by_mail(entries), now)
    mark(readings, now)
    feeds.count([(one.feed.id, one.row.received_at, one.letterhead.date, one.state) for one in readings if one.feed])
    feeds.hear([(one.feed.id, one.row.received_at) for one in readings if one.feed and one.is_news])
    doors.count_reports([one.row.id for one in readings])
    return result_of(readings, events)


def result_of(readings: list[Reading], events: int) -> ReadResult:
    lanes = Counter(reading.state for reading in readings)
    return ReadResult(
        read=len(readings),
        events=events,
        recorded=lanes["recorded"],
        unidentified=lanes["unidentified"],
        unverified=lanes["unverified"],
        unreadable=lanes["unreadable"],
        ignored=lanes["ignored"],
        replies=lanes["reply"],
    )


def put_replays_aside(readings: list[Reading], house: House) -> list[Reading]:
    """Return the readings, those whose event was told long ago, or by another feed, in the unverified lane.

    Of the others, those that tell something for the first time are news.
    """
    counting: list[tuple[Reading, Event]] = [
        (one, event)
        for one in readings
        for event in one.sorted.events
        if event.may_count and event.kind is not Kind.BOUNCE  # a bounce ages out at its return path
    ]
    first = sightings.of([event for _, event in counting], except_of=[one.row.id for one in readings])
    replayed: set[UUID] = set()
    news: set[UUID] = set()
    for reading, event in counting:
        here = sightings.here(reading.reporter, reading.row.received_at)
        if event.digest not in first:
            news.add(reading.row.id)
        known = first.setdefault(event.digest, here)
        if is_replay(known, here, house.validity):
            replayed.add(reading.row.id)
    aside = Sorted(Lane.UNVERIFIED, Why.REPLAYED)
    return [
        replace(one, sorted=aside, state=aside.lane.value)
        if one.row.id in replayed
        else replace(one, is_news=True)
        if one.row.id in news
        else one
        for one in readings
    ]


def mark(readings: list[Reading], now: datetime) -> None:
    """Write what came of each report into its row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fbl_inboundreport r SET state = m.state, kind = m.kind, format = m.format, reporter = m.reporter,"
            " reason = m.reason, account_id = m.account_id, feed_id = m.feed_id, reported_at = m.reported_at,"
            " witness = m.witness, read_at = %s"
            " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],"
            " %s::bigint[], %s::timestamptz[], %s::text[])"
            " AS m (id, state, kind, format, reporter, reason, account_id, feed_id, reported_at, witness)"
            " WHERE r.id = m.id",
            [
                now,
                [one.row.id for one in readings],
                [one.state for one in readings],
                [one.report.kind.value for one in readings],
                [one.report.format[:32] for one in readings],
                [one.reporter for one in readings],
                [one.sorted.why.replace("\x00", "")[:255] for one in readings],
                [one.account_id for one in readings],
                [one.feed.id if one.feed else None for one in readings],
                [one.letterhead.date for one in readings],
                [one.witness for one in readings],
            ],
        )
