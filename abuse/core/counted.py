"""The send days of an account that count, as they look at the hour of a decision."""

from collections.abc import Collection
from typing import NamedTuple

from abuse.core.cells import HOURS_PER_DAY, History
from abuse.core.policy import Policy


class CountedDay(NamedTuple):
    """One send day that counts, as it looks at the hour of the decision."""

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


def counted_days(
    history: History, policy: Policy, now_hour: int, reporting_providers: Collection[str]
) -> list[CountedDay]:
    """Return the days that count, oldest first: delivered mail, in the window, after the latest reinstatement."""
    today = now_hour // HOURS_PER_DAY
    after = today - policy.window_kept
    if history.reinstated_day is not None:
        after = max(after, history.reinstated_day)
    maturity, cap = policy.maturity.at, policy.cap
    counts_all = policy.complaints_denominator == "all"
    days = []
    for number in sorted(day for day in history.days if after < day <= today):
        cell = history.days[number]
        if cell.delivered <= 0:
            continue
        mature = maturity(now_hour - cell.hour_sum / cell.delivered + 1)
        providers = []
        complaints = raw_complaints = reporting = without_feed = 0
        for name, (delivered, raw) in cell.providers.items():
            if name in reporting_providers:
                most = cap(delivered) if raw else 0
                capped = raw if raw < most else most
                providers.append((name, capped, delivered * mature))
                complaints += capped
                raw_complaints += raw
                reporting += delivered
            else:
                without_feed += raw
        exposure = (cell.delivered if counts_all else reporting) * mature
        days.append(
            CountedDay(
                number,
                cell.delivered,
                cell.hard_bounces,
                complaints,
                exposure,
                reporting,
                raw_complaints,
                without_feed,
                cell.dark,
                providers,
            )
        )
    return days
