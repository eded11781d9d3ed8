"""A moment of consent is read in the forms people write, and never guessed."""

from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.moments import DateOrder, Habits, MomentError, read_in_habit, read_moment, read_zone

TORONTO = ZoneInfo("America/Toronto")
DAY_0 = date(1899, 12, 30)
EVERYTHING = Habits(DateOrder.DAY_FIRST, TORONTO, takes_days=True, serials_from=DAY_0)
FIGURES = (
    r"((sam|Sat)[ .,]{0,2})?[0-9]{1,5}[-/. ]?([0-9]{1,2}|avr|May)[-/. ]?[0-9]{0,4}"
    r"[ T:,à@-]{0,3}[0-9:h.,]{0,12} ?([ap]m|Z|EST)?"
)


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
        # decimal comma, colon before the thousandths, more digits than a clock has
        ("2012-04-21 21:16:58,090 EST", "2012-04-22T02:16:58.090000+00:00"),
        ("2012-04-21 21:16:58:090 UTC", "2012-04-21T21:16:58.090000+00:00"),
        ("2012-04-21T21:16:58.0900000Z", "2012-04-21T21:16:58.090000+00:00"),
        # ISO 8601 without marks, with the hour alone, with the end of a day; RFC 9557
        ("20120421T211658Z", "2012-04-21T21:16:58+00:00"),
        ("20120421T211658,090-0400", "2012-04-22T01:16:58.090000+00:00"),
        ("20120421T2116Z", "2012-04-21T21:16:00+00:00"),
        ("20120421211658 EST", "2012-04-22T02:16:58+00:00"),
        ("2012-04-21T21Z", "2012-04-21T21:00:00+00:00"),
        ("2012-04-21T24:00:00Z", "2012-04-22T00:00:00+00:00"),
        ("2022-07-08T00:14:07+01:00[Europe/Paris]", "2022-07-07T23:14:07+00:00"),
        # mail, logs, programs
        ("Sat, 21 Apr 2012 21:16:58 -0400", "2012-04-22T01:16:58+00:00"),
        ("Sat, 21 Apr 2012 21:16:58 -0400 (EDT)", "2012-04-22T01:16:58+00:00"),
        ("Sat Apr 21 2012 21:16:58 GMT-0400 (heure d’été de l’Est)", "2012-04-22T01:16:58+00:00"),
        ("Sat Apr 21 21:16:58 EDT 2012", "2012-04-22T01:16:58+00:00"),
        ("21/Apr/2012:21:16:58 -0400", "2012-04-22T01:16:58+00:00"),
        ("2012-04-21-21.16.58.090000 UTC", "2012-04-21T21:16:58.090000+00:00"),
        # names of months in French and English, whole and short, with accents or without
        ("21 avril 2012 à 21 h 16 HNE", "2012-04-22T02:16:00+00:00"),
        ("le samedi 21 avril 2012 à 21 h 16 HNE", "2012-04-22T02:16:00+00:00"),
        ("samedi le 21 avril 2012 à 21 h 16 min 58 s HNE", "2012-04-22T02:16:58+00:00"),
        ("sam. 21 avr. 2012, 21h16 HNE", "2012-04-22T02:16:00+00:00"),
        ("mar. 3 mars 2015 10:00 CET", "2015-03-03T09:00:00+00:00"),
        ("mar 3 2015 10:00 CET", "2015-03-03T09:00:00+00:00"),
        ("1er février 2012 à 9 h HAE", "2012-02-01T13:00:00+00:00"),
        ("5 AOUT 2012 00:00 UTC", "2012-08-05T00:00:00+00:00"),
        ("5 août 2012 - 10:00 UTC", "2012-08-05T10:00:00+00:00"),
        ("April 21, 2012 9:16 PM EDT", "2012-04-22T01:16:00+00:00"),
        ("April 21st, 2012 at 9:16\u202fPM EDT", "2012-04-22T01:16:00+00:00"),
        ("Apr 21, 2012, 9 p.m. EDT", "2012-04-22T01:00:00+00:00"),
        ("21-Apr-2012 21:16 UTC", "2012-04-21T21:16:00+00:00"),
        ("2012-Apr-21 21:16 UTC", "2012-04-21T21:16:00+00:00"),
        ("Sat 21/04/2012 21:16 UTC", "2012-04-21T21:16:00+00:00"),
        # seconds and thousandths since 1970
        ("1335057418", "2012-04-22T01:16:58+00:00"),
        ("1335057418.09", "2012-04-22T01:16:58.090000+00:00"),
        ("1335057418090", "2012-04-22T01:16:58.090000+00:00"),
        ("2012-04-21 21:16:58 heure avancée de l’Est", "2012-04-22T01:16:58+00:00"),
        ("2012-07-21 10:00 Eastern Time", "2012-07-21T14:00:00+00:00"),
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
        ("2012-04-21 10:00 Eastern Standard Time", "zone_unknown"),  # of July too, in the exports of Windows
        ("2012-04-21 -04:00", "time_missing"),  # an offset is no time of day
        ("2012-04-21-04:00", "time_missing"),
        ("2012-04-21 21", "time_missing"),
        ("20120421", "time_missing"),
        ("21 avril 2012", "time_missing"),
        ("31 avril 2012", "date_bad"),
        ("04/05/12 10:00 EST", "year_short"),
        ("12-04-21 10:00 EST", "year_short"),
        ("21 avr. 12 10:00 EST", "year_short"),
        ("99999999999", "date_bad"),
        ("946684799", "date_bad"),  # a second before 2000
        ("4102444800", "date_bad"),  # the first of 2100
        ("41020.886", "date_bad"),  # a count of days, but of no workbook
        ("2012-W16-6 10:00 EST", "date_bad"),
        ("2012年4月21日 10:00", "date_bad"),
        ("21 jui 2012 10:00 EST", "date_bad"),  # June or July
        ("2012-04-21T24:00:01Z", "date_bad"),
    ],
)
def test_what_is_missing_is_said(written, code):
    with pytest.raises(MomentError) as error:
        read_moment(written)
    assert error.value.code == code


def test_a_zone_agreed_for_the_file_is_used_only_where_none_is_written():
    assert read_moment("2012-04-21 10:00", default_zone=TORONTO).hour == 14
    assert read_moment("2012-04-21 10:00 UTC", default_zone=TORONTO).hour == 10


@pytest.mark.parametrize(
    ("written", "habits", "moment", "is_day"),
    [
        ("04/05/2012 10:00", Habits(DateOrder.DAY_FIRST, UTC), "2012-05-04T10:00:00+00:00", False),
        ("04/05/2012 10:00", Habits(DateOrder.MONTH_FIRST, UTC), "2012-04-05T10:00:00+00:00", False),
        # what has one meaning keeps it, whatever was said of the others
        ("21/04/2012 10:00", Habits(DateOrder.MONTH_FIRST, UTC), "2012-04-21T10:00:00+00:00", False),
        ("04.05.2012 10:00", Habits(DateOrder.MONTH_FIRST, UTC), "2012-05-04T10:00:00+00:00", False),
        ("2012-04-21", Habits(zone=TORONTO, takes_days=True), "2012-04-21T04:00:00+00:00", True),
        ("2012-04-21 HNE", Habits(zone=TORONTO, takes_days=True), "2012-04-21T05:00:00+00:00", True),
        ("41020.5", Habits(zone=UTC, serials_from=date(1899, 12, 30)), "2012-04-21T12:00:00+00:00", False),
        ("41020.886782407406", Habits(zone=UTC, serials_from=DAY_0), "2012-04-21T21:16:58+00:00", False),
        ("41020", Habits(zone=UTC, takes_days=True, serials_from=DAY_0), "2012-04-21T00:00:00+00:00", True),
    ],
)
def test_what_the_sender_of_a_file_said_settles_its_doubts(written, habits, moment, is_day):
    read = read_in_habit(written, habits)
    assert (read.at.isoformat(), read.is_day) == (moment, is_day)
    with pytest.raises(MomentError):
        read_in_habit(written, Habits())


@given(st.text())
def test_no_text_breaks_the_reader(text):
    for read in (read_moment, read_zone, lambda text: read_in_habit(text, EVERYTHING)):
        with suppress(MomentError):
            read(text)


@given(st.from_regex(FIGURES, fullmatch=True))
def test_nothing_like_a_date_breaks_the_reader(text):
    with suppress(MomentError):
        assert read_in_habit(text, EVERYTHING).at.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_an_iso_moment_is_read_as_itself(moment):
    assert read_moment(moment.isoformat()) == moment
    assert read_moment(moment.strftime("%Y-%m-%d %H:%M:%S.%f UTC")) == moment
    assert read_moment(moment.strftime("%Y%m%dT%H%M%S,%fZ")) == moment


MONTHS = {
    "fr": "janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre",
    "en": "January,February,March,April,May,June,July,August,September,October,November,December",
}


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31), timezones=st.just(UTC)))
def test_a_moment_comes_back_from_every_way_to_write_it(moment):
    to_the_second, to_the_minute = moment.replace(microsecond=0), moment.replace(second=0, microsecond=0)
    french, english = (MONTHS[language].split(",")[moment.month - 1] for language in ("fr", "en"))
    exact = [
        format_datetime(moment),
        f"{moment.day} {english[:3]} {moment:%Y %H:%M:%S} GMT",
        f"{moment:%d.%m.%Y %H:%M:%S} UTC",
        f"{moment.day} {french} {moment:%Y à %H h %M min %S s} UTC",
        f"{moment:%A}, {english} {moment.day}, {moment:%Y %I:%M:%S %p} UTC",
        str(int(moment.timestamp())),
    ]
    assert [read_moment(text) for text in exact] == [to_the_second] * len(exact)
    assert read_moment(f"{moment:%Y/%m/%d %H:%M} +00:00") == to_the_minute
    for order, form in ((DateOrder.DAY_FIRST, "%d/%m/%Y %H:%M"), (DateOrder.MONTH_FIRST, "%m/%d/%Y %I:%M %p")):
        assert read_in_habit(moment.strftime(form), Habits(order, UTC)).at == to_the_minute


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
