"""Read stored reports: parse, identify, record, count, and put each into its lane; one transaction a batch."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from courrielleur import vault
from courrielleur.accounts.models import Account
from courrielleur.accounts.selectors import dedicated_addresses, shared_addresses
from fbl.core.authenticity import FeedRule, Outcome, Why, Witness, default_validity, feed_of, is_replay
from fbl.core.events import Event
from fbl.core.letterhead import NO_LETTERHEAD, Letterhead, read_letterhead
from fbl.core.registry import read_report
from fbl.core.report import Kind, Report
from fbl.core.sorting import Arrived, House, Lane, Sorted, sort
from fbl.core.told import Endpoint, sort_told
from fbl.models import InboundReport
from fbl.services import doors, endpoints, feeds, sightings
from fbl.services.events import Entry, record_events

logger = logging.getLogger(__name__)

BATCH = 500

# Asks whether the feed signed these bytes. It reaches out to DNS, so it is handed in by whoever may.
Verify = Callable[[bytes, FeedRule], Witness]


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


@dataclass(frozen=True)
class Row:
    """A stored report, as it waits."""

    id: UUID
    raw: bytes
    envelope_to: str
    received_at: datetime
    witness: str


@dataclass(frozen=True)
class Reading:
    """A report after reading: what it says, its lane, and from which feed it claims to come."""

    row: Row
    report: Report
    sorted: Sorted
    state: str
    letterhead: Letterhead = NO_LETTERHEAD
    feed: FeedRule | None = None
    witness: str = ""
    account_id: int | None = None  # whom it names: one account, however many recipients

    @property
    def reporter(self) -> str:
        """The domain the report came from. A whole address may be a person's."""
        return self.report.reporter.rpartition("@")[2].replace("\x00", "").strip("<> ").lower()[:255]

    @property
    def entries(self) -> list[Entry]:
        return [Entry(event, self.row.id, self.row.received_at) for event in self.sorted.events]


@dataclass(frozen=True)
class Reader:
    """Everything that reading needs besides the report, asked for once a batch."""

    house: House
    feeds: tuple[FeedRule, ...]
    accounts: frozenset[int]
    endpoints: Mapping[str, Endpoint]
    verify: Verify | None

    @classmethod
    def now(cls, verify: Verify | None) -> "Reader":
        validity = default_validity()
        if settings.RETURN_PATH_DAYS:
            validity = replace(validity, return_path=settings.RETURN_PATH_DAYS * 24)
        return cls(
            house=House(
                keys=vault.reference_keys(),
                digest_key=vault.digest_key(),
                dedicated=dedicated_addresses(),
                shared=shared_addresses(),
                validity=validity,
            ),
            feeds=feeds.rules(),
            accounts=frozenset(Account.objects.values_list("pk", flat=True)),
            endpoints=endpoints.known(),
            verify=verify,
        )

    def read(self, row: Row, *, is_accepted: bool = False) -> Reading:
        if row.envelope_to.lower().rpartition("@")[2] == settings.CASE_DOMAIN:
            return Reading(row, Report(kind=Kind.OTHER, format="mail"), Sorted(Lane.IGNORED, ""), "reply")
        try:
            raw = vault.decrypt(row.raw)
        except vault.CannotDecrypt as error:
            report = Report(kind=Kind.UNREADABLE, error=str(error))
            return Reading(row, report, sort(report, Arrived(), self.house), Lane.UNREADABLE.value)
        report = read_report(raw)
        if (endpoint := self.endpoints.get(row.witness)) is not None:
            return self._of_provider(row, report, endpoint, is_accepted=is_accepted)
        letterhead = read_letterhead(raw) if self.feeds else NO_LETTERHEAD
        feed = feed_of(letterhead.sender, row.envelope_to, self.feeds)
        witness = _remembered(row.witness, feed)
        if feed is not None and feed.is_trap and report.kind is Kind.COMPLAINT:
            report = replace(report, kind=Kind.TRAP)
        arrived = Arrived(row.envelope_to, int(row.received_at.timestamp() // 3600), feed, witness, is_accepted)
        found = sort(report, arrived, self.house)
        if found.awaits_witness and feed is not None and self.verify is not None:
            witness = self.verify(raw, feed)
            found = sort(report, replace(arrived, witness=witness), self.house)
        if any(event.account_id not in self.accounts for event in found.events):
            found = Sorted(Lane.UNIDENTIFIED, Why.NO_SUCH_ACCOUNT)
        told = f"{witness.by} {witness.domain}"[:300] if witness and witness.domain else ""
        account_id = found.events[0].account_id if found.events else None
        return Reading(row, report, found, found.lane.value, letterhead, feed, told, account_id)

    def _of_provider(self, row: Row, report: Report, endpoint: Endpoint, *, is_accepted: bool) -> Reading:
        """Read an event of an e-mail provider, which signed the request it came in."""
        hour = int(row.received_at.timestamp() // 3600)
        found = sort_told(report, endpoint, self.house, hour=hour, is_accepted=is_accepted)
        if any(event.account_id not in self.accounts for event in found.events):
            found = Sorted(Lane.UNIDENTIFIED, Why.NO_SUCH_ACCOUNT)
        account_id = found.events[0].account_id if found.events else None
        return Reading(row, report, found, found.lane.value, witness=row.witness, account_id=account_id)


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
    """Return stored reports, oldest first, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, raw, envelope_to, received_at, witness FROM fbl_inboundreport"
            " WHERE state = 'stored' ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [limit],
        )
        return [Row(*row) for row in cursor.fetchall()]


def _read(rows: list[Row], now: datetime, verify: Verify | None) -> ReadResult:
    reader = Reader.now(verify)
    readings = put_replays_aside([reader.read(row) for row in rows], reader.house)
    events = record_events([entry for reading in readings for entry in reading.entries], now)
    mark(readings, now)
    feeds.count([(one.feed.id, one.row.received_at, one.letterhead.date, one.state) for one in readings if one.feed])
    doors.count_reports([row.id for row in rows])
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
    """Return the readings, those whose event was told long ago, or by another feed, in the unverified lane."""
    counting: list[tuple[Reading, Event]] = [
        (one, event)
        for one in readings
        for event in one.sorted.events
        if event.may_count and event.kind is not Kind.BOUNCE  # a bounce ages out at its return path
    ]
    first = sightings.of([event for _, event in counting], except_of=[one.row.id for one in readings])
    replayed: set[UUID] = set()
    for reading, event in counting:
        here = sightings.here(reading.reporter, reading.row.received_at)
        known = first.setdefault(event.digest, here)
        if is_replay(known, here, house.validity):
            replayed.add(reading.row.id)
    aside = Sorted(Lane.UNVERIFIED, Why.REPLAYED)
    return [replace(one, sorted=aside, state=aside.lane.value) if one.row.id in replayed else one for one in readings]


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


def _remembered(witness: str, feed: FeedRule | None) -> Witness | None:
    """Return who vouched for a report when it was read before: keys in DNS are withdrawn, the testimony stays."""
    by, _space, domain = witness.partition(" ")
    return Witness(Outcome.VERIFIED, domain, by) if feed and domain in feed.signers else None
