"""Judge the accounts of one reseller together: a spammer spread over many small ones is seen in the sum.

The group must be bad *without its two worst members*, and only members whose own figures point the same way are
taken along.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest

from abuse.core.cells import DayCell, History, Lifetime
from abuse.core.counted import CountedDay, counted_days
from abuse.core.decision import decide
from abuse.core.policy import Policy
from abuse.core.verdict import State, Verdict


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """What the rule says of a reseller's accounts together, and which of them show the pattern themselves."""

    verdict: Verdict
    left_out: tuple[str, ...]
    taken: tuple[str, ...]  # to be suspended with the group; empty unless the group is


def decide_group(
    members: Mapping[str, History], policy: Policy, *, now_hour: int, reporting_providers: Collection[str]
) -> GroupVerdict:
    """Apply the rule to the sum of *members* without the worst ones so far."""
    days = {name: counted_days(history, policy, now_hour, reporting_providers) for name, history in members.items()}
    excesses = {name: excess(member_days, policy) for name, member_days in days.items()}
    left_out = worst(excesses, policy)
    pooled = together(history for name, history in members.items() if name not in left_out)
    verdict = decide(pooled, policy, now_hour=now_hour, reporting_providers=reporting_providers)
    taken = [name for name in members if shows_the_pattern(days[name], policy)]
    return GroupVerdict(verdict, left_out, tuple(taken) if verdict.state is State.SUSPEND else ())


def excess(days: Iterable[CountedDay], policy: Policy) -> float:
    """Return how far an account is above the limits, in hard bounces; a complaint weighs as the limits compare."""
    weight = policy.bounces_limit / policy.complaints_limit
    return sum(
        day.bounces
        - policy.bounces_limit * day.delivered
        + weight * (day.complaints - policy.complaints_limit * day.reporting)
        for day in days
    )


def worst(excesses: Mapping[str, float], policy: Policy) -> tuple[str, ...]:
    """Return the members to leave out, worst first; equals in the order of their names."""
    return tuple(nlargest(policy.reseller_left_out, sorted(excesses), key=lambda name: excesses[name]))


def shows_the_pattern(days: Iterable[CountedDay], policy: Policy) -> bool:
    """Whether an account's own plain rates are above a limit, with at least a few events."""
    complaints = reporting = bounces = delivered = 0
    for day in days:
        complaints += day.complaints
        reporting += day.reporting
        bounces += day.bounces
        delivered += day.delivered
    by_complaints = complaints >= policy.reseller_own_complaints and complaints > policy.complaints_limit * reporting
    by_bounces = bounces >= policy.reseller_own_bounces and bounces > policy.bounces_limit * delivered
    return by_complaints or by_bounces


def together(members: Iterable[History]) -> History:
    """Return the sum of *members*, each without the mail sent up to its own reinstatement.

    The largest day of a sum is not known from the members' largest days; their sum can only make `surge` rarer.
    """
    days: dict[int, DayCell] = {}
    send_days = largest = 0
    for history in members:
        send_days = max(send_days, history.lifetime.send_days_before_yesterday)
        largest += history.lifetime.largest_day_before_yesterday
        for day, cell in history.days.items():
            if history.reinstated_day is None or day > history.reinstated_day:
                add(days.setdefault(day, DayCell()), cell, 1)
    return History(days, Lifetime(send_days, largest))


def add(total: DayCell, cell: DayCell, sign: int) -> None:
    """Add *cell* to *total*, or take it away again with *sign* −1."""
    total.delivered += sign * cell.delivered
    total.hour_sum += sign * cell.hour_sum
    total.hard_bounces += sign * cell.hard_bounces
    total.dark += sign * cell.dark
    total.excused += sign * cell.excused
    for name, (delivered, complaints) in cell.providers.items():
        pair = total.at(name)
        pair[0] += sign * delivered
        pair[1] += sign * complaints
