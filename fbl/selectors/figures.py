"""What the counters and events say; rows turned into values."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

from fbl.core.providers import reporting_keys
from fbl.models import FeedbackEvent

HISTORY_DAYS = 61  # what the decision rule looks back on: 60 send days and today
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class HourRow:
    """Counters of one hour of sending and one provider; complaints are distinct complainers."""

    send_hour: int
    provider: str
    delivered: int
    complaints: int
    hard_bounces: int


@dataclass(frozen=True)
class AccountHistory:
    """What the decision rule needs of one account."""

    rows: tuple[HourRow, ...] = ()
    send_days_before_yesterday: int = 0  # over the whole life
    largest_day_before_yesterday: int = 0  # delivered; over the whole life


@dataclass(frozen=True)
class DailyFigures:
    """One UTC day of sending. `reporting` is what went to providers that tell of complaints."""

    day: date
    delivered: int = 0
    reporting: int = 0
    complaints: int = 0
    hard_bounces: int = 0
    soft_bounces: int = 0
    block_bounces: int = 0
    unsubscribes: int = 0


@dataclass(frozen=True)
class DayEvents:
    """What scores of one send day and provider."""

    complaints: int
    hard_bounces: int


def hour_of(at: datetime) -> int:
    """Return hours since 1970-01-01 00:00 UTC."""
    return int(at.timestamp() // 3600)


def at_hour(hour: int) -> datetime:
    """Return the moment an hour since 1970 begins."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def day_of(hour: int) -> date:
    """Return the UTC day of an hour since 1970."""
    return datetime.fromtimestamp(hour * 3600, UTC).date()


def histories(account_ids: Sequence[int], now: datetime, *, days: int = HISTORY_DAYS) -> dict[int, AccountHistory]:
    """Return the last *days* of each account, in two queries whatever their number."""
    now_hour = hour_of(now)
    today = now_hour // 24
    rows: dict[int, list[HourRow]] = defaultdict(list)
    life: dict[int, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, send_hour, provider, greatest(sum(delivered), 0)::bigint, sum(complaints)::int,"
            " sum(hard_bounces)::int FROM fbl_hourlycount"
            " WHERE account_id = ANY(%s) AND send_hour >= %s AND send_hour <= %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            [list(account_ids), (today - days) * 24, now_hour + 1],
        )
        for account_id, *figures in cursor.fetchall():
            rows[account_id].append(HourRow(*figures))
        cursor.execute(
            "SELECT account_id, count(*)::int, max(delivered)::bigint FROM ("
            " SELECT account_id, send_hour / 24 AS day, sum(delivered) AS delivered FROM fbl_hourlycount"
            " WHERE account_id = ANY(%s) AND send_hour < %s GROUP BY 1, 2 HAVING sum(delivered) > 0"
            ") AS days GROUP BY account_id",
            [list(account_ids), (today - 1) * 24],
        )
        for account_id, days, largest in cursor.fetchall():
            life[account_id] = (days, largest)
    return {
        account_id: AccountHistory(tuple(rows[account_id]), *life.get(account_id, (0, 0))) for account_id in account_ids
    }


def daily_figures(account_ids: Sequence[int] | None, first_day: date, last_day: date) -> list[DailyFigures]:
    """Return one entry for each day, empty days too. *account_ids* None: of the whole platform."""
    first, last = hours_of_days(first_day, last_day)
    found: dict[date, DailyFigures] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT send_hour / 24, greatest(sum(delivered), 0)::bigint,"
            " greatest(coalesce(sum(delivered) FILTER (WHERE provider = ANY(%s)), 0), 0)::bigint,"
            " coalesce(sum(complaints) FILTER (WHERE provider = ANY(%s)), 0)::int, sum(hard_bounces)::int,"
            " sum(soft_bounces)::int, sum(block_bounces)::int, sum(unsubscribes)::int FROM fbl_hourlycount"
            " WHERE (%s::bigint[] IS NULL OR account_id = ANY(%s)) AND send_hour >= %s AND send_hour < %s GROUP BY 1",
            [*[list(reporting_keys())] * 2, *[None if account_ids is None else list(account_ids)] * 2, first, last],
        )
        for day_number, *figures in cursor.fetchall():
            day = day_of(day_number * 24)
            found[day] = DailyFigures(day, *figures)
    days = [date.fromordinal(number) for number in range(first_day.toordinal(), last_day.toordinal() + 1)]
    return [found.get(day, DailyFigures(day)) for day in days]


def totals(account_ids: Sequence[int], first_day: date, last_day: date) -> dict[int, DailyFigures]:
    """Return the sums of each account over the days; `day` is the last one."""
    first, last = hours_of_days(first_day, last_day)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, greatest(sum(delivered), 0)::bigint,"
            " greatest(coalesce(sum(delivered) FILTER (WHERE provider = ANY(%s)), 0), 0)::bigint,"
            " coalesce(sum(complaints) FILTER (WHERE provider = ANY(%s)), 0)::int, sum(hard_bounces)::int,"
            " sum(soft_bounces)::int, sum(block_bounces)::int, sum(unsubscribes)::int FROM fbl_hourlycount"
            " WHERE account_id = ANY(%s) AND send_hour >= %s AND send_hour < %s GROUP BY 1",
            [*[list(reporting_keys())] * 2, list(account_ids), first, last],
        )
        return {account_id: DailyFigures(last_day, *figures) for account_id, *figures in cursor.fetchall()}


def active_accounts(since: datetime) -> list[int]:
    """Return the accounts with delivered mail sent since then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT account_id FROM fbl_hourlycount WHERE send_hour >= %s", [hour_of(since)])
        return [row[0] for row in cursor.fetchall()]


def recipient_digests_of(
    account_id: int, kind: str, first_day: date, last_day: date, *, bounce_class: str = ""
) -> list[tuple[bytes, int]]:
    """Return (recipient digest, send hour) of the account's events that may count in a case, by send day."""
    events = FeedbackEvent.objects.filter(
        account_id=account_id,
        kind=kind,
        send_day__range=(first_day, last_day),
        is_counted=True,
        recipient_digest__isnull=False,
    )
    if bounce_class:
        events = events.filter(bounce_class=bounce_class)
    rows = events.values_list("recipient_digest", "send_hour")
    return [(bytes(digest), hour) for digest, hour in rows if digest is not None and hour is not None]


def complaints_set_aside(account_id: int, first_day: date, last_day: date, seen_until: datetime) -> dict[str, int]:
    """Return how many complaints, seen until then, count nothing about mail of these days, by why.

    `duplicates`: of a recipient who had complained before. `undated`: of an unknown send hour. `late`: about mail
    sent before *first_day*, and arrived since.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE send_day BETWEEN %s AND %s AND NOT is_counted AND confidence <> 'weak'),"
            " count(*) FILTER (WHERE send_day = %s AND arrived_at >= %s),"
            " count(*) FILTER (WHERE send_day > %s AND send_day < %s AND arrived_at >= %s AND is_counted)"
            " FROM fbl_feedbackevent WHERE account_id = %s AND kind = 'complaint' AND arrived_at <= %s",
            [first_day, last_day, EPOCH, first_day, EPOCH, first_day, first_day, account_id, seen_until],
        )
        return dict(zip(("duplicates", "undated", "late"), cursor.fetchone(), strict=True))


def scored_until(
    account_id: int,
    first_day: int,
    last_day: int,
    seen_until: datetime,
    *,
    excused: Sequence[tuple[str, int]] = (),
) -> dict[tuple[int, str], DayEvents]:
    """Return what scores of these send days (since 1970), by day and provider, from reports that had come by then.

    As they are read today: a report read again tells what it tells now. Hard bounces of *excused* (provider, hour)
    pairs are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT send_hour / 24, provider, count(*) FILTER (WHERE kind = 'complaint'),"
            " count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'hard' AND NOT EXISTS ("
            "  SELECT FROM unnest(%s::text[], %s::int[]) AS e (name, hour)"
            "  WHERE e.name = provider AND e.hour = send_hour))"
            " FROM fbl_feedbackevent WHERE account_id = %s AND is_counted AND arrived_at <= %s"
            " AND send_day BETWEEN %s AND %s GROUP BY 1, 2",
            [
                [name for name, _ in excused],
                [hour for _, hour in excused],
                account_id,
                seen_until,
                day_of(first_day * 24),
                day_of(last_day * 24),
            ],
        )
        return {(day, provider): DayEvents(*figures) for day, provider, *figures in cursor.fetchall()}


def recent_events(account_id: int, limit: int = 50) -> list[FeedbackEvent]:
    """Return the newest events. Trap hits are left out: even their time would help to find the trap."""
    return list(
        FeedbackEvent.objects.filter(account_id=account_id).exclude(kind="trap").order_by("-arrived_at")[:limit]
    )


def hours_of_days(first_day: date, last_day: date) -> tuple[int, int]:
    """Return the first hour of these days, and the first after them."""
    return (first_day - EPOCH).days * 24, ((last_day - EPOCH).days + 1) * 24
