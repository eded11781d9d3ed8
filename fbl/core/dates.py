"""Read dates as mails and reports write them (RFC 5322, and what reporters make of it)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

# As nearly all write it, and four times as fast read so: "Thu, 29 Apr 2021 23:34:45 -0800 (PST)".
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, {1,2})?(\d{1,2}) ([A-Z][a-z]{2}) (19[7-9]\d|20\d\d)"
    r" (\d\d):(\d\d):(\d\d) ([+-])([01]\d)([0-5]\d)(?: \([A-Z]{1,5}\))?\Z",
    re.ASCII,
)
_NAMES_OF_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: month for month, name in enumerate(_NAMES_OF_MONTHS, start=1)}


def read_date(text: str) -> datetime | None:
    """Return the moment in UTC, or None when the text holds no date.

    Zone names such as `PST` or `UTC`, comments and two-digit years are understood. A date without a
    zone is taken as UTC, as RFC 5322 §4.3 asks for unknown zones.

    >>> read_date("Thu, 29 Apr 2021 23:34:45 PST").isoformat()
    '2021-04-30T07:34:45+00:00'
    """
    text = text.strip()
    if not text or len(text) > 200:
        return None
    if text[:4].isdigit() and text[4:5] == "-":
        return _read_iso(text)
    if usual := _USUAL.match(text):
        return _read_usual(usual)
    try:
        parts = parsedate_tz(text)
        if parts is None or not 1970 <= parts[0] <= 9990:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:5], min(parts[5], 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _read_usual(date: re.Match[str]) -> datetime | None:
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = date.groups()
    try:
        moment = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC)
    except (KeyError, ValueError):
        return None
    ahead = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    return moment - ahead if sign == "+" else moment + ahead


def _read_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
