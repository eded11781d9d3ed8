"""Estimate the rule's constants from a platform's own history, each with its uncertainty.

Dispersion: maximum likelihood of a gamma-Poisson model around each sender's own rate. Delay: a lognormal fit. The
threshold: how high the scores of good senders climb when their own days are put together anew. Randomness comes in
as an argument.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from typing import NamedTuple

from abuse.core.policy import Policy

Z = 1.96  # two-sided 95 %
LOWEST_SHAPE, HIGHEST_SHAPE = 0.05, 1000.0
DROP = 1.92  # of the log-likelihood at the ends of a 95 % interval: half of chi-square's 3.84

FEWEST_ACCOUNTS = 10  # with several campaigns each
FEWEST_CAMPAIGNS = 50  # that expect at least one event
CAMPAIGNS_EACH = 5  # fewer of one sender say nothing of how its campaigns differ
FEWEST_DELAYS = 100
FEWEST_SENDERS = 30  # good ones, for a threshold
FEWEST_MONTHS = 300  # of good senders
MONTH = 30  # send days
BLOCK = 7  # send days that stay together: bad weeks are not torn apart


class Campaign(NamedTuple):
    """What came back of one campaign: events, and the delivered mail they are counted against."""

    events: int
    exposure: int


class Day(NamedTuple):
    """One mature send day of a good sender."""

    complaints: int
    reporting: int
    bounces: int
    delivered: int


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, from *n* observations; `is_enough` False: shown as not enough data yet."""

    value: float
    low: float
    high: float
    n: int
    is_enough: bool


def dispersion(senders: Sequence[Sequence[Campaign]]) -> Estimate:
    """Return the gamma shape (1 / CV²) by which campaign rates vary around their sender's own.

    A sender's rate is estimated from the same campaigns, which makes them look more alike than they are; the shape is
    put right by the degrees of freedom. An upper end of 1000 means that campaigns may differ by chance alone.
    """
    cells: list[tuple[int, float]] = []
    accounts = 0
    for campaigns in senders:
        exposure = sum(campaign.exposure for campaign in campaigns)
        events = sum(campaign.events for campaign in campaigns)
        rate = events / exposure if exposure else 0.0
        expected = [(one.events, one.exposure * rate) for one in campaigns]
        telling = [cell for cell in expected if cell[1] >= 1]
        if len(telling) >= CAMPAIGNS_EACH:
            accounts += 1
            cells.extend(telling)
    if len(cells) <= accounts or not cells:
        return Estimate(0.0, 0.0, inf, len(cells), False)
    best = _peak(lambda shape: _likelihood(cells, shape))
    level = _likelihood(cells, best) - DROP
    low = _crossing(cells, level, LOWEST_SHAPE, best)
    high = _crossing(cells, level, HIGHEST_SHAPE, best)
    freed = (len(cells) - accounts) / len(cells)
    is_enough = accounts >= FEWEST_ACCOUNTS and len(cells) >= FEWEST_CAMPAIGNS
    return Estimate(best * freed, low * freed, high * freed, len(cells), is_enough)


def delay_median(n: int, mean_log: float, sd_log: float) -> Estimate:
    """Return the median of *n* lognormal delays, in the unit whose logarithms have that mean and deviation."""
    margin = Z * sd_log / sqrt(n) if n else inf
    if n == 0:
        return Estimate(0.0, 0.0, inf, 0, False)
    return Estimate(exp(mean_log), exp(mean_log - margin), exp(mean_log + margin), n, n >= FEWEST_DELAYS)


def delay_spread(n: int, sd_log: float) -> Estimate:
    """Return the deviation of the delays' logarithms."""
    margin = Z / sqrt(2 * (n - 1)) if n > 1 else inf
    low, high = max(0.0, sd_log * (1 - margin)), sd_log * (1 + margin)
    return Estimate(sd_log, low, high, n, n >= FEWEST_DELAYS)


def highest_scores(days: Sequence[Day], policy: Policy, *, months: int, pick: Callable[[int], int]) -> list[float]:
    """Return, for *months* months made anew of a good sender's own days, the evidence that would just have stopped it.

    Days are drawn in blocks; *pick* returns a random index below its argument. Only scores that persist without
    their worst day count, as in the rule's lanes of constant complaints and bounces.
    """
    capped = [min(day.complaints, policy.cap(day.reporting)) for day in days]
    by_complaints = [policy.complaints.of(k, day.reporting) for k, day in zip(capped, days, strict=True)]
    by_bounces = [policy.bounces.of(day.bounces, day.delivered) for day in days]
    found = []
    for _ in range(months):
        order: list[int] = []
        while len(order) < MONTH:
            start = pick(len(days))
            order.extend((start + step) % len(days) for step in range(BLOCK))
        order = order[:MONTH]
        complaints = [by_complaints[index] for index in order]
        bounces = [by_bounces[index] for index in order]
        joint = [c + b for c, b in zip(complaints, bounces, strict=True)]
        found.append(max(_highest(evidence, policy.suspend_rest) for evidence in (complaints, bounces, joint)))
    return found


def threshold(
    senders: Sequence[Sequence[float]], *, target: float, months: float, pick: Callable[[int], int], rounds: int = 200
) -> Estimate:
    """Return the evidence that *target* of 10,000 good account-months would reach, from `highest_scores` by sender.

    The interval comes from drawing the senders anew. *months* are those of the history itself.
    """
    pooled = [score for scores in senders for score in scores]
    if not pooled:
        return Estimate(0.0, 0.0, inf, 0, False)
    values = []
    for _ in range(rounds):
        drawn: list[float] = []
        for _ in senders:
            drawn.extend(senders[pick(len(senders))])
        values.append(_upper(drawn, target))
    values.sort()
    is_enough = len(senders) >= FEWEST_SENDERS and months >= FEWEST_MONTHS
    low, high = values[int(0.025 * (rounds - 1))], values[int(0.975 * (rounds - 1))]
    return Estimate(_upper(pooled, target), low, high, len(senders), is_enough)


def reaching(senders: Sequence[Sequence[float]], evidence: float) -> float:
    """Return how many of 10,000 good account-months reach *evidence*."""
    pooled = [score for scores in senders for score in scores]
    return 10_000 * sum(score >= evidence for score in pooled) / len(pooled) if pooled else 0.0


def _highest(evidence: Sequence[float], rest: float) -> float:
    """Return the largest score of a persisting excursion; 0 when none persists."""
    score = largest = best = 0.0
    for value in evidence:
        if score <= 0.0 or value > largest:
            largest = value
        score = max(0.0, score + value)
        if score - largest >= rest and score > best:
            best = score
    return best


def _upper(scores: Sequence[float], target: float) -> float:
    """Return the smallest score that no more than *target* of 10,000 exceed."""
    ranked = sorted(scores, reverse=True)
    return ranked[min(len(ranked) - 1, int(len(ranked) * target / 10_000))]


def _likelihood(cells: Sequence[tuple[int, float]], shape: float) -> float:
    """Return the log-likelihood of gamma-Poisson counts (events, expected), constants left out."""
    gamma_shape, log_shape = lgamma(shape), log(shape)
    total = 0.0
    for events, expected in cells:
        log_sum = log(shape + expected)
        total += lgamma(events + shape) - gamma_shape + shape * (log_shape - log_sum) - events * log_sum
        total += events * log(expected)
    return total


def _peak(of: Callable[[float], float]) -> float:
    """Return where *of*, with one peak, is largest between the shapes: golden section on the logarithm."""
    golden = (sqrt(5) - 1) / 2
    low, high = log(LOWEST_SHAPE), log(HIGHEST_SHAPE)
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = of(exp(left)), of(exp(right))
    for _ in range(40):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = of(exp(right))
        else:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = of(exp(left))
    return exp((low + high) / 2)


def _crossing(cells: Sequence[tuple[int, float]], level: float, outside: float, inside: float) -> float:
    """Return the shape between *outside* and *inside* at which the likelihood crosses *level*."""
    if _likelihood(cells, outside) >= level:
        return outside
    far, near = log(outside), log(inside)
    for _ in range(40):
        middle = (far + near) / 2
        if _likelihood(cells, exp(middle)) < level:
            far = middle
        else:
            near = middle
    return exp(near)
