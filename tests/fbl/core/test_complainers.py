"""Which of a recipient's complaints count, whatever order they are looked at in."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbl.core.complainers import Said, counting
from fbl.core.report import Kind
from tests.worlds import NOON


def said(what: str) -> list[Said]:
    """Read "c1:0 n1:3": a complaint about campaign 1 on day 0, a "not spam" of it on day 3."""
    return [
        Said(word.encode(), Kind.COMPLAINT if word[0] == "c" else Kind.NOT_SPAM, word[1], _day(word.partition(":")[2]))
        for word in what.split()
    ]


def _day(number: str) -> datetime:
    return NOON + timedelta(days=float(number))


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        ("c1:0", "c1:0"),
        ("c1:0 c2:0.1", "c1:0"),
        ("c1:0 c2:30", "c1:0"),
        ("c1:0 c2:31", "c1:0 c2:31"),
        ("c1:0 c2:20 c3:40", "c1:0 c3:40"),  # the second counted not, so it keeps no other from counting
        ("c1:0 n1:1", ""),
        ("n1:0 c1:1", "c1:1"),  # what came before takes back nothing
        ("c1:0 n2:1", "c1:0"),  # of another campaign
        ("c1:0 c2:5 n1:6", "c2:5"),  # what was withdrawn keeps no other from counting
        ("c1:0 n1:1 c1:2", "c1:2"),
        ("n1:5", ""),
    ],
)
def test_one_complaint_of_a_recipient_counts_in_thirty_days(what, counts):
    assert counting(said(what)) == {word.encode() for word in counts.split()}


@given(
    st.lists(st.tuples(st.sampled_from("ccn"), st.integers(0, 2), st.integers(0, 90)), max_size=8, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_looking_changes_nothing(rows, chance):
    words = [f"{kind}{campaign}:{day}" for kind, campaign, day in rows]
    shuffled = chance.sample(words, len(words))
    assert counting(said(" ".join(words))) == counting(said(" ".join(shuffled)))
