"""Dates are read as reporters write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbl.core.dates import read_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 03 Mar 2026 14:02:11 +0000", "2026-03-03T14:02:11+00:00"),
        ("Tue, 3 Mar 26 14:02:11 UTC", "2026-03-03T14:02:11+00:00"),
        ("Tue, 03 Mar 2026 09:02:11 -0500 (EST)", "2026-03-03T14:02:11+00:00"),
        ("Tue, 03 Mar 2026 06:02:11 PST", "2026-03-03T14:02:11+00:00"),
        ("2026-03-03T14:02:11.5Z", "2026-03-03T14:02:11.500000+00:00"),
        ("2026-03-03 14:02:11", "2026-03-03T14:02:11+00:00"),
        ("Tue, 03 Mar 2026 23:59:60 +0000", "2026-03-03T23:59:59+00:00"),
    ],
)
def test_a_date_is_read_in_utc(text, moment):
    read = read_date(text)
    assert read is not None
    assert read.isoformat() == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "32 Foo 2026 99:99:99 +9999",
        "0000-00-00",
        "1 Jan 99999 00:00",
        "Tue, 03 Mar 2026 14:02:11 +9959",
        "x" * 9999,
    ],
)
def test_what_is_no_date_is_none(text):
    assert read_date(text) is None


ZONES = st.integers(-19 * 60, 19 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30), timezones=ZONES),
    st.sampled_from(["", " (PST)", "\t(x)"]),
)
def test_whatever_a_program_writes_is_the_moment_it_meant(moment, comment):
    assert read_date(format_datetime(moment) + comment) == moment.replace(microsecond=0).astimezone(UTC)
