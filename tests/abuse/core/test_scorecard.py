"""Senders of whom the truth is known: what is a false stop, what is a catch, and how much mail went out before."""

import pytest

from abuse.core.backtest import Stop
from abuse.core.scorecard import Known, Score, score

HOURS = 90 * 24
MAILS = {10: 100, 500: 40, 600: 8, 2000: 1_000}


def stops(**hours):
    return {account: Stop(hour, ()) for account, hour in hours.items()}


def test_a_stop_of_a_good_sender_is_false_and_ends_its_months():
    good = [Known(name, None, MAILS) for name in "abc"]
    found = score(good, stops(b=720), hours=HOURS)
    assert (found.senders, found.stopped, found.months) == (3, 1, 7.0)
    assert found.stops_per_10_000_months == pytest.approx(10_000 / 7)


@pytest.mark.parametrize(
    ("stopped_at", "caught", "too_early", "mails"),
    [
        (499, 0, 1, 1_048),  # nobody could have found anything yet
        (500, 1, 0, 40),  # the hour's own mail has left
        (700, 1, 0, 48),
        (None, 0, 0, 1_048),
    ],
)
def test_a_bad_sender_is_caught_once_it_has_turned_bad(stopped_at, caught, too_early, mails):
    found = score([Known("a", 500, MAILS)], {} if stopped_at is None else stops(a=stopped_at), hours=HOURS)
    assert (found.stopped, found.too_early) == (caught, too_early)
    assert found.typical_mails == pytest.approx(mails)


def test_parts_add_up():
    known = [Known("a", 500, MAILS), Known("b", 10, MAILS), Known("c", 600, {})]
    found = stops(a=700, c=2)
    parts = sum((score([one], found, hours=HOURS) for one in known), Score())
    assert parts == score(known, found, hours=HOURS)
    assert parts.share_stopped == pytest.approx(1 / 3)


def test_nobody_has_no_rate():
    assert (Score().stops_per_10_000_months, Score().share_stopped, Score().typical_mails) == (0, 0, 0)
