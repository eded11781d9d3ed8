"""The tests of chance never promise less than they keep."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.evidence.chance import at_least, holm, normal, rank_correlation

p_values = st.lists(st.floats(0, 1), max_size=12)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.6))
def test_the_bound_is_never_smaller_than_the_chance(count_of, share):
    count, rows = count_of
    exact = sum(comb(rows, k) * share**k * (1 - share) ** (rows - k) for k in range(count, rows + 1))
    assert at_least(count, rows, share) >= exact * (1 - 1e-9)


@given(p_values, st.floats(0.0001, 0.2))
def test_holm_rejects_what_bonferroni_does_and_nothing_above_the_level(values, alpha):
    holds = holm(values, alpha)
    assert all(holds[i] for i, p in enumerate(values) if p <= alpha / len(values))
    assert all(p <= alpha for p, held in zip(values, holds, strict=True) if held)


@given(p_values)
def test_a_smaller_p_value_is_never_held_less(values):
    holds = holm(values, 0.05)
    kept = [p for p, held in zip(values, holds, strict=True) if held]
    left = [p for p, held in zip(values, holds, strict=True) if not held]
    assert not kept or not left or max(kept) <= min(left)


@pytest.mark.parametrize(("z", "share"), [(0, 0.5), (-1.96, 0.025), (1.96, 0.975), (-4, 3.17e-5)])
def test_the_normal_distribution(z, share):
    assert normal(z) == pytest.approx(share, rel=0.01)


def test_ranks_share_ties():
    assert rank_correlation([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 2, 2, 3], [1, 2, 2, 3]) == pytest.approx(1)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) == 0
