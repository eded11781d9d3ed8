"""The index finds exactly what a search for every wording would find."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbl.core.classify.index import ANYWHERE, GAP, Index
from fbl.core.classify.rules import rule_book

TEXTS = [text for family in rule_book().families for rule in family.rules for text in rule.texts]
EXAMPLES = [rule.example.lower() for family in rule_book().families for rule in family.rules]


def found(wordings, text):
    return list(Index((one, one) for one in wordings).found(text))


@pytest.mark.parametrize(
    ("wording", "text", "stands"),
    [
        ("mailbox exceed", "the mailbox exceeded", True),
        ("rbl", "blocked by rbl.", True),
        ("rbl", "a marble", False),
        ("…quota", "overquota", True),
        ("quota", "overquota", False),
        ("user … unknown", "user a@example.com is unknown", True),
        ("user … unknown", "user\nunknown", False),
        ("user … known", "user unknown", False),
        ("user … unknown", "user" + " x" * 50 + " unknown", False),
        ("[tss0", "421 [tss04] later", True),
        ("spf", "spfbl", False),
        ("_417", "ofr_417", True),
        ("メールボックス", "そのメールボックスは", True),
        ("google グループ", "mygoogle グループ", False),
        ("boîte … pleine", "la boîte est pleine", True),
        ("#5.1.1", "(#5.1.1)", True),
    ],
)
def test_a_wording_begins_where_a_word_begins(wording, text, stands):
    assert found([wording], text) == [wording] * stands


def test_wordings_are_found_in_their_order():
    assert found(["full", "mailbox full", "mailbox"], "the mailbox full") == ["full", "mailbox full", "mailbox"]


def test_halves_of_surrogate_pairs_hide_nothing_and_shift_nothing():
    assert found(["mailbox full", "box"], "\ud83d mailbox full \udca9") == ["mailbox full"]


def naively(wording, text):
    """Return whether the wording stands in the text: the definition, written as one pattern."""
    pieces = wording.removeprefix(ANYWHERE).split(GAP)
    begun = [(r"(?<![^\W_])" if one[0].isalnum() and one[0] < "\u0e00" else "") + re.escape(one) for one in pieces]
    if wording.startswith(ANYWHERE):
        begun[0] = re.escape(pieces[0])
    end = r"(?![^\W_])" if re.search(r"(?<![^\W_])[a-zà-ÿ0-9]{1,3}$", wording) else ""
    return re.search(".{0,80}?".join(begun) + end, text) is not None


WHOLE = Index((text, text) for text in TEXTS)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(EXAMPLES),
    st.lists(st.sampled_from(TEXTS), min_size=2, max_size=12),
    st.sampled_from(["", " ", "x", "\n"]),
)
def test_nothing_is_found_but_what_stands_there_and_all_of_that(example, wordings, glue):
    text = f"{example} {wordings[0].replace(GAP, ' . ')}{glue}{wordings[1].replace(GAP, ' - ')}"
    of_the_book = set(WHOLE.found(text))
    assert {one for one in wordings if one in of_the_book} == {one for one in wordings if naively(one, text)}
    assert all(naively(one, text) for one in of_the_book)
