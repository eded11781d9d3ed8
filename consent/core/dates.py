"""Take a written moment apart: day, time of day and zone, in the many forms of people and programs.

Nothing is guessed here. Where day and month can't be told apart that is said (`Shape`), and a zone stays as written.
Sources: ISO 8601-1:2019, RFC 3339, RFC 5322 (the dates of mail), RFC 9557 (a zone in brackets), ECMAScript's
`Date.toString`, C's `ctime`, the Apache log format, DB2 and SQL Server exports, and what people type.
"""

import re
import tomllib
import unicodedata
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).resolve().parent.parent / "data" / "months.toml"

_LONGEST = 120  # characters
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800  # seconds since 1970: the years 2000 to 2099 are taken for moments
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"(\d{9,10})(?:[.,](\d{1,9}))?", re.ASCII)
_MILLISECONDS = re.compile(r"\d{12,13}", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d{1,17}))?", re.ASCII)  # days since a workbook's first one
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_FIGURES = re.compile(r"(?:(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}))(?!\d)", re.ASCII)

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:"
    r"\s*[:h]\s*(?P<minute>\d\d)(?!\d)"
    r"(?:\s*(?::|m(?:in)?\.?(?=\s*\d))\s*(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9})|:(?P<thousandths>\d{3}))?(?!\d)"
    r"(?:\s*s(?![a-z]))?|\s*min(?![a-z]))?"
    r"|\.(?P<dot_minute>\d\d)\.(?P<dot_second>\d\d)(?:\.(?P<dot_fraction>\d{1,9}))?"
    r"|(?P<tight_minute>\d\d)(?:(?P<tight_second>\d\d)(?:[.,](?P<tight_fraction>\d{1,9}))?)?(?!\d)"
    r"|\s*h(?:eures?)?(?![a-z])"
    r"|(?=\s*[ap]\.?\s?m)"
    r"|(?=z|[+\-\u2212]\d|$))"
    r"(?:\s*(?P<half>[ap]\.?\s?m\.?)(?![a-z]))?"
)
# The usual times are read without the names of the parts above: twice as fast.
_SIMPLE_CLOCK = re.compile(
    r"(?:\s*t\s*|\s*,\s*|\s+)(\d{1,2})[:h](\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r"(?![\d:.,h]|\s*(?:[ap]\.?\s?m|:|(?:m|min|s|h)(?![a-z])))",
    re.ASCII,
)
# What stands between day and time. A hyphen alone would take the offset of "2012-04-21-04:00" for a time of day.
_BETWEEN = re.compile(
    r"(?P<iso>\s*t\s*)(?=\d)|-(?=\d\d\.\d\d\.\d\d)|:(?=\d)|(?:\s*,\s*|\s+(?:-\s+)?)(?:(?:a|at)\s+|@\s*)?(?=\d)"
)


class Shape(StrEnum):
    """What the writing of a day tells about the order of day and month."""

    SURE = "sure"  # the year first, a name, or a form with one meaning
    DAY_FIRST = "day_first"  # 21/04/2012: the day can only be the first figure
    MONTH_FIRST = "month_first"  # 04/21/2012
    AMBIGUOUS = "ambiguous"  # 04/05/2012


class MomentError(ValueError):
    """Says which part is wrong: date_bad, date_ambiguous, year_short, time_missing, zone_missing, zone_unknown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Clock(NamedTuple):
    hour: int  # 0 to 24
    minute: int = 0
    second: int = 0
    microsecond: int = 0


class Written(NamedTuple):
    year: int
    month: int  # of an ambiguous one: as if the day came first
    day: int
    shape: Shape = Shape.SURE
    clock: Clock | None = None
    zone: str = ""  # as written


def take_apart(text: str, *, serials_from: date | None = None) -> Written:
    """Return the parts of a moment. Raises `MomentError` (date_bad, year_short).

    *serials_from* is day 0 of the workbook the text is from; only there five digits are a number of days.
    """
    if len(text) > _LONGEST:
        raise MomentError("date_bad")
    text = " ".join(text.split())  # no-break spaces too
    if text[:5].isdecimal():  # five figures together begin no day that is written out
        return _number(text, serials_from) or _compact(text)
    folded = text.lower() if text.isascii() else _folded(text)
    if match := _FIGURES.match(folded):
        return _of_figures(match, text, folded)
    forms = _forms()
    if match := forms.ctime.fullmatch(folded):  # "Sat Apr 21 21:16:58 EDT 2012": the year stands last
        zone = text[match.start("zone") : match.end("zone")] if match["zone"] else ""
        return take_apart(f"{match['month']} {match['day']} {match['year']} {match['clock']} {zone}")
    if match := forms.named.match(folded):
        found = {name[:-1]: value for name, value in match.groupdict().items() if value}
        clock, zone = _time(text, folded, match.end())
        return Written(int(found["year"]), forms.number[found["name"]], int(found["day"]), Shape.SURE, clock, zone)
    if match := forms.weekday.match(folded):  # "Sat 21/04/2012", "le 21/04/2012"
        return take_apart(text[match.end() :])
    raise MomentError("year_short" if forms.short.match(folded) else "date_bad")


def _number(text: str, serials_from: date | None) -> Written | None:
    """Return the moment of seconds or milliseconds since 1970, or of a workbook's count of days."""
    if match := _SECONDS.fullmatch(text):
        seconds, micro = int(match[1]), int((match[2] or "").ljust(6, "0")[:6])
    elif _MILLISECONDS.fullmatch(text):
        seconds, micro = int(text) // 1000, int(text) % 1000 * 1000
    elif serials_from and (match := _SERIAL.fullmatch(text)):
        day = serials_from + timedelta(days=int(match[1]))
        if not match[2]:
            return Written(day.year, day.month, day.day)
        # A count of days is exact to some microseconds only; programs show it in milliseconds.
        since = timedelta(milliseconds=round(float(f"0.{match[2]}") * 86_400_000))
        return _from(datetime.combine(day, datetime.min.time()) + since, "")
    else:
        return None
    if not _EARLIEST <= seconds < _LATEST:
        return None
    return _from(_EPOCH + timedelta(seconds=seconds, microseconds=micro), "UTC")


def _from(moment: datetime, zone: str) -> Written:
    clock = Clock(moment.hour, moment.minute, moment.second, moment.microsecond)
    return Written(moment.year, moment.month, moment.day, Shape.SURE, clock, zone)


def _compact(text: str) -> Written:
    """Return the moment of figures without marks between them: 20120421T211658Z."""
    folded = text.lower()
    if not (match := _COMPACT.match(folded)):
        raise MomentError("date_bad")
    year, month, day = map(int, match.groups())
    start = match.end()
    tight = _CLOCK.match(folded, start) if re.match(r"\d{4}", folded[start:], re.ASCII) else None
    if tight is None and folded[start : start + 1].isdecimal():
        raise MomentError("date_bad")
    clock, zone = (_clock(tight), text[tight.end() :].strip()) if tight else _time(text, folded, start)
    return Written(year, month, day, Shape.SURE, clock, zone)


def _of_figures(match: re.Match[str], text: str, folded: str) -> Written:
    clock, zone = _time(text, folded, match.end())
    year, month, day, first, mark, second, last = match.groups()
    if year:
        return Written(int(year), int(month), int(day), Shape.SURE, clock, zone)
    front, back, year = int(first), int(second), int(last)
    if mark == "." or front == back:  # points are written where the day comes first
        return Written(year, back, front, Shape.SURE, clock, zone)
    if back > 12:
        return Written(year, front, back, Shape.MONTH_FIRST, clock, zone)
    return Written(year, back, front, Shape.DAY_FIRST if front > 12 else Shape.AMBIGUOUS, clock, zone)


def _time(text: str, folded: str, start: int) -> tuple[Clock | None, str]:
    """Return the time of day and the zone that stand behind a day."""
    if simple := _SIMPLE_CLOCK.match(folded, start):
        hour, minute, second, fraction = simple.groups("0")
        return Clock(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")[:6])), text[simple.end() :].strip()
    between = _BETWEEN.match(folded, start)
    match = _CLOCK.match(folded, between.end()) if between else None
    # A figure alone is an hour only behind a T.
    if between is None or match is None or (len(match[0]) < 3 and match[0].isdecimal() and not between["iso"]):
        return None, text[start:].strip(" ,")
    return _clock(match), text[match.end() :].strip()


def _clock(match: re.Match[str]) -> Clock:
    found = {name.rpartition("_")[2]: value for name, value in match.groupdict().items() if value}
    hour = int(found["hour"])
    if half := found.get("half"):
        if not 1 <= hour <= 12:
            raise MomentError("date_bad")
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    fraction = found.get("fraction") or found.get("thousandths") or "0"
    return Clock(hour, int(found.get("minute", 0)), int(found.get("second", 0)), int(fraction.ljust(6, "0")[:6]))


def _folded(text: str) -> str:
    """Return *text* in small letters without accents, each letter in its place."""
    return "".join(unicodedata.normalize("NFD", letter)[0].lower()[0] for letter in unicodedata.normalize("NFC", text))


class _Forms(NamedTuple):
    number: dict[str, int]  # of a month, by its names
    named: re.Pattern[str]
    weekday: re.Pattern[str]
    short: re.Pattern[str]  # with two figures for the year
    ctime: re.Pattern[str]


@cache
def _forms() -> _Forms:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    number = {name: place for place, names in enumerate(data["month"], start=1) for name in names}
    month = "|".join(sorted(number, key=len, reverse=True))
    weekday = rf"(?:{'|'.join(sorted(data['weekday'], key=len, reverse=True))})(?![a-z])\.?,?\s*"
    before = rf"(?:(?:le\s+|the\s+)?{weekday})?(?:le\s+|the\s+)?"
    gap, ordinal = r"[\s./,-]{0,3}", r"(?:er|e|st|nd|rd|th)?"
    days = (
        rf"(?P<day1>\d{{1,2}}){ordinal}{gap}(?:of\s+)?(?P<name1>{month})(?![a-z]){gap}(?P<year1>\d{{4}})",
        rf"(?P<name2>{month})(?![a-z]){gap}(?P<day2>\d{{1,2}}){ordinal}(?:\s*,\s*|[\s/-])(?P<year2>\d{{4}})",
        rf"(?P<year3>\d{{4}}){gap}(?P<name3>{month})(?![a-z]){gap}(?P<day3>\d{{1,2}})",
    )
    figures = rf"\d{{1,2}}(?:[-/.]\d{{1,2}}[-/.]|{ordinal}{gap}(?:{month})(?![a-z]){gap}['’]?)\d{{2}}(?!\d)"
    clock = r"(?P<clock>\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:\s*[ap]m)?)"
    ctime = (
        rf"(?:{weekday})?(?P<month>{month})\.?\s+(?P<day>\d{{1,2}})\s+{clock}(?:\s+(?P<zone>\S+))?\s+(?P<year>\d{{4}})"
    )
    return _Forms(
        number,
        named=re.compile(rf"{before}(?:{'|'.join(days)})(?!\d)", re.ASCII),
        weekday=re.compile(rf"(?:le\s+)?(?:{weekday}(?:le\s+|the\s+)?|le\s+|the\s+)(?=\d)", re.ASCII),
        short=re.compile(before + figures, re.ASCII),
        ctime=re.compile(ctime, re.ASCII),
    )
