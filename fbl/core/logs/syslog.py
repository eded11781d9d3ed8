"""The head of a syslog line: when, on which host, by which program; the year inferred where it is not written."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_LINE = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d[T ]\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?P<host>\S{1,255}) "
    r"(?P<program>[^\s\[:]{1,100})(?:\[\d+\])?: (?P<text>.*)"
)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_ROLLOVER = timedelta(days=180)  # lines of one file are in order: so far back is the next year
_SKEW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    host: str
    program: str
    text: str


class Syslog:
    """Reads line after line of one file, whose last line was written before *until*.

    Traditional lines (RFC 3164) have neither year nor zone: *zone* is the host's, and the year follows from *until*
    for the first line, and from the order of the lines for the rest.
    """

    def __init__(self, until: datetime, zone: tzinfo = UTC) -> None:
        self._until, self._zone = until, zone
        self.last: datetime | None = None

    def read(self, text: str) -> Line | None:
        """Return what the line says; None when it is none, or has an impossible date."""
        match = _LINE.match(text)
        if match is None:
            return None
        try:
            at = self._moment(match["at"])
        except (LookupError, ValueError, OverflowError):
            return None
        self.last = at
        return Line(at, match["host"], match["program"], match["text"])

    def _moment(self, text: str) -> datetime:
        if text[0].isdigit():
            at = datetime.fromisoformat(text)
            return at if at.tzinfo else at.replace(tzinfo=self._zone)
        month, day = _MONTHS[text[:3]], int(text[4:6])
        hour, minute, second = int(text[7:9]), int(text[10:12]), int(text[13:15])
        year = (self.last or self._until).astimezone(self._zone).year

        def in_year(year: int) -> datetime:
            return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=self._zone)

        if month == 2 and day == 29 and year % 4:
            year -= year % 4  # only a leap year has it; the last one
        at = in_year(year)
        if self.last is None:
            return at if at <= self._until + _SKEW else in_year(year - 1)
        if at < self.last - _ROLLOVER:
            return in_year(year + 1)
        return in_year(year - 1) if at > self.last + _ROLLOVER else at
