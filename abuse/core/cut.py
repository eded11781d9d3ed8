"""The smallest effective cut: which campaigns, list or stream must stop so that the rest is under the limits.

A proposal for a person. The rule itself stops the account: whoever sends a bad list can name the next campaign anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from abuse.core.policy import Policy
from abuse.core.policy_layers import Stream

MOST_CAMPAIGNS = 3  # to pause: more is no cut but a way of sending
LEAST_REST = 0.2  # of the mail: what remains must be worth keeping
SUREST_REST = 1000  # delivered messages: below, a low rate of the rest says little
MOST_ORIGINS = 3  # lists, and streams, that are named


class Measure(StrEnum):
    """What is proposed."""

    NOTHING = "nothing"  # the account is under the limits as it is
    HOLD = "hold"  # pause these campaigns
    SUSPEND = "suspend"  # nothing smaller does


class Unit(StrEnum):
    """What an excess is attributed to. Of equal cuts the first is named: a list explains its campaigns."""

    LIST = "list"  # or an import
    CAMPAIGN = "campaign"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one campaign over the period."""

    campaign: str  # empty: mail without a campaign
    delivered: int
    reporting: int  # delivered to providers with a feedback loop
    complaints: int
    bounces: int
    list_key: str = ""  # whom it went to; empty: nobody told us
    stream: str = ""  # marketing or transactional; empty: nobody told us


@dataclass(frozen=True, slots=True)
class Cut:
    """The least measure, and what it leaves."""

    measure: Measure
    unit: Unit
    name: str  # of the list or the stream; empty: the campaigns are chosen one by one
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


@dataclass(frozen=True, slots=True)
class Origin:
    """A list or a stream above the limits: its shares of the mail, the complaints and the hard bounces."""

    unit: Unit
    name: str
    share: float
    complaints_share: float
    bounces_share: float


def least_cut(parts: Iterable[Part], policy: Policy, *, keeps_transactional: bool = False) -> Cut:
    """Return what must be paused, and no more, so that the rest is under both limits.

    Campaigns are tried in the order of their excess, then each list and each stream as a whole; the cut that stops the
    least mail is the one. Mail without a campaign can't be paused apart. *keeps_transactional*: the policy lets
    receipts and passwords live on, however few they are.
    """
    parts = list(parts)
    if _is_under(_together(parts), policy):
        return _cut(Measure.NOTHING, [], parts)
    found = [
        (_together(paused).delivered, order, _cut(Measure.HOLD, paused, parts, unit, name))
        for order, unit in enumerate(Unit)
        for name, paused in _candidates(unit, parts, policy)
        if _suffices(paused, parts, policy, keeps_transactional=keeps_transactional)
    ]
    return min(found, key=lambda one: one[:2])[2] if found else _cut(Measure.SUSPEND, [], parts)


def origins(parts: Iterable[Part], policy: Policy) -> list[Origin]:
    """Return the lists and the streams that are above the limits by themselves, the worst first."""
    parts = list(parts)
    found = []
    for unit in (Unit.LIST, Unit.STREAM):
        groups = [(_excess(_together(group), policy), name, group) for name, group in _groups(unit, parts)]
        groups.sort(key=lambda one: (-one[0], one[1]))
        found += [
            Origin(unit, name, *_shares(group, parts))
            for excess, name, group in groups[:MOST_ORIGINS]
            if excess and (unit is Unit.LIST or len(group) < len(parts))  # "all of it is marketing" explains nothing
        ]
    return found


def _candidates(unit: Unit, parts: Sequence[Part], policy: Policy) -> Iterator[tuple[str, list[Part]]]:
    """Yield what could be paused together, the worst campaign of it first."""
    if unit is not Unit.CAMPAIGN:
        yield from ((name, _worst_first(group, policy)) for name, group in _groups(unit, parts))
        return
    worst = _worst_first([one for one in parts if one.campaign and _excess(one, policy) > 0], policy)
    for number in range(1, min(len(worst), MOST_CAMPAIGNS) + 1):
        yield "", worst[:number]


def _groups(unit: Unit, parts: Sequence[Part]) -> Iterator[tuple[str, list[Part]]]:
    def name_of(one: Part) -> str:
        return one.list_key if unit is Unit.LIST else one.stream

    for name in sorted({name_of(one) for one in parts if one.campaign} - {""}):
        yield name, [one for one in parts if one.campaign and name_of(one) == name]


def _worst_first(parts: Iterable[Part], policy: Policy) -> list[Part]:
    return sorted(parts, key=lambda one: (-_excess(one, policy), one.campaign))


def _suffices(paused: Sequence[Part], parts: Sequence[Part], policy: Policy, *, keeps_transactional: bool) -> bool:
    rest = _without(paused, parts)
    if not rest.delivered or not _is_under(rest, policy):
        return False
    if _is_worth(rest, parts):
        return True
    return keeps_transactional and all(one.stream == Stream.TRANSACTIONAL for one in set(parts) - set(paused))


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


def _without(some: Iterable[Part], parts: Iterable[Part]) -> Part:
    whole, these = _together(parts), _together(some)
    return Part(
        campaign="",
        delivered=whole.delivered - these.delivered,
        reporting=whole.reporting - these.reporting,
        complaints=whole.complaints - these.complaints,
        bounces=whole.bounces - these.bounces,
    )


def _cut(
    measure: Measure, paused: Sequence[Part], parts: Sequence[Part], unit: Unit = Unit.CAMPAIGN, name: str = ""
) -> Cut:
    stopped = parts if measure is Measure.SUSPEND else paused
    return Cut(
        measure,
        unit,
        name,
        tuple(part.campaign for part in paused),
        _without(stopped, parts),
        *_shares(stopped, parts),
    )


def _shares(some: Iterable[Part], parts: Iterable[Part]) -> tuple[float, float, float]:
    """Return which shares of the delivered mail, the complaints and the hard bounces *some* of the parts have."""
    these, whole = _together(some), _together(parts)
    return (
        _share(these.delivered, whole.delivered),
        _share(these.complaints, whole.complaints),
        _share(these.bounces, whole.bounces),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
