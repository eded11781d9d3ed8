"""Let the many quiet hours of good senders pass without a full assessment, and never a noteworthy one.

Evidence of a day nobody touched only shrinks as its mail matures, so the evidence seen last is an upper bound for
now; an excursion of upper bounds is an upper bound too. A day that was touched has a cheaper bound first: its
complaints as if no mail stood against them, its bounces as they are. It is weighed in full only where that could
matter.
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
    _touched: dict[int, tuple[float, DayCell]] = field(default_factory=dict)  # days to be weighed, with their bound
    # What speaks against the account in all days, weighed or bounded, and nothing that speaks for it: no score can
    # be above.
    _against: float = 0.0

    def look(self, day: int, cell: DayCell) -> None:
        """Note that *day* changed. To be called for every day whose cell changed; the cell is read again later."""
        if cell.delivered <= 0:
            return
        policy = self.policy
        complaints = 0
        for _, raw in cell.providers.values():
            complaints += raw
        bound = complaints * policy.complaints.weight if complaints else 0.0
        # Up to the acceptable rate bounces speak for the account.
        if cell.hard_bounces > policy.bounces.acceptable * cell.delivered:
            by_bounces = policy.bounces.of(cell.hard_bounces, cell.delivered)
            if by_bounces > 0.0:
                bound += by_bounces
        if (before := self._touched.get(day)) is not None:
            self._against += bound - before[0]
        else:
            self._against += bound - self._weighed(day)
        self._touched[day] = (bound, cell)

    def note(self, days: Iterable[CountedDay]) -> None:
        """Note what *days* prove, from a full assessment."""
        by_complaints_of, by_bounces_of = self.policy.complaints.of, self.policy.bounces.of
        touched = self._touched
        for day in days:
            number = day.day
            if touched and (bounded := touched.pop(number, None)) is not None:
                self._against -= bounded[0]
            else:
                self._against -= self._weighed(number)
            by_complaints = by_complaints_of(day.complaints, day.exposure)
            by_bounces = by_bounces_of(day.bounces, day.delivered)
            self._seen[number] = (by_complaints, by_bounces, day)
            if by_complaints > 0.0:
                self._against += by_complaints
            if by_bounces > 0.0:
                self._against += by_bounces

    def clear(self) -> None:
        """Start anew, when the cells are no longer the same ones."""
        self._seen.clear()
        self._touched.clear()
        self._against = 0.0

    def is_noteworthy(
        self, now_hour: int, reporting_providers: Collection[str], reinstated_day: int | None = None
    ) -> bool:
        """Whether `decide` could say more than ok (for *level* at the watch line). False is certain, True is not."""
        today = now_hour // HOURS_PER_DAY
        if self._against >= self.level - ROUNDING:
            self._weigh(list(self._touched), now_hour, reporting_providers)
            if self._against >= self.level - ROUNDING and self._add_up(today, reinstated_day):
                return True
        return self._is_noteworthy_today(today, now_hour, reporting_providers)

    def _weighed(self, day: int) -> float:
        """Return what speaks against the account in a day that was weighed."""
        if (seen := self._seen.get(day)) is None:
            return 0.0
        return max(seen[0], 0.0) + max(seen[1], 0.0)

    def _weigh(self, days: Iterable[int], now_hour: int, reporting_providers: Collection[str]) -> None:
        """Weigh touched *days* in full."""
        self.note([counted_day(day, self._touched[day][1], self.policy, now_hour, reporting_providers) for day in days])

    def _add_up(self, today: int, reinstated_day: int | None) -> bool:
        """Whether a score of the days that count could reach the level; days too old are let go."""
        first = first_counted_day(today, reinstated_day, self.policy)
        seen = self._seen
        complaints = bounces = joint = against = 0.0
        for day in sorted(seen):
            if day < first:
                del seen[day]
                continue
            by_complaints, by_bounces, _ = seen[day]
            if by_complaints > 0.0:
                against += by_complaints
            if by_bounces > 0.0:
                against += by_bounces
            complaints = max(0.0, complaints + by_complaints)
            bounces = max(0.0, bounces + by_bounces)
            joint = max(0.0, joint + by_complaints + by_bounces)
        self._against = against
        return complaints >= self.level or bounces >= self.level or joint >= self.level

    def _is_noteworthy_today(self, today: int, now_hour: int, reporting_providers: Collection[str]) -> bool:
        """Whether one of the two-day conditions could hold."""
        policy = self.policy
        complaints = bounces = 0
        is_above = False
        # An interval's floor lies below the plain rate; below the neutral rate Poisson evidence is negative.
        quiet = min(policy.bounces_limit, policy.bounces.neutral)
        days = (today - 1, today)
        for day in days:
            if (bounded := self._touched.get(day)) is not None:
                cell = bounded[1]
                for _, raw in cell.providers.values():
                    complaints += raw
                own, delivered = cell.hard_bounces, cell.delivered
            elif (seen := self._seen.get(day)) is not None:
                complaints += seen[2].complaints
                own, delivered = seen[2].bounces, seen[2].delivered
            else:
                continue
            bounces += own
            is_above = is_above or own > quiet * delivered
        fewest = min(policy.hold_bounces, policy.burst_bounces, policy.blow_out_events)
        if is_above and bounces + complaints >= fewest:
            return True
        if complaints < policy.hold_complaints:
            return False
        self._weigh([day for day in days if day in self._touched], now_hour, reporting_providers)
        weighed = [self._seen[day][2] for day in days if day in self._seen]
        complaints = sum(day.complaints for day in weighed)
        return complaints >= policy.hold_complaints and complaints > policy.complaints_limit * sum(
            day.exposure for day in weighed
        )
