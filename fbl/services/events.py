"""Write events and move the counters: COPY into a temporary table, then ON CONFLICT, in the caller's transaction.

The counters are always what a recount of the counted events and the added volumes would give: a counter moves
only for an event row that this very statement inserted, or that `complainers.settle` lets count or no longer count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from courrielleur import vault
from fbl.core.events import Event
from fbl.services.complainers import settle
from fbl.services.ledger import lock_accounts, touch, unnamed

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Entry:
    """An event with the report it was read from; none when a log told it."""

    event: Event
    report_id: UUID | None
    arrived_at: datetime


def record_events(entries: Sequence[Entry], now: datetime) -> int:
    """Write the events not seen before, move the counters, suppress, touch. Return how many were new."""
    if not entries:
        return 0
    accounts = lock_accounts(entry.event.account_id for entry in entries)
    with connection.cursor() as cursor:
        cursor.execute(_CREATE_ENTRIES)
        with cursor.copy(_COPY_ENTRIES) as copy:
            for position, entry in enumerate(entries):
                copy.write_row(_entry_row(position, entry))
        cursor.execute(_ARRIVED_EARLIER)
        unsettled = {(account_id, bytes(digest)) for account_id, digest in cursor.fetchall()}
        cursor.execute(_INSERT_EVENTS)
        cursor.execute("SELECT count(*) FROM new_events")
        new: int = cursor.fetchone()[0]
        if new:
            cursor.execute(_COUNT_EVENTS)
            cursor.execute(_SUPPRESS)
            cursor.execute(_UNSETTLED)
            unsettled |= {(account_id, bytes(digest)) for account_id, digest in cursor.fetchall()}
        cursor.execute("DROP TABLE entries, new_events")
        settle(unsettled)
        if new or unsettled:
            touch(accounts, now)
    return new


def _entry_row(position: int, entry: Entry) -> tuple[object, ...]:
    event = entry.event
    return (
        position,
        event.account_id,
        EPOCH + timedelta(days=event.send_day),
        event.digest,
        event.kind.value,
        event.bounce_class.value if event.bounce_class else "",
        event.reason[:32],
        event.campaign,
        unnamed(event.campaign),
        event.provider,
        event.recipient_digest,
        vault.encrypt_text(event.address) if event.address else None,
        event.send_hour,
        entry.arrived_at,
        event.method,
        event.confidence.value,
        event.may_count,
        event.status[:12],
        entry.report_id,
        event.suppresses,
        event.mta_category,
    )


_CREATE_ENTRIES = """
    CREATE TEMPORARY TABLE entries (
        position int, account_id bigint, send_day date, digest bytea, kind text, bounce_class text, reason text,
        campaign_digest bytea, campaign text, provider text, recipient_digest bytea, recipient bytea, send_hour int,
        arrived_at timestamptz, method text, confidence text, may_count boolean, status text, report_id uuid,
        suppresses boolean, mta_category text
    )
"""

_COPY_ENTRIES = "COPY entries FROM STDIN"

# The same complaint, reported twice and read in the other order: the first report is the one that arrived first.
_ARRIVED_EARLIER = """
    UPDATE fbl_feedbackevent f SET arrived_at = e.arrived_at, report_id = e.report_id
    FROM (
        SELECT DISTINCT ON (account_id, send_day, digest) * FROM entries
        WHERE may_count AND kind IN ('complaint', 'not_spam')
        ORDER BY account_id, send_day, digest, arrived_at, position
    ) AS e
    WHERE f.account_id = e.account_id AND f.send_day = e.send_day AND f.digest = e.digest
        AND f.arrived_at > e.arrived_at AND f.recipient_digest IS NOT NULL
    RETURNING f.account_id, f.recipient_digest
"""

# A complaint counts when it may, and when it is all that its recipient ever said; of the others `settle` decides. The
# digest alone joins what was inserted to what was judged: account and hour of sending are part of it, and offered the
# account as well the planner compares each row of an account with all the others.
_INSERT_EVENTS = """
    CREATE TEMPORARY TABLE new_events AS
    WITH named AS (
        SELECT DISTINCT ON (e.account_id, e.send_day, e.digest) e.*, coalesce(c.name, e.campaign) AS campaign_name
        FROM entries e
        LEFT JOIN fbl_campaignname c ON c.account_id = e.account_id AND c.digest = e.campaign_digest
        ORDER BY e.account_id, e.send_day, e.digest, e.arrived_at, e.position
    ), fresh AS (
        SELECT n.* FROM named n
        WHERE NOT EXISTS (
            SELECT FROM fbl_feedbackevent f
            WHERE f.account_id = n.account_id AND f.send_day = n.send_day AND f.digest = n.digest
        )
    ), judged AS (
        SELECT fresh.*,
            may_count AND (kind <> 'complaint' OR recipient_digest IS NULL OR (
                count(*) FILTER (WHERE may_count AND kind IN ('complaint', 'not_spam')) OVER (
                    PARTITION BY account_id, recipient_digest) = 1
                AND NOT EXISTS (
                    SELECT FROM fbl_feedbackevent f
                    WHERE f.account_id = fresh.account_id AND f.recipient_digest = fresh.recipient_digest
                        AND f.kind IN ('complaint', 'not_spam') AND f.may_count
                )
            )) AS counts
        FROM fresh
    ), inserted AS (
        INSERT INTO fbl_feedbackevent (
            account_id, send_day, digest, kind, bounce_class, reason, campaign, provider, recipient_digest, recipient,
            send_hour, arrived_at, method, confidence, may_count, is_counted, status, report_id,
            mta_category)
        SELECT account_id, send_day, digest, kind, bounce_class, reason, campaign_name, provider, recipient_digest,
            recipient, send_hour, arrived_at, method, confidence, may_count, counts, status, report_id, mta_category
        FROM judged
        ON CONFLICT DO NOTHING
        RETURNING *
    )
    SELECT inserted.*, judged.suppresses
    FROM inserted JOIN judged ON judged.digest = inserted.digest
"""

_COUNT_EVENTS = """
    INSERT INTO fbl_hourlycount AS h (
        account_id, send_hour, provider, campaign, delivered,
        complaints, hard_bounces, soft_bounces, block_bounces, unsubscribes)
    SELECT account_id, send_hour, provider, campaign, 0,
        count(*) FILTER (WHERE kind = 'complaint'),
        count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'hard'),
        count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'soft'),
        count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'block'),
        count(*) FILTER (WHERE kind = 'unsubscribe')
    FROM new_events
    WHERE is_counted
    GROUP BY account_id, send_hour, provider, campaign
    ON CONFLICT (account_id, send_hour, provider, campaign) DO UPDATE SET
        complaints = h.complaints + excluded.complaints,
        hard_bounces = h.hard_bounces + excluded.hard_bounces,
        soft_bounces = h.soft_bounces + excluded.soft_bounces,
        block_bounces = h.block_bounces + excluded.block_bounces,
        unsubscribes = h.unsubscribes + excluded.unsubscribes
"""

# Whoever said more than one thing, now or before.
_UNSETTLED = """
    SELECT DISTINCT account_id, recipient_digest FROM new_events
    WHERE may_count AND recipient_digest IS NOT NULL
        AND (kind = 'not_spam' OR (kind = 'complaint' AND NOT is_counted))
"""

# What may count may also suppress: a second complaint of a recipient counts no more, and suppresses all the same.
_SUPPRESS = """
    INSERT INTO fbl_suppression (account_id, recipient_digest, reason, recipient, tag, campaign, since)
    SELECT DISTINCT ON (account_id, recipient_digest, reason) account_id, recipient_digest, reason, recipient,
        CASE reason WHEN 'complaint' THEN 'pourriel' ELSE '' END, campaign, arrived_at
    FROM (
        SELECT account_id, recipient_digest, recipient, campaign, arrived_at,
            CASE WHEN kind = 'bounce' THEN 'hard_bounce' ELSE kind END AS reason
        FROM new_events
        WHERE may_count AND suppresses AND recipient_digest IS NOT NULL
            AND (kind IN ('complaint', 'unsubscribe') OR (kind = 'bounce' AND bounce_class = 'hard'))
    ) AS suppressing
    ORDER BY account_id, recipient_digest, reason, arrived_at
    ON CONFLICT DO NOTHING
"""
