"""The send days of an account that count, as they look at the hour of a decision."""

from collections.abc import Collection
from typing import NamedTuple

from abuse.core.cells import HOURS_PER_DAY, DayCell, History
from abuse.core.policy import Policy


class CountedDay(NamedTuple):
    """One send day that counts."""

    day: int
    delivered: int
    bounces: int
    complaints: int  # after the cap per provider
    exposure: float  # delivered messages whose complaints must have arrived by now
    reporting: int
    raw_complaints: int
    without_feed: int
    dark: int
    providers: list[tuple[str, int, float]]  # (name, capped complaints, exposure)


def first_counted_day(today: int, reinstated_day: int | None, policy: Policy) -> int:
    """Return the oldest day that can count: in the window, and after the latest reinstatement."""
    first = today - policy.window_kept + 1
    return first if reinstated_day is None else max(first, reinstated_day + 1)


def counted_days(
    history: History, policy: Policy, now_hour: int, reporting_providers: Collection[str]
) -> list[CountedDay]:
    """Return the days with delivered mail that count, oldest first."""
    today = now_hour // HOURS_PER_DAY
    first = first_counted_day(today, history.reinstated_day, policy)
    return [
        counted_day(day, history.days[day], policy, now_hour, reporting_providers)
        for day in sorted(history.days)
        if first <= day <= today and history.days[day].delivered > 0
    ]


def counted_day(
    day: int, cell: DayCell, policy: Policy, now_hour: int, reporting_providers: Collection[str]
) -> CountedDay:
    """Return one day with delivered mail: complaints capped per provider, mail weighed by its maturity."""
    mature = policy.maturity.at(now_hour - cell.hour_sum / cell.delivered + 1)
    allowance = policy.complaints_provider_day_allowance
    providers = []
    complaints = raw_complaints = reporting = without_feed = 0
    for name, (delivered, raw) in cell.providers.items():
        if name not in reporting_providers:
            without_feed += raw
            continue
        # The cap is never below its allowance: most days need no more than this.
        capped = raw if raw <= allowance else min(raw, policy.cap(delivered))
        providers.append((name, capped, delivered * mature))
        complaints += capped
        raw_complaints += raw
        reporting += delivered
    exposed = cell.delivered if policy.complaints_denominator == "all" else reporting
    return CountedDay(
        day,
        cell.delivered,
        cell.hard_bounces,
        complaints,
        exposed * mature,
        reporting,
        raw_complaints,
        without_feed,
        cell.dark,
        providers,
    )
