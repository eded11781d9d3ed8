"""What the desk and the client both see of an account: standing, both rates, both charts. One source for both."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from abuse import selectors as abuse
from abuse.core.policy import Policy
from abuse.selectors.policies import policy_for
from abuse.selectors.policies_in_force import in_force
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from courrielleur.portal import periods, words
from courrielleur.portal.charts import Chart, Mark, Point, rate_chart
from courrielleur.portal.figures import Rates, rates
from fbl import selectors as fbl
from fbl.selectors import DailyFigures


@dataclass(frozen=True)
class Charts:
    complaints: Chart
    bounces: Chart
    week: Rates
    month: Rates


@dataclass(frozen=True)
class AccountLine:
    """One row of a list of accounts."""

    account: Account
    level: str
    standing: abuse.StandingView
    month: Rates
    coverage: Any = None  # how far its consent records reach, once measured and where a list shows it


def charts_of(days: Sequence[DailyFigures], policy: Policy, marks: Sequence[Mark] = ()) -> Charts:
    """Draw the days that were fetched, with the limits of *policy*; the sums are of the latest 7 and 30 of them."""
    return Charts(
        complaints=rate_chart(
            [Point(day.day, day.complaints, day.reporting) for day in days], limit=policy.complaints_limit, marks=marks
        ),
        bounces=rate_chart(
            [Point(day.day, day.hard_bounces, day.delivered) for day in days], limit=policy.bounces_limit, marks=marks
        ),
        week=rates(days[-periods.WEEK :], policy),
        month=rates(days[-periods.MONTH :], policy),
    )


def charts_for(account: Account, now: datetime, marks: Sequence[Mark] = ()) -> Charts:
    first, last = periods.last_days(periods.CHART, now)
    return charts_of(fbl.daily_figures([account.pk], first, last), policy_for(account), marks)


def lines(accounts: Iterable[Account], now: datetime) -> list[AccountLine]:
    """Return rows in the order given, in a fixed number of queries."""
    rows = list(accounts)
    first, last = periods.last_days(periods.MONTH, now)
    sums = fbl.totals([account.pk for account in rows], first, last)
    standings = abuse.standings_for(rows)
    policies = in_force(rows)
    return [
        AccountLine(
            account=account,
            level=shown_level(standings[account.pk]),
            standing=standings[account.pk],
            month=rates([sums[account.pk]] if account.pk in sums else [], policies.of(account)),
        )
        for account in rows
    ]


def find(actor: Actor, *, search: str = "", level: str = "") -> QuerySet[Account]:
    """Return the actor's accounts, worst first, narrowed to words of their name or key and to a level."""
    found = abuse.worst_first(actor)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(key__icontains=search) | Q(reseller__name__icontains=search))
    if level == "ok":  # an account that was never judged has no standing yet
        found = found.filter(Q(standing=None) | Q(standing__level="ok"))
    elif level:
        found = found.filter(standing__level=level)
    return found


def level_counts(actor: Actor) -> dict[str, int]:
    """Return how many of the actor's accounts stand at each level, the worst first; levels without one are left out."""
    counts = Counter(level or "ok" for level in abuse.worst_first(actor).values_list("standing__level", flat=True))
    return {level: counts[level] for level in words.LEVELS if counts[level]}


def shown_level(standing: abuse.StandingView) -> str:
    """Return the level to show: too little mail to judge is a state of its own, never "in good standing"."""
    if standing.level == "ok" and not (standing.assessment and standing.assessment.figures.get("enough_data")):
        return "no_data"
    return standing.level
