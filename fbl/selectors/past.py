"""What a platform's past says of its senders: campaigns, send days and delays, all of mail old enough to be mature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection

from fbl.core.providers import reporting_keys
from fbl.selectors.figures import EPOCH
from fbl.selectors.seen import SEEN_AT


class CampaignPast(NamedTuple):
    """One campaign of one account; `reporting` is what went to providers that tell of complaints."""

    account_id: int
    complaints: int
    reporting: int
    hard_bounces: int
    delivered: int


class DayPast(NamedTuple):
    """One send day of one account."""

    account_id: int
    complaints: int
    reporting: int
    hard_bounces: int
    delivered: int


@dataclass(frozen=True)
class DelayPast:
    """How long complaints took from the sending to us, in hours; of one feed, or of all together.

    Of a report that was brought in later, until it was written.
    """

    feed: str  # its key; the provider's when no feed is known; empty: all
    complaints: int
    mean_log: float
    sd_log: float
    median: float
    ninetieth: float  # percentile


def campaigns(account_ids: Sequence[int], first_day: date, last_day: date) -> list[CampaignPast]:
    """Return the campaigns of these send days that reached somebody."""
    return list(map(CampaignPast._make, _sums("campaign", account_ids, first_day, last_day)))


def days(account_ids: Sequence[int], first_day: date, last_day: date) -> list[DayPast]:
    """Return the send days, by account and then by day."""
    return list(map(DayPast._make, _sums("send_hour / 24", account_ids, first_day, last_day)))


def delays(first_day: date, last_day: date) -> list[DelayPast]:
    """Return the delays of the complaints about mail of these days, all together first, then the largest feeds."""
    with connection.cursor() as cursor:
        cursor.execute(_DELAYS, [first_day, last_day])
        return [DelayPast(feed or "", count, *map(float, figures)) for feed, count, *figures in cursor.fetchall()]


def _sums(unit: str, account_ids: Sequence[int], first_day: date, last_day: date) -> list[tuple[int, ...]]:
    first, last = (first_day - EPOCH).days * 24, (last_day - EPOCH).days * 24 + 23
    with connection.cursor() as cursor:
        cursor.execute(
            # *unit* is one of our own two expressions, never somebody's words.
            "SELECT account_id, coalesce(sum(complaints) FILTER (WHERE provider = ANY(%s)), 0)::int,"  # noqa: S608
            " greatest(coalesce(sum(delivered) FILTER (WHERE provider = ANY(%s)), 0), 0)::bigint,"
            " sum(hard_bounces)::int, sum(delivered)::bigint FROM fbl_hourlycount"
            f" WHERE account_id = ANY(%s) AND send_hour BETWEEN %s AND %s GROUP BY account_id, {unit}"
            f" HAVING sum(delivered) > 0 ORDER BY account_id, {unit}",
            [*[list(reporting_keys())] * 2, list(account_ids), first, last],
        )
        return list(cursor.fetchall())


_DELAYS = f"""
    WITH taken AS (
        SELECT coalesce(f.key, e.provider) AS feed,
            greatest(0.25, extract(epoch FROM {SEEN_AT}) / 3600.0 - e.send_hour - 0.5)::float AS hours
        FROM fbl_feedbackevent e
        LEFT JOIN fbl_inboundreport r ON r.id = e.report_id LEFT JOIN fbl_feed f ON f.id = r.feed_id
        WHERE e.kind = 'complaint' AND e.is_counted AND e.send_hour IS NOT NULL AND e.send_day BETWEEN %s AND %s
    )
    SELECT feed, count(*), avg(ln(hours)), coalesce(stddev_samp(ln(hours)), 0),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY hours), percentile_cont(0.9) WITHIN GROUP (ORDER BY hours)
    FROM taken GROUP BY GROUPING SETS ((), (feed)) HAVING count(*) > 0
    ORDER BY grouping(feed) DESC, count(*) DESC LIMIT 50
"""  # noqa: S608 - what is put in is SEEN_AT, an expression of ours
