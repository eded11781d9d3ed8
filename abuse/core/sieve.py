"""Let the many quiet hours of good senders pass without a full assessment, and never a noteworthy one.

Evidence of a day nobody touched only shrinks as its mail matures, so the evidence seen last is an upper bound for
now; an excursion of upper bounds is an upper bound too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from abuse.core.cells import HOURS_PER_DAY, DayCell
from abuse.core.counted import CountedDay, counted_day, first_counted_day
from abuse.core.policy import Policy


@dataclass(slots=True)
class Sieve:
    """What each day of one account proved when last looked at."""

    policy: Policy
    level: float  # scores from here on are noteworthy
    _seen: dict[int, tuple[float, float, CountedDay]] = field(default_factory=dict)

    def look(self, day: int, cell: DayCell, now_hour: int, reporting_providers: Collection[str]) -> None:
        """Note what *day* proves now. To be called for every day whose cell changed."""
        if cell.delivered > 0:
            self.note([counted_day(day, cell, self.policy, now_hour, reporting_providers)])

    def note(self, days: Iterable[CountedDay]) -> None:
        """Note what *days* prove, from a full assessment."""
        for day in days:
            self._seen[day.day] = (
                self.policy.complaints.of(day.complaints, day.exposure),
                self.policy.bounces.of(day.bounces, day.delivered),
                day,
            )

    def clear(self) -> None:
        """Start anew, when the cells are no longer the same ones."""
        self._seen.clear()

    def is_noteworthy(self, now_hour: int, reinstated_day: int | None = None) -> bool:
        """Whether `decide` could say more than ok (for *level* at the watch line). False is certain, True is not."""
        today = now_hour // HOURS_PER_DAY
        first = first_counted_day(today, reinstated_day, self.policy)
        seen = self._seen
        complaints = bounces = joint = 0.0
        for day in sorted(seen):
            if day < first:
                del seen[day]
                continue
            by_complaints, by_bounces, _ = seen[day]
            complaints = max(0.0, complaints + by_complaints)
            bounces = max(0.0, bounces + by_bounces)
            joint = max(0.0, joint + by_complaints + by_bounces)
        if complaints >= self.level or bounces >= self.level or joint >= self.level:
            return True
        return self._is_noteworthy_today([seen[day][2] for day in (today - 1, today) if day in seen])

    def _is_noteworthy_today(self, days: list[CountedDay]) -> bool:
        """Whether one of the two-day conditions could hold."""
        policy = self.policy
        events = sum(day.bounces + day.complaints for day in days)
        if events >= min(policy.hold_bounces, policy.burst_bounces, policy.blow_out_events):
            # An interval's floor lies below the plain rate; below the neutral rate Poisson evidence is negative.
            model = policy.bounces
            neutral = (model.unacceptable - model.acceptable) / model.weight
            quiet = min(policy.bounces_limit, neutral)
            if any(day.bounces > quiet * day.delivered for day in days):
                return True
        complaints = sum(day.complaints for day in days)
        exposure = sum(day.exposure for day in days)
        return complaints >= policy.hold_complaints and complaints > policy.complaints_limit * exposure
