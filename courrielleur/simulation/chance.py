"""Draws that the standard library lacks, from a generator that is given."""

from math import exp, log, sqrt
from random import Random

from courrielleur.simulation.families import Spread

FEW = 30.0  # below, a Poisson number is drawn by its definition; above, the normal curve is near enough


def around(chance: Random, spread: Spread) -> float:
    """Draw a log-normal figure within its bounds."""
    return min(max(chance.lognormvariate(log(spread.median), spread.spread), spread.least), spread.most)


def between(chance: Random, low: float, high: float) -> float:
    """Draw from *low* to *high*, each doubling as likely as the other."""
    return exp(chance.uniform(log(low), log(high)))


def poisson(chance: Random, mean: float) -> int:
    """Draw how many events happen when *mean* are expected."""
    if mean > FEW:
        return max(0, round(chance.gauss(mean, sqrt(mean))))
    limit, product, number = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number


def shares(chance: Random, weights: tuple[float, ...]) -> list[float]:
    """Draw shares that add up to 1, larger on average where the weight is (Dirichlet)."""
    draws = [chance.gammavariate(weight, 1.0) for weight in weights]
    total = sum(draws)
    return [draw / total for draw in draws]
