"""Read reports once more, after a fix of ours or a person's word, and correct events, counters and suppressions.

What the report said before is taken back, as if it had never been read so; what it says now is recorded. Reports a
person has decided about stay as they are.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from fbl.models import InboundReport
from fbl.services import deliveries, feeds
from fbl.services.complainers import settle
from fbl.services.events import Entry, record_events
from fbl.services.ledger import lock_accounts, touch
from fbl.services.reading import Reader, Reading, Row, Verify
from fbl.services.reports import ReadResult, mark, portions, put_replays_aside, result_of

logger = logging.getLogger(__name__)

EPOCH = date(1970, 1, 1)
BATCH = 500
ASK_AGAIN_FOR = timedelta(days=3)  # a feed's DNS that does not answer for longer is a matter for a person

Key = tuple[int, date, bytes]  # account, send day, digest: what names an event


@dataclass(frozen=True)
class Before:
    """What a report was before it is read again."""

    state: str
    feed_id: int | None
    reported_at: datetime | None
    account_id: int | None


@dataclass(frozen=True)
class Plan:
    """What reading again will change; nothing is written yet. Holds the locks on its reports."""

    readings: list[Reading]
    before: dict[UUID, Before]

    @property
    def accounts(self) -> set[int]:
        named = {one.account_id for one in self.readings} | {one.account_id for one in self.before.values()}
        return {account_id for account_id in named if account_id is not None}


def ids_to_reread(lane: str = "", since: datetime | None = None) -> list[UUID]:
    """Return the reports whose bytes are still here, oldest first; of one lane, arrived since then."""
    found = InboundReport.objects.filter(raw__isnull=False, state__in=_REREADABLE, decision=None)
    if lane:
        found = found.filter(state=lane)
    if since:
        found = found.filter(received_at__gte=since)
    return list(found.order_by("received_at", "pk").values_list("pk", flat=True))


def ids_without_answer(now: datetime, limit: int = BATCH) -> list[UUID]:
    """Return the reports whose feed's DNS did not answer when they were read."""
    waiting = InboundReport.objects.filter(
        state=InboundReport.State.UNVERIFIED, reason="try_later", received_at__gte=now - ASK_AGAIN_FOR
    )
    return list(waiting.order_by("read_at").values_list("pk", flat=True)[:limit])


def plan(report_ids: Sequence[UUID], verify: Verify | None = None) -> Plan:
    """Read the reports again, in the caller's transaction; those another worker has are left to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, raw, envelope_to, received_at, witness, state, feed_id, reported_at, account_id"
            " FROM fbl_inboundreport r WHERE id = ANY(%s) AND raw IS NOT NULL AND state = ANY(%s)"
            " AND NOT EXISTS (SELECT FROM fbl_lanedecision d WHERE d.report_id = r.id)"
            " ORDER BY received_at, id FOR UPDATE SKIP LOCKED",
            [list(report_ids), list(_REREADABLE)],
        )
        found = cursor.fetchall()
    reader = Reader.now(verify)
    readings = put_replays_aside([reader.read(Row(*row[:5])) for row in found], reader.house)
    return Plan(readings, {row[0]: Before(*row[5:]) for row in found})


def apply(planned: Plan, now: datetime) -> ReadResult:
    """Write the plan: take back, record, correct. In the caller's transaction."""
    entries = [entry for reading in planned.readings for entry in reading.entries]
    accounts = lock_accounts(planned.accounts)
    replace_events(list(planned.before), accounts, entries, now)
    mark(planned.readings, now)
    feeds.count(
        [
            (before.feed_id, one.row.received_at, before.reported_at, before.state)
            for one in planned.readings
            if (before := planned.before[one.row.id]).feed_id
        ],
        sign=-1,
    )
    feeds.count(
        [(one.feed.id, one.row.received_at, one.letterhead.date, one.state) for one in planned.readings if one.feed]
    )
    feeds.hear(
        [
            (one.feed.id, one.row.received_at)
            for one in planned.readings
            if one.feed and one.is_news and planned.before[one.row.id].state != InboundReport.State.RECORDED
        ]
    )
    return result_of(planned.readings, len(entries))


def reread(report_ids: Sequence[UUID], now: datetime, verify: Verify | None = None) -> ReadResult:
    """Read these reports again, in batches of one transaction each."""
    total = ReadResult()
    for start in range(0, len(report_ids), BATCH):
        sizes = InboundReport.objects.filter(pk__in=report_ids[start : start + BATCH]).values_list("pk", "size")
        for portion in portions(sizes.order_by("received_at", "pk")):
            total += _reread(portion, now, verify)
    return total


def _reread(report_ids: Sequence[UUID], now: datetime, verify: Verify | None) -> ReadResult:
    try:
        with transaction.atomic():
            return apply(plan(report_ids, verify), now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(report_ids) == 1:
            # It stays as it was read before; the others must not wait for our fix.
            logger.error("report %s can't be read again: %s", report_ids[0], type(error).__name__)
            return ReadResult()
    return sum((_reread([report_id], now, verify) for report_id in report_ids), ReadResult())


def replace_events(report_ids: Sequence[UUID], accounts: Sequence[int], entries: Sequence[Entry], now: datetime) -> int:
    """Let these reports tell *entries*, whatever they told before. Return how many events were taken back."""
    kept = {_key(entry): entry.event.provider for entry in entries}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, send_day, digest, provider FROM fbl_feedbackevent"
            " WHERE account_id = ANY(%s) AND report_id = ANY(%s)",
            [list(accounts), list(report_ids)],
        )
        old: dict[Key, str] = {(row[0], row[1], bytes(row[2])): row[3] for row in cursor.fetchall()}
        gone = sorted(key for key, provider in old.items() if kept.get(key) != provider)
        if gone:
            cursor.execute(_TAKE_BACK, [[key[0] for key in gone], [key[1] for key in gone], [key[2] for key in gone]])
            cursor.execute(_UNCOUNT)
    record_events([entry for entry in entries if old.get(_key(entry)) != entry.event.provider], now)
    messages = deliveries.told_by_mail(entries)
    if gone:
        with connection.cursor() as cursor:
            messages |= deliveries.no_longer_told(cursor)
            cursor.execute(_FREED)
            settle([(account_id, bytes(digest)) for account_id, digest in cursor.fetchall()])
            cursor.execute(_UNSUPPRESS)
            cursor.execute("DROP TABLE taken_back")
        touch(accounts, now)
    deliveries.settle(messages, now)
    return len(gone)


def _key(entry: Entry) -> Key:
    return (entry.event.account_id, EPOCH + timedelta(days=entry.event.send_day), entry.event.digest)


_REREADABLE = ("recorded", "unidentified", "unverified", "unreadable", "ignored")

_TAKE_BACK = """
    CREATE TEMPORARY TABLE taken_back AS
    WITH gone AS (
        DELETE FROM fbl_feedbackevent f
        USING unnest(%s::bigint[], %s::date[], %s::bytea[]) AS k (account_id, send_day, digest)
        WHERE f.account_id = k.account_id AND f.send_day = k.send_day AND f.digest = k.digest
        RETURNING f.*
    )
    SELECT * FROM gone
"""

_UNCOUNT = """
    UPDATE fbl_hourlycount h SET
        complaints = h.complaints - g.complaints,
        hard_bounces = h.hard_bounces - g.hard_bounces,
        soft_bounces = h.soft_bounces - g.soft_bounces,
        block_bounces = h.block_bounces - g.block_bounces,
        unsubscribes = h.unsubscribes - g.unsubscribes
    FROM (
        SELECT account_id, send_hour, provider, campaign,
            count(*) FILTER (WHERE kind = 'complaint') AS complaints,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'hard') AS hard_bounces,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'soft') AS soft_bounces,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'block') AS block_bounces,
            count(*) FILTER (WHERE kind = 'unsubscribe') AS unsubscribes
        FROM taken_back WHERE is_counted
        GROUP BY account_id, send_hour, provider, campaign
    ) AS g
    WHERE h.account_id = g.account_id AND h.send_hour = g.send_hour AND h.provider = g.provider
        AND h.campaign = g.campaign
"""

# Whose complaint or "not spam" was taken back: another complaint of theirs may count now.
_FREED = """
    SELECT DISTINCT account_id, recipient_digest FROM taken_back
    WHERE may_count AND kind IN ('complaint', 'not_spam') AND recipient_digest IS NOT NULL
"""

# A suppression ends with the last event that asked for it. Those of our own unsubscribe page have no event, and stay.
_UNSUPPRESS = """
    DELETE FROM fbl_suppression s
    USING (
        SELECT DISTINCT account_id, recipient_digest, kind,
            CASE kind WHEN 'bounce' THEN 'hard_bounce' ELSE kind END AS reason
        FROM taken_back
        WHERE kind = 'complaint' OR (kind = 'bounce' AND bounce_class = 'hard')
    ) AS g
    WHERE s.account_id = g.account_id AND s.recipient_digest = g.recipient_digest AND s.reason = g.reason
        AND NOT EXISTS (
            SELECT FROM fbl_feedbackevent f
            WHERE f.account_id = g.account_id AND f.recipient_digest = g.recipient_digest AND f.kind = g.kind
                AND (f.kind <> 'bounce' OR f.bounce_class = 'hard') AND f.may_count)
"""
