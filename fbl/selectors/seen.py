"""What was seen of accounts, in the order it was seen: the past as the rule could have read it, hour by hour.

Delivered mail is counted by its hour of sending; when its count came is not kept, so it is told at its hour of
sending. Complaints and hard bounces are told in the hour they arrived; of what was brought in later, as the mail of
weeks at a move is, in the hour it was written (SEEN_AT).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

CHUNK = 5_000  # rows held at a time

# When event `e` was seen, `r` being its report (for an event that a log told, none). A report that came more than a day
# after its own date did not travel so long: it was brought in with others, and its arrival says nothing of complainers.
# A date before the sending is nobody's; then the arrival is all we know.
SEEN_AT = """
    CASE WHEN r.reported_at < e.arrived_at - interval '1 day' AND r.reported_at >= to_timestamp(e.send_hour * 3600.0)
        THEN r.reported_at ELSE e.arrived_at END
"""


class SeenRow(NamedTuple):
    """Delivered mail, complaints or hard bounces of one hour; hours are counted from 1970-01-01 00:00 UTC."""

    seen_hour: int
    kind: str  # sent, complaint, hard_bounce: as in an event file
    account_id: int
    provider: str
    send_hour: int
    number: int  # of them


@dataclass(frozen=True)
class Undated:
    """What the counters hold and no event dates: nobody can say when it was seen."""

    complaints: int = 0
    hard_bounces: int = 0


def seen_rows(account_ids: Sequence[int], first_hour: int, last_hour: int) -> Iterator[SeenRow]:
    """Yield what was sent from *first_hour* on and seen until *last_hour*, by the hour it was seen."""
    accounts = list(account_ids)
    until = datetime.fromtimestamp((last_hour + 1) * 3600, UTC)
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SEEN, [accounts, first_hour, last_hour, accounts, first_hour, last_hour, first_hour, until])
        while rows := cursor.fetchmany(CHUNK):
            yield from map(SeenRow._make, rows)


def seen_sizes(first_hour: int, last_hour: int, account_ids: Sequence[int] | None = None) -> list[tuple[int, int]]:
    """Return the accounts that sent in these hours, with about how many rows `seen_rows` has of each."""
    accounts = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, count(*) + sum(complaints) + sum(hard_bounces) FROM fbl_hourlycount"
            " WHERE send_hour BETWEEN %s AND %s AND (%s::bigint[] IS NULL OR account_id = ANY(%s))"
            " GROUP BY 1 HAVING sum(delivered) > 0 ORDER BY 1",
            [first_hour, last_hour, accounts, accounts],
        )
        return [(account_id, int(rows)) for account_id, rows in cursor.fetchall()]


def undated(account_ids: Sequence[int], first_hour: int, last_hour: int) -> Undated:
    """Return how many counted complaints and hard bounces about mail of these hours have no event left."""
    accounts = list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_UNDATED, [accounts, first_hour, last_hour, accounts, first_hour, last_hour, first_hour])
        complaints, bounces = cursor.fetchone()
    return Undated(max(0, complaints), max(0, bounces))


def delivered_between(account_id: int, first_hour: int, last_hour: int) -> int:
    """Return the mail that an account sent from *first_hour* to before *last_hour*."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(greatest(sum(delivered), 0), 0)::bigint FROM fbl_hourlycount"
            " WHERE account_id = %s AND send_hour >= %s AND send_hour < %s",
            [account_id, first_hour, last_hour],
        )
        return int(cursor.fetchone()[0])


_SEEN = f"""
    SELECT send_hour AS seen, 'sent', account_id, provider, send_hour, sum(delivered)::bigint
    FROM fbl_hourlycount WHERE account_id = ANY(%s) AND send_hour BETWEEN %s AND %s
    GROUP BY account_id, send_hour, provider HAVING sum(delivered) > 0
    UNION ALL
    SELECT greatest(send_hour, floor(extract(epoch FROM seen_at) / 3600)::int),
        CASE kind WHEN 'complaint' THEN 'complaint' ELSE 'hard_bounce' END, account_id, provider, send_hour, count(*)
    FROM (
        SELECT e.*, {SEEN_AT} AS seen_at FROM fbl_feedbackevent e LEFT JOIN fbl_inboundreport r ON r.id = e.report_id
        WHERE e.account_id = ANY(%s) AND e.send_hour BETWEEN %s AND %s AND e.is_counted
            AND e.send_day >= (timestamp '1970-01-01' + %s * interval '1 hour')::date
            AND (e.kind = 'complaint' OR (e.kind = 'bounce' AND e.bounce_class = 'hard'))
    ) AS dated
    WHERE seen_at < %s
    GROUP BY 1, 2, account_id, provider, send_hour
    ORDER BY 1, 3
"""  # noqa: S608 - what is put in is SEEN_AT, an expression of ours

_UNDATED = """
    WITH counted AS (
        SELECT coalesce(sum(complaints), 0) AS complaints, coalesce(sum(hard_bounces), 0) AS bounces
        FROM fbl_hourlycount WHERE account_id = ANY(%s) AND send_hour BETWEEN %s AND %s
    ), dated AS (
        SELECT count(*) FILTER (WHERE kind = 'complaint') AS complaints,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'hard') AS bounces
        FROM fbl_feedbackevent WHERE account_id = ANY(%s) AND send_hour BETWEEN %s AND %s AND is_counted
            AND send_day >= (timestamp '1970-01-01' + %s * interval '1 hour')::date
    )
    SELECT counted.complaints - dated.complaints, counted.bounces - dated.bounces FROM counted, dated
"""
