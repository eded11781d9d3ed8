"""The smallest cut that brings the rest of an account under the limits."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.cut import MOST_CAMPAIGNS, Measure, Origin, Part, Unit, least_cut, origins
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


BOUGHT = "achat-2026"


def sent(name: str, list_key: str = "", stream: str = "", *, bounces: int = 0, delivered: int = 2_000) -> Part:
    return Part(name, delivered, delivered // 2, 0, bounces, list_key, stream)


def test_a_list_that_is_mailed_again_and_again_is_paused_as_one() -> None:
    """Five campaigns would be a way of sending; one list that all of them went to is a cut."""
    bad = [sent(f"vague-{number}", BOUGHT, bounces=500) for number in range(5)]
    good = [sent("infolettre", "abonnés", delivered=12_000, bounces=60)]
    cut = least_cut([*bad, *good], POLICY)
    assert (cut.measure, cut.unit, cut.name) == (Measure.HOLD, Unit.LIST, BOUGHT)
    assert cut.campaigns == tuple(f"vague-{number}" for number in range(5))
    assert (cut.share, cut.bounces_share) == (pytest.approx(10 / 22), pytest.approx(2_500 / 2_560))
    assert origins([*bad, *good], POLICY) == [Origin(Unit.LIST, BOUGHT, cut.share, 0.0, cut.bounces_share)]


def test_the_cut_that_stops_the_least_mail_is_proposed() -> None:
    """One campaign to the list was bad: the rest of the list goes on."""
    parts = [sent("promo", "abonnés", bounces=900), sent("nouvelles", "abonnés", delivered=9_000), sent("autre")]
    cut = least_cut(parts, POLICY)
    assert (cut.unit, cut.campaigns) == (Unit.CAMPAIGN, ("promo",))
    alone = least_cut([sent("promo", BOUGHT, bounces=900), *parts[1:]], POLICY)
    assert (alone.unit, alone.name, alone.campaigns) == (Unit.LIST, BOUGHT, ("promo",))


@pytest.mark.parametrize(
    ("receipts", "keeps", "measure"),
    [(3_000, False, Measure.HOLD), (400, False, Measure.SUSPEND), (400, True, Measure.HOLD)],
)
def test_receipts_live_on_where_the_policy_says_so(receipts: int, keeps: bool, measure: Measure) -> None:
    bad = [sent(f"promo-{number}", f"liste-{number}", "marketing", bounces=300) for number in range(5)]
    parts = [*bad, sent("reçus", "", "transactional", delivered=receipts)]
    cut = least_cut(parts, POLICY, keeps_transactional=keeps)
    assert cut.measure is measure
    if measure is Measure.HOLD:
        assert (cut.unit, cut.name, cut.rest.delivered) == (Unit.STREAM, "marketing", receipts)


def test_a_stream_is_an_origin_only_beside_another() -> None:
    bad = sent("promo", BOUGHT, "marketing", bounces=900)
    assert [one.unit for one in origins([bad], POLICY)] == [Unit.LIST]
    both = origins([bad, sent("reçus", "", "transactional")], POLICY)
    assert [(one.unit, one.name) for one in both] == [(Unit.LIST, BOUGHT), (Unit.STREAM, "marketing")]


def test_few_messages_of_another_kind_are_no_receipts() -> None:
    parts = [sent("promo", "", "marketing", bounces=900), sent("autre", delivered=400)]
    assert least_cut(parts, POLICY, keeps_transactional=True).measure is Measure.SUSPEND


parts = st.lists(
    st.builds(
        Part,
        st.sampled_from(["", "a", "b", "c", "d", "e"]),
        st.integers(2_000, 50_000),
        st.integers(0, 2_000),
        st.integers(0, 60),
        st.integers(0, 2_000),
        st.sampled_from(["", "l", "m"]),
        st.sampled_from(["", "marketing", "transactional"]),
    ),
    max_size=6,
    unique_by=lambda part: part.campaign,
)


@given(parts)
def test_what_goes_on_is_under_both_limits_and_no_smaller_cut_does(found: list[Part]) -> None:
    cut = least_cut(found, POLICY)
    if cut.measure is not Measure.HOLD:
        return
    assert (cut.complaint_rate or 0) <= POLICY.complaints_limit
    assert (cut.bounce_rate or 0) <= POLICY.bounces_limit
    assert cut.rest.delivered == sum(one.delivered for one in found if one.campaign not in cut.campaigns)
    without_groups = least_cut([replace(one, list_key="", stream="") for one in found], POLICY)
    if cut.unit is Unit.CAMPAIGN:
        assert cut == without_groups
        assert 1 <= len(cut.campaigns) <= MOST_CAMPAIGNS
        kept = [one for one in found if one.campaign not in cut.campaigns[:-1]]
        assert least_cut(kept, POLICY).measure is not Measure.NOTHING
    elif without_groups.measure is Measure.HOLD:
        assert cut.share <= without_groups.share
