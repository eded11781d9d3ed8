"""What counts prove: likelihood ratios, maturity of complaints, excursions, score intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, log, sqrt

SQRT_2 = sqrt(2)


@dataclass(frozen=True, slots=True)
class RateModel:
    """An acceptable and an unacceptable rate, and how much campaigns of one sender differ.

    Rates are events per delivered message. Campaign rates follow a gamma distribution of shape `dispersion`
    (1 / CV²), counts given the rate a Poisson distribution; `dispersion` bounds what one day can prove.
    """

    acceptable: float
    unacceptable: float
    dispersion: float
    weight: float  # ln(unacceptable / acceptable): what one event says

    @classmethod
    def around(cls, limit: float, *, acceptable: float, unacceptable: float, dispersion: float) -> "RateModel":
        """Return the model whose rates are multiples of *limit*."""
        return cls(acceptable * limit, unacceptable * limit, dispersion, log(unacceptable / acceptable))

    def of(self, events: float, exposure: float) -> float:
        """Return the natural log of the likelihood ratio, unacceptable to acceptable, of one day.

        >>> model = RateModel.around(0.0025, acceptable=0.5, unacceptable=1.8, dispersion=2.5)
        >>> round(model.of(1, 130), 3)
        0.765
        """
        r = self.dispersion
        return events * self.weight - (events + r) * log(
            (r + exposure * self.unacceptable) / (r + exposure * self.acceptable)
        )

    @property
    def neutral(self) -> float:
        """Return the rate at which `poisson` says nothing; below it speaks for the sender."""
        return (self.unacceptable - self.acceptable) / self.weight

    def poisson(self, events: float, exposure: float) -> float:
        """Return the same when all campaigns share one rate: stronger, and less forgiving."""
        return events * self.weight - exposure * (self.unacceptable - self.acceptable)


@dataclass(frozen=True, slots=True)
class Maturity:
    """Which part of the complaints about a mail has arrived at a given age: a lognormal delay, in hours."""

    median: float
    spread: float
    floor: float
    youngest: float

    def at(self, age: float) -> float:
        """Return the part, `floor` to 1, of the complaints that mail of *age* hours will ever get.

        >>> Maturity(median=8, spread=1.5, floor=0.05, youngest=0.25).at(8)
        0.5
        """
        # The normal distribution function, written with erfc: exact in both tails.
        if age < self.youngest:
            age = self.youngest
        part = 0.5 * erfc(-log(age / self.median) / (self.spread * SQRT_2))
        return part if part > self.floor else self.floor


@dataclass(frozen=True, slots=True)
class Excursion:
    """A running score at its end, and the stretch of days since it last stood at 0."""

    score: float
    start: int  # index of its first day
    rest: float  # the score without the best day of the stretch: does it persist?


NO_EXCURSION = Excursion(0.0, 0, 0.0)


def excursion(evidence: Sequence[float]) -> Excursion:
    """Add up *evidence*, oldest first, never below 0 (Page 1954, CUSUM), and return how it ends.

    The stretch starts with the first day on which the score was 0 before that day was added, so it is never
    empty; `rest` may then be negative.
    """
    if not evidence:
        return NO_EXCURSION
    score, start, largest = 0.0, 0, 0.0
    for index, value in enumerate(evidence):
        if score <= 0.0:
            start, largest = index, value
        elif value > largest:
            largest = value
        score += value
        if score < 0.0:
            score = 0.0
    return Excursion(score, start, score - largest)


def cumulated(evidence: Sequence[float]) -> float:
    """Return only the score of `excursion`."""
    score = 0.0
    for value in evidence:
        score += value
        if score < 0.0:
            score = 0.0
    return score


def wilson_floor(events: float, trials: float, z: float) -> float:
    """Return the lowest rate the counts support: Wilson's score interval, no continuity correction.

    Zero when there were no trials.
    """
    if trials <= 0:
        return 0.0
    rate = min(events / trials, 1.0)
    margin = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    return (rate + z * z / (2 * trials) - margin) / (1 + z * z / trials)
