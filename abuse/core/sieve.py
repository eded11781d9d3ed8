"""Let the many quiet hours of good senders pass without a full assessment, and never a noteworthy one.

Evidence of a day nobody touched only shrinks as its mail matures, so the evidence seen last is an upper bound for
now; an excursion of upper bounds is an upper bound too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from abuse.core.cells import HOURS_PER_DAY, DayCell
from abuse.core.counted import CountedDay, counted_day, first_counted_day
from abuse.core.policy import Policy

ROUNDING = 1e-6  # what sums that are kept by adding and taking away may be off by


@dataclass(slots=True)
class Sieve:
    """What each day of one account proved when last looked at."""

    policy: Policy
    level: float  # scores from here on are noteworthy
    _seen: dict[int, tuple[float, float, CountedDay]] = field(default_factory=dict)
    # What speaks against the account in all days seen, and nothing that speaks for it: no score can be above.
    _complaints: float = 0.0
    _bounces: float = 0.0

    def look(self, day: int, cell: DayCell, now_hour: int, reporting_providers: Collection[str]) -> None:
        """Note what *day* proves now. To be called for every day whose cell changed."""
        if cell.delivered > 0:
            self.note((counted_day(day, cell, self.policy, now_hour, reporting_providers),))

    def note(self, days: Iterable[CountedDay]) -> None:
        """Note what *days* prove, from a full assessment."""
        by_complaints_of, by_bounces_of = self.policy.complaints.of, self.policy.bounces.of
        seen = self._seen
        for day in days:
            by_complaints = by_complaints_of(day.complaints, day.exposure)
            by_bounces = by_bounces_of(day.bounces, day.delivered)
            if (before := seen.get(day.day)) is not None:
                if before[0] > 0.0:
                    self._complaints -= before[0]
                if before[1] > 0.0:
                    self._bounces -= before[1]
            seen[day.day] = (by_complaints, by_bounces, day)
            if by_complaints > 0.0:
                self._complaints += by_complaints
            if by_bounces > 0.0:
                self._bounces += by_bounces

    def clear(self) -> None:
        """Start anew, when the cells are no longer the same ones."""
        self._seen.clear()
        self._complaints = self._bounces = 0.0

    def is_noteworthy(self, now_hour: int, reinstated_day: int | None = None) -> bool:
        """Whether `decide` could say more than ok (for *level* at the watch line). False is certain, True is not."""
        today = now_hour // HOURS_PER_DAY
        seen = self._seen
        if self._complaints + self._bounces >= self.level - ROUNDING and self._add_up(today, reinstated_day):
            return True
        return self._is_noteworthy_today([seen[day][2] for day in (today - 1, today) if day in seen])

    def _add_up(self, today: int, reinstated_day: int | None) -> bool:
        """Whether a score of the days that count could reach the level; days too old are let go."""
        first = first_counted_day(today, reinstated_day, self.policy)
        seen = self._seen
        complaints = bounces = joint = against_complaints = against_bounces = 0.0
        for day in sorted(seen):
            if day < first:
                del seen[day]
                continue
            by_complaints, by_bounces, _ = seen[day]
            if by_complaints > 0.0:
                against_complaints += by_complaints
            if by_bounces > 0.0:
                against_bounces += by_bounces
            complaints = max(0.0, complaints + by_complaints)
            bounces = max(0.0, bounces + by_bounces)
            joint = max(0.0, joint + by_complaints + by_bounces)
        self._complaints, self._bounces = against_complaints, against_bounces
        return complaints >= self.level or bounces >= self.level or joint >= self.level

    def _is_noteworthy_today(self, days: list[CountedDay]) -> bool:
        """Whether one of the two-day conditions could hold."""
        policy = self.policy
        complaints = events = 0
        for day in days:
            complaints += day.complaints
            events += day.bounces + day.complaints
        if events >= min(policy.hold_bounces, policy.burst_bounces, policy.blow_out_events):
            # An interval's floor lies below the plain rate; below the neutral rate Poisson evidence is negative.
            model = policy.bounces
            neutral = (model.unacceptable - model.acceptable) / model.weight
            quiet = min(policy.bounces_limit, neutral)
            if any(day.bounces > quiet * day.delivered for day in days):
                return True
        return complaints >= policy.hold_complaints and complaints > policy.complaints_limit * sum(
            day.exposure for day in days
        )
