"""Records held against the recipients of a case: only counts, and of traps only bands."""

from datetime import UTC, datetime
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.coverage import Tally
from consent.core.crossexam import LEAST_COMPARED, TrapCrossing, at_most, cross_examine

SENT = 495_000  # an hour since 1970
BEFORE = datetime.fromtimestamp((SENT - 10) * 3600, UTC)
AFTER = datetime.fromtimestamp((SENT + 10) * 3600, UTC)


def people(letter, number):
    return [f"{letter}{place:03}".encode() for place in range(number)]


def crossed(complained=(), bounced=(), ordinary=(), trapped=(), consents=None, mailing=0):
    consents = consents or {}
    return cross_examine(
        complained=[(digest, SENT) for digest in complained],
        bounced=[(digest, SENT) for digest in bounced],
        ordinary=[(digest, SENT) for digest in ordinary],
        trapped=trapped,
        consents=consents,
        records=len(consents),
        recipients_on_record=len(consents),
        largest_mailing=mailing,
    )


def test_of_41_complainers_29_have_a_record_8_of_them_dated_after_the_send():
    complained = people("c", 41)
    consents = dict.fromkeys(complained[:21], BEFORE) | dict.fromkeys(complained[21:29], AFTER)
    assert crossed(complained, consents=consents).complainers == Tally(41, 29, 29, 8)


def test_who_complained_is_no_ordinary_recipient():
    both = people("c", 3)
    assert crossed(both, ordinary=[*both, b"other"]).ordinary.recipients == 1


@pytest.mark.parametrize(
    ("mailed", "recorded", "bands"), [(1, 0, ("1-5", "0")), (7, 5, ("6-20", "1-5")), (30, 21, (">20", ">20"))]
)
def test_traps_are_told_in_bands(mailed, recorded, bands):
    traps = people("t", mailed)
    found = crossed(trapped=[(trap, "pristine") for trap in traps], consents=dict.fromkeys(traps[:recorded], BEFORE))
    assert found.traps == (TrapCrossing("pristine", *bands),)


def test_one_trap_hit_often_is_one_trap_and_an_unheard_of_kind_is_unknown():
    found = crossed(trapped=[(b"t", "typo"), (b"t", "typo"), (b"u", "honeypot")])
    assert found.traps == (TrapCrossing("typo", "1-5", "0"), TrapCrossing("unknown", "1-5", "0"))


def test_a_list_is_covered_by_at_most_its_recipients_on_record():
    consents = dict.fromkeys(people("r", 50), BEFORE)
    assert crossed(consents=consents, mailing=200).list_coverage == 0.25
    assert crossed(consents=consents, mailing=10).list_coverage == 1.0
    assert crossed(consents=consents).list_coverage is None


def test_complainers_without_records_among_people_with_records_are_no_accident():
    complained, ordinary = people("c", 40), people("o", 40)
    recorded = dict.fromkeys(ordinary, BEFORE)
    assert crossed(complained, ordinary=ordinary, consents=recorded).chance < 1e-15
    assert crossed(complained, ordinary=ordinary, consents=recorded | dict.fromkeys(complained, BEFORE)).chance == 1.0


def test_small_numbers_are_not_compared():
    few, many = people("c", LEAST_COMPARED - 1), people("o", 400)
    assert crossed(few, ordinary=many).chance is None
    assert crossed(many, ordinary=few).chance is None


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_tail_is_the_one_that_counting_gives(drawn, rest, marked, seen):
    total = drawn + rest
    marked, seen = min(marked, total), min(seen, drawn)
    ways = sum(comb(marked, k) * comb(total - marked, drawn - k) for k in range(min(seen, marked) + 1))
    assert at_most(seen, drawn, marked, total) == pytest.approx(ways / comb(total, drawn), abs=1e-9)
