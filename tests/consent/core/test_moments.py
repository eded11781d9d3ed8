"""A moment of consent is read in the forms people write, and never guessed."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.moments import MomentError, read_moment, read_zone


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2012-04-21 21:16:58.090 EST", "2012-04-22T02:16:58.090000+00:00"),
        ("2012-04-21 21:16:58 H.N.E.", "2012-04-22T02:16:58+00:00"),
        ("2012-04-21 21:16:58 (HAE)", "2012-04-22T01:16:58+00:00"),
        ("2012-04-21T21:16:58Z", "2012-04-21T21:16:58+00:00"),
        ("2012-04-21T21:16:58,5+02:00", "2012-04-21T19:16:58.500000+00:00"),
        ("2012-04-21 21:16 -0330", "2012-04-22T00:46:00+00:00"),
        ("2012/04/21 21:16 UTC+2", "2012-04-21T19:16:00+00:00"),
        ("21/04/2012 à 21 h 16 CEST", "2012-04-21T19:16:00+00:00"),
        ("21.4.2012, 21:16 MESZ", "2012-04-21T19:16:00+00:00"),
        ("04.05.2012 10:00 CET", "2012-05-04T09:00:00+00:00"),
        ("04/21/2012 9:16 PM PDT", "2012-04-22T04:16:00+00:00"),
        ("04/21/2012 12:16 a.m. PDT", "2012-04-21T07:16:00+00:00"),
        ("05/05/2012 10:00 UTC", "2012-05-05T10:00:00+00:00"),
        ("2012-01-21 10:00 America/Toronto", "2012-01-21T15:00:00+00:00"),
        ("2012-07-21 10:00 ET", "2012-07-21T14:00:00+00:00"),
    ],
)
def test_the_forms_met_in_the_wild_are_read(written, moment):
    assert read_moment(written).isoformat() == moment


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "date_bad"),
        ("yesterday", "date_bad"),
        ("2012-02-30 10:00 EST", "date_bad"),
        ("2012-02-30", "date_bad"),
        ("2012-04-21 25:00 EST", "date_bad"),
        ("2012-04-21 13:00 PM EST", "date_bad"),
        ("0001-01-01 00:00 +14:00", "date_bad"),
        ("2012-04-21 10:00 EST" + " " * 200 + ".", "date_bad"),
        ("04/05/2012 10:00 EST", "date_ambiguous"),
        ("2012-04-21", "time_missing"),
        ("2012-04-21 10:00", "zone_missing"),
        ("2012-04-21 10:00 IST", "zone_unknown"),
        ("2012-04-21 10:00 +25:00", "zone_unknown"),
        ("2012-04-21 10:00 America", "zone_unknown"),
        ("2012-04-21 10:00 America/Argentina", "zone_unknown"),
        ("2012-04-21 10:00 ../etc/passwd", "zone_unknown"),
    ],
)
def test_what_is_missing_is_said(written, code):
    with pytest.raises(MomentError) as error:
        read_moment(written)
    assert error.value.code == code


def test_a_zone_agreed_for_the_file_is_used_only_where_none_is_written():
    toronto = ZoneInfo("America/Toronto")
    assert read_moment("2012-04-21 10:00", default_zone=toronto).hour == 14
    assert read_moment("2012-04-21 10:00 UTC", default_zone=toronto).hour == 10


@given(st.text())
def test_no_text_breaks_the_reader(text):
    for read in (read_moment, read_zone):
        with suppress(MomentError):
            read(text)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_an_iso_moment_is_read_as_itself(moment):
    assert read_moment(moment.isoformat()) == moment
    assert read_moment(moment.strftime("%Y-%m-%d %H:%M:%S.%f UTC")) == moment


@given(
    st.from_regex(
        r"[12][0-9]{3}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{3})?", fullmatch=True
    ),
    st.sampled_from(["", " EST", " HAE", "Z", "+05:30", " -04:00", "+14:30", " XYZ", " PST"]),
    st.sampled_from([None, UTC, ZoneInfo("America/Toronto")]),
)
def test_the_usual_form_is_read_as_all_forms_are(clock, zone, default):
    def told(text):
        try:
            return read_moment(text, default_zone=default)
        except MomentError as error:
            return error.code

    assert told(clock + zone) == told(f" {clock}{zone}")  # with a space before it, it is not the usual form
