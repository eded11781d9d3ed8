"""Settle which complaints of a recipient count, and move the counters by the difference."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db import connection

from fbl.core.complainers import Said, counting
from fbl.core.report import Kind

Complainer = tuple[int, bytes]  # account, recipient's digest


def settle(complainers: Collection[Complainer]) -> None:
    """Let those complaints of each count that do, whatever counted before. The caller holds the accounts' locks."""
    if not complainers:
        return
    said: dict[Complainer, list[Said]] = defaultdict(list)
    days: dict[bytes, tuple[date, bool]] = {}  # of each event: its send day, and whether it counts now
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [[one[0] for one in complainers], [one[1] for one in complainers]])
        for account_id, recipient, day, digest, kind, campaign, at, is_counted in cursor.fetchall():
            said[account_id, bytes(recipient)].append(Said(bytes(digest), Kind(kind), campaign, at))
            if kind == Kind.COMPLAINT:
                days[bytes(digest)] = (day, is_counted)
        changed: list[tuple[int, date, bytes]] = []
        for (account_id, _recipient), told in sorted(said.items()):
            counted = counting(told)
            complaints = [one.id for one in told if one.kind is Kind.COMPLAINT]
            changed += [(account_id, days[one][0], one) for one in complaints if days[one][1] != (one in counted)]
        if changed:
            cursor.execute(_CHANGE, [[one[column] for one in changed] for column in range(3)])


_SAID = """
    SELECT f.account_id, f.recipient_digest, f.send_day, f.digest, f.kind, f.campaign, f.arrived_at, f.is_counted
    FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bytea[])) AS k (account_id, recipient_digest)
    JOIN fbl_feedbackevent f USING (account_id, recipient_digest)
    WHERE f.may_count AND f.kind IN ('complaint', 'not_spam')
"""

_CHANGE = """
    WITH changed AS (
        UPDATE fbl_feedbackevent f SET is_counted = NOT f.is_counted
        FROM unnest(%s::bigint[], %s::date[], %s::bytea[]) AS k (account_id, send_day, digest)
        WHERE f.account_id = k.account_id AND f.send_day = k.send_day AND f.digest = k.digest
        RETURNING f.account_id, f.send_hour, f.provider, f.campaign, f.is_counted
    )
    INSERT INTO fbl_hourlycount AS h (account_id, send_hour, provider, campaign, delivered,
        complaints, hard_bounces, soft_bounces, block_bounces, unsubscribes)
    SELECT account_id, send_hour, provider, campaign, 0,
        count(*) FILTER (WHERE is_counted) - count(*) FILTER (WHERE NOT is_counted), 0, 0, 0, 0
    FROM changed GROUP BY account_id, send_hour, provider, campaign
    ORDER BY account_id, send_hour, provider, campaign
    ON CONFLICT (account_id, send_hour, provider, campaign) DO UPDATE SET
        complaints = h.complaints + excluded.complaints
"""
