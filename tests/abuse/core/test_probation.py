"""What a probation asks for, and what ends it."""

from datetime import date, timedelta

import pytest

from abuse.core.probation import (
    Breach,
    Condition,
    daily_cap,
    is_broken,
    parse_rules,
    proof_breach,
    rules,
    volume_breaches,
    weekly_caps,
)

FIRST = date(2026, 3, 2)


@pytest.mark.parametrize(("day", "cap"), [(0, 400), (6, 400), (7, 700), (14, 1000), (29, 1000)])
def test_the_volume_grows_by_the_week(day: int, cap: int) -> None:
    assert daily_cap(1000, FIRST, FIRST + timedelta(days=day), rules()) == cap
    assert weekly_caps(1000, rules()) == [400, 700, 1000]


@pytest.mark.parametrize(
    ("delivered", "broken"),
    [
        ({1: 400}, []),
        ({1: 480}, []),  # what is tolerated
        ({1: 481}, [1]),
        ({0: 900}, []),  # the first day is half over when it begins
        ({1: 481, 2: 100, 8: 841}, [1, 8]),
    ],
)
def test_a_day_above_the_ramp_is_a_breach(delivered: dict[int, int], broken: list[int]) -> None:
    days = {FIRST + timedelta(days=day): count for day, count in delivered.items()}
    found = volume_breaches(days, 1000, FIRST, rules())
    assert [(breach.day - FIRST).days for breach in found] == broken


@pytest.mark.parametrize(
    ("recipients", "without", "is_breach"),
    [(0, 0, False), (2, 2, False), (3, 3, True), (40, 3, False), (40, 4, False), (40, 5, True)],
)
def test_too_many_without_a_record_are_a_breach(recipients: int, without: int, is_breach: bool) -> None:
    assert (proof_breach(recipients, without, FIRST, rules()) is not None) is is_breach


def test_it_ends_with_the_second_day_not_with_the_second_condition() -> None:
    today = [Breach(Condition.VOLUME, FIRST, 900, 400), Breach(Condition.PROOF, FIRST, 5, 2)]
    assert not is_broken(today, rules())
    assert is_broken([*today, Breach(Condition.VOLUME, FIRST + timedelta(days=1), 900, 400)], rules())


def test_a_form_that_does_not_answer_ends_nothing() -> None:
    silent = [Breach(Condition.FORM, FIRST + timedelta(days=day), 0, 1) for day in range(9)]
    assert not is_broken(silent, rules())


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "missing or unknown"), ('[volume.colour]\nvalue = "1 %"', "missing or unknown")],
)
def test_rules_that_lack_something_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_rules(text)
