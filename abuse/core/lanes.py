"""The conditions of the rule: what the counted days prove, and which lanes it leads to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from abuse.core.cells import History
from abuse.core.counted import CountedDay
from abuse.core.evidence import Excursion, cumulated, excursion, wilson_floor
from abuse.core.guard import dissenting_providers, is_one_provider_only
from abuse.core.policy import Policy
from abuse.core.verdict import Basis, Reason, State


@dataclass(frozen=True, slots=True)
class Complainers:
    """Who complained, when it is known: the door to sabotage with addresses that were added for it."""

    distinct: int
    fresh: int  # added to the list less than `sabotage.fresh_days` days ago

    def are_mostly_fresh(self, policy: Policy) -> bool:
        return self.fresh > policy.sabotage_fresh_share * self.distinct


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a verdict looks at, computed once."""

    policy: Policy
    days: Sequence[CountedDay]
    on_probation: bool
    evidence: float
    rest: float
    complaints: Excursion
    bounces: Excursion
    joint: Excursion
    dissenting: tuple[str, ...]  # providers whose readers contradict
    is_one_provider_only: bool  # without the provider that complains most, complaints prove next to nothing
    are_complainers_fresh: bool
    is_new: bool
    is_known: bool  # has mailed us often enough to speak for itself, and is not on probation
    is_surge: bool
    recent: list[CountedDay]
    last_two: list[CountedDay]

    @property
    def trusts_complaints(self) -> bool:
        """Whether complaints may stop an account: no provider contradicts, and the complainers are no newcomers."""
        return not self.dissenting and not self.are_complainers_fresh

    @property
    def stands_without_worst(self) -> bool:
        """Whether the complaints are more than one provider's, or bounces confirm them."""
        return not self.is_one_provider_only or self.bounces.score > self.policy.suspend_both

    @property
    def points_both_ways_up(self) -> bool:
        """Whether complaints and bounces confirm each other."""
        both = self.policy.suspend_both
        return self.complaints.score > both and self.bounces.score > both

    @property
    def bounce_evidence(self) -> float:
        """What bounces, alone or with complaints, have to reach: a little more of an account that is well known."""
        return self.evidence + (self.policy.known_surcharge if self.is_known else 0.0)

    @property
    def both_evidence(self) -> float:
        """What complaints and bounces that confirm each other have to reach together."""
        return self.bounce_evidence - self.policy.suspend_both_credit

    @property
    def new_evidence(self) -> float:
        """What the bounces of a newcomer have to reach without persisting."""
        return self.evidence + self.policy.new_surcharge

    def outcome(self) -> tuple[State, list[Reason]]:
        """Return the state with the reasons that hold."""
        if reasons := list(self._suspend_reasons()):
            return State.SUSPEND, reasons
        if reasons := list(self._hold_reasons()):
            return State.HOLD, reasons
        if self._largest() >= self.policy.watch_evidence:
            return State.WATCH, []
        return State.OK, []

    def basis(self, state: State, reasons: Sequence[Reason]) -> Basis:
        """Return the score that decided: the first reason's, the largest one, or complaints when none did."""
        if reasons and reasons[0] in BASIS_OF_REASON:
            return BASIS_OF_REASON[reasons[0]]
        if state is State.OK:
            return Basis.COMPLAINTS
        return max(SCORED, key=lambda basis: self.excursion_of(basis).score)

    def excursion_of(self, basis: Basis) -> Excursion:
        """Return the excursion of a score."""
        return {Basis.BOUNCES: self.bounces, Basis.JOINT: self.joint}.get(basis, self.complaints)

    def needed_evidence(self, reasons: Sequence[Reason]) -> float:
        """Return what the score that decided had to reach."""
        first = reasons[0] if reasons else None
        if first is Reason.COMPLAINTS_AND_BOUNCES:
            return self.both_evidence if self.points_both_ways_up else self.bounce_evidence
        if first is Reason.BOUNCES_CONSTANT:
            return self.bounce_evidence if self._bounces_persist() else self.new_evidence
        return self.evidence

    def _suspend_reasons(self) -> Iterable[Reason]:
        policy = self.policy
        both = self.points_both_ways_up
        trusted = self.trusts_complaints and self.stands_without_worst
        persists = self.complaints.rest >= self.rest or both
        if trusted and self.complaints.score >= self.evidence and persists and self._is_still_above():
            yield Reason.COMPLAINTS_CONSTANT
        if (self.bounces.score >= self.bounce_evidence and self._bounces_persist()) or (
            self.bounces.score >= self.new_evidence and self.is_new
        ):
            yield Reason.BOUNCES_CONSTANT
        persists = self.joint.rest >= self.rest or self.is_surge
        if trusted and (
            (self.joint.score >= self.bounce_evidence and persists) or (self.joint.score >= self.both_evidence and both)
        ):
            yield Reason.COMPLAINTS_AND_BOUNCES
        if self._bounces_surely_above(policy.burst_bounces, policy.burst_multiple * policy.bounces_limit):
            yield Reason.BOUNCE_BURST
        if self.is_surge and self._is_blow_out():
            yield Reason.BLOW_OUT

    def _hold_reasons(self) -> Iterable[Reason]:
        policy = self.policy
        if self._largest() >= self.evidence:
            if self.dissenting or not self.stands_without_worst:
                yield Reason.ONE_PROVIDER_ONLY
            elif self.are_complainers_fresh:
                yield Reason.FRESH_COMPLAINERS
            else:
                yield Reason.EVIDENCE_WITHOUT_PERSISTENCE
        if self._bounces_surely_above(policy.hold_bounces, policy.bounces_limit):
            yield Reason.BOUNCES_TODAY
        complaints = sum(day.complaints for day in self.last_two)
        exposure = sum(day.exposure for day in self.last_two)
        if (
            complaints >= policy.hold_complaints
            and wilson_floor(complaints, max(exposure, complaints), policy.burst_z) > policy.complaints_limit
        ):
            yield Reason.COMPLAINTS_TODAY

    def _bounces_persist(self) -> bool:
        return self.bounces.rest >= self.rest or self.is_surge or self.points_both_ways_up

    def _largest(self) -> float:
        return max(self.complaints.score, self.bounces.score, self.joint.score)

    def _is_still_above(self) -> bool:
        """Whether the mature rate of the recent send days is above the limit: not an old story."""
        complaints = sum(day.complaints for day in self.recent)
        return complaints > self.policy.complaints_limit * sum(day.exposure for day in self.recent)

    def _bounces_surely_above(self, fewest: int, rate: float) -> bool:
        bounces = sum(day.bounces for day in self.last_two)
        delivered = sum(day.delivered for day in self.last_two)
        return bounces >= fewest and wilson_floor(bounces, delivered, self.policy.burst_z) > rate

    def _is_blow_out(self) -> bool:
        """Whether a sudden volume does harm today: the mark of a stolen account."""
        policy = self.policy
        if sum(day.bounces + day.complaints for day in self.last_two) < policy.blow_out_events:
            return False
        bounces = cumulated([policy.bounces.poisson(day.bounces, day.delivered) for day in self.last_two])
        complaints = cumulated([policy.complaints.poisson(day.complaints, day.exposure) for day in self.last_two])
        trusted = complaints if self.trusts_complaints else 0.0
        return bounces >= policy.blow_out_bounce_evidence and bounces + trusted >= policy.blow_out_evidence


def weigh(
    days: Sequence[CountedDay],
    history: History,
    policy: Policy,
    *,
    today: int,
    on_probation: bool = False,
    complainers: Complainers | None = None,
) -> Findings:
    """Return what *days*, the counted days of *history*, prove today."""
    by_complaints = [policy.complaints.of(day.complaints, day.exposure) for day in days]
    by_bounces = [policy.bounces.of(day.bounces, day.delivered) for day in days]
    complaints, bounces = excursion(by_complaints), excursion(by_bounces)
    joint = excursion([c + b for c, b in zip(by_complaints, by_bounces, strict=True)])
    evidence = policy.probation_evidence if on_probation else policy.suspend_evidence
    return Findings(
        policy=policy,
        days=days,
        on_probation=on_probation,
        evidence=evidence,
        rest=policy.probation_rest if on_probation else policy.suspend_rest,
        complaints=complaints,
        bounces=bounces,
        joint=joint,
        dissenting=dissenting_providers(days[min(complaints.start, joint.start) :], policy),
        # Only asked where complaints could stop: it takes a score for each provider.
        is_one_provider_only=(
            max(complaints.score, joint.score) >= evidence - policy.suspend_both_credit
            and is_one_provider_only(days, policy)
        ),
        are_complainers_fresh=complainers is not None and complainers.are_mostly_fresh(policy),
        is_new=history.lifetime.send_days_before_yesterday < policy.new_send_days,
        is_known=not on_probation and history.lifetime.send_days_before_yesterday >= policy.known_send_days,
        is_surge=_is_surge(history, policy, today),
        recent=[day for day in days if day.day > today - policy.complaints_recent_days],
        last_two=[day for day in days if day.day >= today - 1],
    )


SCORED = (Basis.COMPLAINTS, Basis.BOUNCES, Basis.JOINT)

# Strong evidence without a lane rests on whichever score is the largest, so it is not in here.
BASIS_OF_REASON = {
    Reason.COMPLAINTS_CONSTANT: Basis.COMPLAINTS,
    Reason.BOUNCES_CONSTANT: Basis.BOUNCES,
    Reason.COMPLAINTS_AND_BOUNCES: Basis.JOINT,
    Reason.BOUNCE_BURST: Basis.TWO_DAYS,
    Reason.BLOW_OUT: Basis.TWO_DAYS,
    Reason.BOUNCES_TODAY: Basis.BOUNCES,
    Reason.COMPLAINTS_TODAY: Basis.COMPLAINTS,
}


def _is_surge(history: History, policy: Policy, today: int) -> bool:
    """Whether today and yesterday together dwarf every day before; a reinstatement changes nothing here."""
    largest = history.lifetime.largest_day_before_yesterday
    delivered = sum(history.days[day].delivered for day in (today - 1, today) if day in history.days)
    return largest > 0 and delivered >= policy.surge_minimum and delivered > policy.surge_growth * largest
