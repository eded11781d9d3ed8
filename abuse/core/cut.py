"""The smallest effective cut: which campaigns must stop so that the rest of the account is under the limits.

A proposal for a person. The rule itself stops the account: whoever sends a bad list can name the next campaign anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from abuse.core.policy import Policy

MOST_CAMPAIGNS = 3  # to pause: more is no cut but a way of sending
LEAST_REST = 0.2  # of the mail: what remains must be worth keeping
SUREST_REST = 1000  # delivered messages: below, a low rate of the rest says little


class Measure(StrEnum):
    """What is proposed."""

    NOTHING = "nothing"  # the account is under the limits as it is
    HOLD = "hold"  # pause these campaigns
    SUSPEND = "suspend"  # nothing smaller does


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one campaign over the period."""

    campaign: str  # empty: mail without a campaign
    delivered: int
    reporting: int  # delivered to providers with a feedback loop
    complaints: int
    bounces: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The least measure, and what it leaves."""

    measure: Measure
    campaigns: tuple[str, ...]  # to pause, the worst first
    rest: Part  # all that goes on, as one
    share: float  # of the delivered mail that stops
    complaints_share: float  # of the complaints that came from these campaigns
    bounces_share: float

    @property
    def complaint_rate(self) -> float | None:
        """Of the rest; None when nothing of it could be complained about."""
        return self.rest.complaints / self.rest.reporting if self.rest.reporting else None

    @property
    def bounce_rate(self) -> float | None:
        return self.rest.bounces / self.rest.delivered if self.rest.delivered else None


def least_cut(parts: Iterable[Part], policy: Policy) -> Cut:
    """Return the fewest campaigns whose pause brings the rest under both limits, the worst first.

    Campaigns are tried in the order of their excess over the limits. Mail without a campaign can't be paused apart.
    """
    parts = list(parts)
    if _is_under(_together(parts), policy):
        return _cut(Measure.NOTHING, [], parts)
    worst = sorted(
        (part for part in parts if part.campaign and _excess(part, policy) > 0),
        key=lambda part: (-_excess(part, policy), part.campaign),
    )
    for number in range(1, min(len(worst), MOST_CAMPAIGNS) + 1):
        paused = worst[:number]
        rest = _together([part for part in parts if part not in paused])
        if _is_under(rest, policy):
            return _cut(Measure.HOLD, paused, parts) if _is_worth(rest, parts) else _cut(Measure.SUSPEND, [], parts)
    return _cut(Measure.SUSPEND, [], parts)


def _excess(part: Part, policy: Policy) -> float:
    """Return how far a campaign is above the limits, in hard bounces; a complaint weighs as the limits compare."""
    weight = policy.bounces_limit / policy.complaints_limit
    return (
        max(0.0, part.bounces - policy.bounces_limit * part.delivered)
        + max(0.0, part.complaints - policy.complaints_limit * part.reporting) * weight
    )


def _is_under(rest: Part, policy: Policy) -> bool:
    return (
        rest.complaints <= policy.complaints_limit * rest.reporting
        and rest.bounces <= policy.bounces_limit * rest.delivered
    )


def _is_worth(rest: Part, parts: Sequence[Part]) -> bool:
    return rest.delivered >= max(SUREST_REST, LEAST_REST * sum(part.delivered for part in parts))


def _together(parts: Iterable[Part]) -> Part:
    parts = list(parts)
    return Part(
        campaign="",
        delivered=sum(part.delivered for part in parts),
        reporting=sum(part.reporting for part in parts),
        complaints=sum(part.complaints for part in parts),
        bounces=sum(part.bounces for part in parts),
    )


def _cut(measure: Measure, paused: Sequence[Part], parts: Sequence[Part]) -> Cut:
    whole, stopped = _together(parts), _together(paused)
    if measure is Measure.SUSPEND:
        stopped = whole
    rest = _together(part for part in parts if measure is not Measure.SUSPEND and part not in paused)
    return Cut(
        measure=measure,
        campaigns=tuple(part.campaign for part in paused),
        rest=rest,
        share=_share(stopped.delivered, whole.delivered),
        complaints_share=_share(stopped.complaints, whole.complaints),
        bounces_share=_share(stopped.bounces, whole.bounces),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
