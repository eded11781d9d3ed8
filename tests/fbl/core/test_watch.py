"""A feed is silent when it brings far less than it should, and not when chance or night explain it."""

import pytest

from fbl.core.watch import expected, silent_since

NOW = 24 * 400 + 12
LONG_AGO = NOW - 90 * 24


def steady(per_hour: int, until: int = NOW, since: int = NOW - 40 * 24) -> dict[int, int]:
    return dict.fromkeys(range(since, until), per_hour)


@pytest.mark.parametrize("per_day", [None, 480])
def test_a_feed_that_brings_what_it_should_is_not_silent(per_day):
    assert silent_since(steady(20), NOW, since=LONG_AGO, expected_per_day=per_day) is None


@pytest.mark.parametrize("per_day", [None, 480])
@pytest.mark.parametrize("hours", [6, 9, 40])
def test_a_feed_that_stopped_is_silent_since_then(hours, per_day):
    assert silent_since(steady(20, NOW - hours), NOW, since=LONG_AGO, expected_per_day=per_day) == NOW - hours


def test_five_hours_are_not_enough():
    assert silent_since(steady(20, NOW - 4), NOW, since=LONG_AGO, expected_per_day=480) is None


def test_a_trickle_is_silence_too_and_a_fifth_is_not():
    trickle = steady(20, NOW - 8) | dict.fromkeys(range(NOW - 8, NOW), 1)
    fifth = steady(20, NOW - 8) | dict.fromkeys(range(NOW - 8, NOW), 4)
    assert silent_since(trickle, NOW, since=LONG_AGO, expected_per_day=480) is not None
    assert silent_since(fifth, NOW, since=LONG_AGO, expected_per_day=480) is None


def test_the_night_is_no_silence_where_nights_are_quiet():
    arrivals = {hour: 0 if hour % 24 < 8 else 30 for hour in range(NOW - 40 * 24, NOW)}
    early = NOW - NOW % 24 + 7
    assert (
        silent_since({h: n for h, n in arrivals.items() if h < early}, early, since=LONG_AGO, expected_per_day=None)
        is None
    )


def test_a_thin_feed_is_watched_over_a_longer_time_and_a_very_thin_one_not_at_all():
    assert silent_since({}, NOW, since=LONG_AGO, expected_per_day=20) is not None
    assert silent_since({NOW - 8: 4}, NOW, since=LONG_AGO, expected_per_day=20) is None
    assert silent_since({}, NOW, since=LONG_AGO, expected_per_day=1) is None


def test_nothing_is_expected_of_a_new_feed():
    assert silent_since({}, NOW, since=NOW - 3, expected_per_day=480) is None
    assert silent_since({}, NOW, since=NOW - 48, expected_per_day=None) is None


def test_what_is_expected_is_the_median_of_the_same_hours():
    arrivals = steady(10) | {NOW - 24 - 1: 5000}
    assert expected(arrivals, NOW - 6, NOW, since=LONG_AGO, per_day=None) == 60
    assert expected({}, NOW - 6, NOW, since=LONG_AGO, per_day=240) == 60
