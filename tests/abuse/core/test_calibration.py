"""Constants estimated from histories whose true constants are known."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abuse.core.calibration import (
    Campaign,
    Day,
    delay_median,
    delay_spread,
    dispersion,
    highest_scores,
    reaching,
    threshold,
)
from abuse.core.cells import DayCell, History
from abuse.core.decision import decide
from abuse.core.policy import default_policy
from abuse.core.verdict import Reason

POLICY = default_policy()


def poisson(draw: random.Random, mean: float) -> int:
    """Return a Poisson count: of unit exponential steps, those that fit into *mean*."""
    count, left = 0, mean
    while (left := left - draw.expovariate(1)) > 0:
        count += 1
    return count


def senders(shape: float, *, many: int = 40, campaigns: int = 20, seed: int = 7) -> list[list[Campaign]]:
    draw = random.Random(seed)
    found = []
    for _ in range(many):
        rate = draw.uniform(0.001, 0.004)
        found.append(
            [
                Campaign(poisson(draw, exposure * rate * draw.gammavariate(shape, 1 / shape)), exposure)
                for exposure in (draw.randrange(2_000, 12_000) for _ in range(campaigns))
            ]
        )
    return found


@pytest.mark.parametrize("shape", [1.0, 2.5, 8.0])
def test_the_dispersion_that_made_the_campaigns_is_found(shape: float):
    found = [dispersion(senders(shape, many=25, seed=seed)) for seed in range(6)]
    assert all(one.is_enough for one in found)
    assert sum(one.low < shape < one.high for one in found) >= 5  # of 95 % intervals
    assert [one.value for one in found] == pytest.approx([shape] * 6, rel=0.3)
    assert max(one.high / one.low for one in found) < 2


def test_campaigns_that_differ_by_chance_alone_have_no_upper_end():
    draw = random.Random(3)
    alike = [[Campaign(poisson(draw, 10.0), 4_000) for _ in range(20)] for _ in range(30)]
    assert dispersion(alike).high > 300


@pytest.mark.parametrize(
    "few",
    [
        [],
        [[Campaign(0, 1_000)] * 20] * 20,  # nobody complained
        senders(2.5, many=3),  # three senders only
        senders(2.5, many=40, campaigns=4),  # too few campaigns of each
    ],
)
def test_too_little_is_said_to_be_too_little(few: list):
    assert not dispersion(few).is_enough


@settings(deadline=None)  # a likelihood is climbed each time
@given(st.lists(st.lists(st.builds(Campaign, st.integers(0, 50), st.integers(0, 20_000)), max_size=8), max_size=8))
def test_whatever_the_counts_an_estimate_lies_in_its_interval(counts: list):
    found = dispersion(counts)
    assert found.low <= found.value <= found.high


def test_the_delay_curve_is_found_again():
    draw = random.Random(5)
    logs = [math.log(8) + 1.5 * draw.gauss(0, 1) for _ in range(3_000)]
    mean = sum(logs) / len(logs)
    deviation = math.sqrt(sum((one - mean) ** 2 for one in logs) / (len(logs) - 1))
    median, spread = delay_median(len(logs), mean, deviation), delay_spread(len(logs), deviation)
    assert median.low < 8 < median.high
    assert spread.low < 1.5 < spread.high
    assert median.is_enough
    assert not delay_median(99, mean, deviation).is_enough
    assert not delay_median(0, 0.0, 0.0).is_enough


def good_days(draw: random.Random, rate: float = 0.001, shape: float = 2.5) -> list[Day]:
    days = []
    for _ in range(25):
        size = draw.randrange(1_000, 9_000)
        complaints = poisson(draw, size * rate * draw.gammavariate(shape, 1 / shape))
        days.append(Day(complaints, size, poisson(draw, size * 0.01), size))
    return days


def test_a_stricter_target_asks_for_more_evidence():
    draw = random.Random(11)
    scores = [highest_scores(good_days(draw), POLICY, months=60, pick=draw.randrange) for _ in range(60)]
    strict = threshold(scores, target=10, months=600, pick=draw.randrange)
    lax = threshold(scores, target=500, months=600, pick=draw.randrange)
    assert lax.value < strict.value
    assert strict.low <= strict.value <= strict.high
    assert strict.is_enough
    assert reaching(scores, lax.value) >= 500 >= reaching(scores, lax.value + 1e-9)
    assert not threshold(scores[:5], target=10, months=600, pick=draw.randrange).is_enough
    assert not threshold(scores, target=10, months=20, pick=draw.randrange).is_enough


def test_a_month_that_stops_a_sender_is_one_that_the_rule_stops():
    """A month made of one sender's days, judged by the rule itself at its last day."""
    days = [Day(9, 1_500, 0, 1_500)] * 30
    (score,) = highest_scores(days, POLICY, months=1, pick=lambda below: 0)
    cells = {
        number: DayCell(
            delivered=day.delivered,
            hour_sum=day.delivered * number * 24,
            providers={"yahoo": [day.reporting, day.complaints]},
        )
        for number, day in enumerate(days)
    }
    assert score > POLICY.suspend_evidence
    verdict = decide(History(cells), POLICY, now_hour=29 * 24 + 23, reporting_providers={"yahoo"})
    assert Reason.COMPLAINTS_CONSTANT in verdict.reasons


def test_one_bad_campaign_does_not_persist():
    days = [Day(0, 1_500, 0, 1_500)] * 29 + [Day(30, 1_500, 0, 1_500)]
    order = iter([0, 7, 14, 22, 0])
    (score,) = highest_scores(days, POLICY, months=1, pick=lambda below: next(order))
    assert score == 0
