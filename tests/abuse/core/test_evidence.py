from math import exp, lgamma, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.evidence import Maturity, RateModel, cumulated, excursion, wilson_floor

COMPLAINTS = RateModel.around(0.0025, acceptable=0.5, unacceptable=1.8, dispersion=2.5)
MATURITY = Maturity(median=8.0, spread=1.5, floor=0.05, youngest=0.25)


def log_probability(count, exposure, mean, shape):
    """Gamma-Poisson probability of a count, written out."""
    p = shape / (shape + exposure * mean)
    return lgamma(count + shape) - lgamma(shape) - lgamma(count + 1) + shape * log(p) + count * log(1 - p)


@given(st.integers(0, 500), st.floats(1, 1e6))
def test_evidence_is_the_ratio_of_two_gamma_poisson_probabilities(complaints, exposure):
    expected = log_probability(complaints, exposure, 0.0045, 2.5) - log_probability(complaints, exposure, 0.00125, 2.5)
    assert COMPLAINTS.of(complaints, exposure) == pytest.approx(expected, abs=1e-6)


@given(st.integers(0, 500), st.floats(0, 1e6))
def test_one_more_complaint_is_more_evidence_and_more_mail_is_less(complaints, exposure):
    assert COMPLAINTS.of(complaints + 1, exposure) > COMPLAINTS.of(complaints, exposure)
    assert COMPLAINTS.of(complaints, exposure + 100) < COMPLAINTS.of(complaints, exposure)


def test_a_good_day_without_complaints_is_bounded_praise():
    """However large the mailing, one day can only prove so much."""
    assert COMPLAINTS.of(0, 1e12) == pytest.approx(-2.5 * log(3.6), abs=1e-3)


@pytest.mark.parametrize(
    ("age", "part"),
    [
        (8, 0.5),
        (8 * exp(1.5), 0.841345),  # one standard deviation of the logarithm
        (8 * exp(3), 0.977250),
        (0, 0.05),  # the floor
        (-5, 0.05),  # a clock ahead of ours
        (720, 0.998650),
    ],
)
def test_maturity_is_lognormal_with_a_floor(age, part):
    assert MATURITY.at(age) == pytest.approx(part, abs=1e-6)


@pytest.mark.parametrize(
    ("evidence", "score", "start", "rest"),
    [
        ([], 0, 0, 0),
        ([2.0], 2, 0, 0),
        ([-1.0, 2.0, 3.0], 5, 1, 2),
        ([4.0, -5.0], 0, 0, -4),  # fell to zero on its last day: still the same stretch
        ([4.0, -5.0, -1.0], 0, 2, 1),  # stayed at zero: a stretch of one day
        ([4.0, -4.0, 1.0], 1, 2, 0),
    ],
)
def test_an_excursion_starts_where_the_score_was_zero(evidence, score, start, rest):
    found = excursion(evidence)
    assert (found.score, found.start, found.rest) == (score, start, rest)


@given(st.lists(st.floats(-10, 10), max_size=30))
def test_the_cumulated_score_is_the_excursions(evidence):
    assert cumulated(evidence) == excursion(evidence).score


@pytest.mark.parametrize(
    ("events", "trials", "z", "floor"),
    [
        (0, 0, 3, 0.0),
        (10, 100, 1.96, 0.055229),
        (0, 100, 3, 0.0),
        (100, 100, 1.96, 0.963007),
        (5, 3, 0, 1.0),  # more events than trials: late bounces
    ],
)
def test_wilson_gives_the_lowest_rate_the_counts_support(events, trials, z, floor):
    assert wilson_floor(events, trials, z) == pytest.approx(floor, abs=1e-5)
