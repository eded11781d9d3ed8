"""Figures as people read them."""

from datetime import timedelta

import pytest
from django.utils import translation

from courrielleur.portal.figures import Rate, duration, percent, whole


@pytest.mark.parametrize(
    ("language", "ratio", "text"),
    [("fr", 0.0025, "0,25\u00a0%"), ("en", 0.0025, "0.25%"), ("fr", None, "–"), ("en", 12.5, "1,250.00%")],
)
def test_a_percentage_is_written_as_its_language_does(language, ratio, text):
    with translation.override(language):
        assert percent(ratio) == text


@pytest.mark.parametrize(("language", "text"), [("fr", "1\u202f234\u202f567"), ("en", "1,234,567")])
def test_thousands_are_grouped(language, text):
    with translation.override(language):
        assert whole(1_234_567) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0, "0\u00a0s"),
        (59, "59\u00a0s"),
        (60, "1\u00a0min"),
        (3_700, "1\u00a0h 1\u00a0min"),
        (timedelta(days=2, hours=4, minutes=9), "2\u00a0d 4\u00a0h"),
        (timedelta(days=9, hours=4), "9\u00a0d"),
        (-5, "0\u00a0s"),  # clocks of two machines
        (None, "–"),
    ],
)
def test_a_duration_is_said_in_its_largest_units(length, text):
    with translation.override("en"):
        assert duration(length) == text


def test_nothing_delivered_has_no_rate():
    rate = Rate(0, 0, 0.05)
    assert rate.value is None
    assert not rate.is_over
    assert rate.is_small
