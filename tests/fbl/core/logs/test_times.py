"""Times as MTAs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fbl.core.logs.record import RejectReason
from fbl.core.logs.syslog import Syslog
from fbl.core.logs.times import Clock, Untimely

SIX = int(datetime(2026, 11, 20, 6, tzinfo=UTC).timestamp() // 3600)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 06:59:59+0000",
        "2026-11-20T06:00:00Z",
        "2026-11-20T01:30:00.123456789-05:00",
        "2026-11-20 06:10:00",
        "1795154500",
        "1795154500.25",
    ],
)
def test_every_spelling_of_an_hour_is_that_hour(text):
    assert Clock(SIX + 1).hour(text) == SIX


def test_a_time_without_zone_is_one_of_the_zone_given():
    assert Clock(SIX + 1, ZoneInfo("America/Toronto")).hour("2026-11-20 01:10:00") == SIX


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", RejectReason.NO_TIME),
        ("soon", RejectReason.NO_TIME),
        ("2026-13-01 00:00:00", RejectReason.NO_TIME),
        ("nan", RejectReason.NO_TIME),
        ("1e300", RejectReason.NO_TIME),
        ("1999-12-31 23:00:00Z", RejectReason.TIME_OUT_OF_RANGE),
        ("2026-11-20 08:00:00Z", RejectReason.TIME_OUT_OF_RANGE),
    ],
)
def test_a_time_no_mail_can_have_is_refused_with_its_reason(text, reason):
    with pytest.raises(Untimely) as caught:
        Clock(SIX + 1).hour(text)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("until", "lines", "years"),
    [
        (datetime(2026, 3, 4, tzinfo=UTC), ["Mar  3 14:02:11"], [2026]),
        (
            datetime(2026, 3, 4, tzinfo=UTC),
            ["Dec 30 14:02:11", "Jan  1 00:00:01", "Mar  3 00:00:00"],
            [2025, 2026, 2026],
        ),
        (datetime(2026, 3, 4, tzinfo=UTC), ["Feb 29 14:02:11"], [2024]),
        (datetime(2026, 1, 1, tzinfo=UTC), ["Jan  1 00:00:01", "Dec 31 23:59:59"], [2026, 2025]),
        (datetime(2026, 1, 1, tzinfo=UTC), ["2025-06-01T10:00:00.5+02:00"], [2025]),
    ],
)
def test_the_year_follows_from_the_end_of_the_file_and_the_order_of_its_lines(until, lines, years):
    syslog = Syslog(until)
    assert [syslog.read(f"{line} mx1 postfix/qmgr[1]: 4Fq1aa0001: removed").at.year for line in lines] == years


@pytest.mark.parametrize(
    "text", ["", "Feb 31 00:00:00 mx1 postfix/qmgr[1]: x", "Xyz  1 00:00:00 mx1 p: x", "Jan  1 mx1"]
)
def test_what_is_no_line_of_syslog_is_none(text):
    assert Syslog(datetime(2026, 3, 4, tzinfo=UTC)).read(text) is None
