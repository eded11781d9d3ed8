"""The smallest cut that brings the rest of an account under the limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.cut import MOST_CAMPAIGNS, Measure, Part, least_cut
from abuse.core.policy import default_policy

POLICY = default_policy()
GOOD = Part("infolettre", 20_000, 9_000, 8, 100)
BAD = Part("liste-achetée", 3_000, 1_500, 40, 500)


def part(name: str, complaints: int = 0, bounces: int = 0, delivered: int = 5_000) -> Part:
    return Part(name, delivered, delivered // 2, complaints, bounces)


@pytest.mark.parametrize(
    ("parts", "measure", "campaigns"),
    [
        ([GOOD], Measure.NOTHING, ()),
        ([], Measure.NOTHING, ()),
        ([GOOD, BAD], Measure.HOLD, ("liste-achetée",)),
        ([GOOD, part("a", bounces=2_500), part("b", complaints=60)], Measure.HOLD, ("a", "b")),
        ([BAD], Measure.SUSPEND, ()),  # nothing would be left
        ([part("d"), *[part(name, complaints=50) for name in "abcef"]], Measure.SUSPEND, ()),  # a way of sending
        ([part("", bounces=900), part("b")], Measure.SUSPEND, ()),  # mail without a campaign can't be paused
        ([part("a", bounces=900), part("b", delivered=600)], Measure.SUSPEND, ()),  # too little is left
    ],
)
def test_the_least_measure(parts: list[Part], measure: Measure, campaigns: tuple[str, ...]) -> None:
    cut = least_cut(parts, POLICY)
    assert (cut.measure, cut.campaigns) == (measure, campaigns)


def test_it_says_what_stops_and_how_the_rest_does() -> None:
    cut = least_cut([GOOD, BAD], POLICY)
    assert cut.share == pytest.approx(3 / 23)
    assert cut.complaints_share == pytest.approx(40 / 48)
    assert cut.complaint_rate == pytest.approx(8 / 9_000)
    assert cut.bounce_rate == pytest.approx(100 / 20_000)


parts = st.lists(
    st.builds(
        Part,
        st.sampled_from(["", "a", "b", "c", "d", "e"]),
        st.integers(2_000, 50_000),
        st.integers(0, 2_000),
        st.integers(0, 60),
        st.integers(0, 2_000),
    ),
    max_size=6,
    unique_by=lambda part: part.campaign,
)


@given(parts)
def test_what_goes_on_is_under_both_limits_and_no_smaller_cut_does(found: list[Part]) -> None:
    cut = least_cut(found, POLICY)
    if cut.measure is not Measure.HOLD:
        return
    assert 1 <= len(cut.campaigns) <= MOST_CAMPAIGNS
    assert (cut.complaint_rate or 0) <= POLICY.complaints_limit
    assert (cut.bounce_rate or 0) <= POLICY.bounces_limit
    kept = [one for one in found if one.campaign not in cut.campaigns[:-1]]
    assert least_cut(kept, POLICY).measure is not Measure.NOTHING
