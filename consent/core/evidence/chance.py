"""How often chance alone would make honest rows look like this: the tests behind the checks.

Each answers a p-value that is never too small for what it assumes of honest rows, so the false-alarm rate that
`rules.significant` states holds.
"""

from collections.abc import Sequence
from math import erfc as _erfc
from math import exp, log, log1p, sqrt

SQRT_2 = sqrt(2)


def normal(z: float) -> float:
    """Return the share of a standard normal distribution below *z*."""
    return 0.5 * _erfc(-z / SQRT_2)


def at_least(count: int, rows: int, share: float) -> float:
    """Return an upper bound of the chance of *count* or more among *rows* when each has the chance *share*.

    Chernoff's bound exp(-n KL): exact enough in the tail, and never too small.

    >>> at_least(5, 100, 0.05)
    1.0
    >>> at_least(50, 100, 0.05) < 1e-20
    True
    """
    seen = count / rows if rows else 0.0
    if seen <= share:
        return 1.0
    if seen >= 1:
        return exp(rows * log(share))
    return exp(-rows * (seen * log(seen / share) + (1 - seen) * (log1p(-seen) - log1p(-share))))


def holm(p_values: Sequence[float], alpha: float) -> list[bool]:
    """Return which tests hold when all of them together may raise a false alarm with the chance *alpha* (Holm 1979).

    >>> holm([0.01, 0.04, 0.03], 0.05)
    [True, False, False]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    holds = [False] * len(p_values)
    for rank, index in enumerate(order):
        if p_values[index] > alpha / (len(p_values) - rank):
            break
        holds[index] = True
    return holds


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rho of two equally long sequences, 0 when one of them is constant."""
    a, b = _ranks(first), _ranks(second)
    middle = (len(a) + 1) / 2
    over = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    under = sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    return over / under if under else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2 + 1
        start = end + 1
    return ranks
