"""Read the moment of a consent as people write it: a date, a time of day and a zone, in one of many forms.

Accepted: ISO 8601, `2012-04-21 21:16:58.090 EST`, `21/04/2012 21h16 HNE`, `04/21/2012 9:16 PM -0400`. A moment
without a zone is no evidence of an hour, so it is refused unless a zone is agreed for the whole file.
"""

import re
import tomllib
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).resolve().parent.parent / "data" / "zones.toml"

_YEAR_FIRST = r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
_YEAR_LAST = r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})[-/.](?P<last_year>\d{4})"
_MOMENT = re.compile(
    rf"(?:{_YEAR_FIRST}|{_YEAR_LAST})"
    r"(?:(?:\s*T\s*|\s*,\s*|\s+(?:à\s+|at\s+)?)"
    r"(?P<hour>\d{1,2})\s*[:hH]\s*(?P<minute>\d{2})(?:\s*[:mM]\s*(?P<seconds>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[aApP]\.?[mM]\.?(?![a-zA-Z]))?)?"
    r"\s*(?P<zone>\S.{0,60})?",
)
# The form that most exports have is read without the machinery for the others.
_PLAIN = re.compile(
    r"([12]\d{3}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3})?)?)(?: ?([A-Z]{1,5}|[+-]\d\d:\d\d))?", re.ASCII
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*(?P<sign>[+\-\u2212])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?", re.IGNORECASE)
_REGION = re.compile(r"[A-Za-z_]+(?:/[A-Za-z_+\-0-9]+){1,2}")
_LONGEST = 120  # characters
_FARTHEST_OFFSET = timedelta(hours=14)


class MomentError(ValueError):
    """Says which part is wrong: date_bad, date_ambiguous, time_missing, zone_missing, zone_unknown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_moment(text: str, *, default_zone: tzinfo | None = None) -> datetime:
    """Return the moment in UTC. Raises `MomentError`.

    >>> read_moment("2012-04-21 21:16:58.090 EST").isoformat()
    '2012-04-22T02:16:58.090000+00:00'
    """
    if usual := _usual(text, default_zone):
        return usual
    match = _MOMENT.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not match:
        raise MomentError("date_bad")
    year, month, day = _date(match)
    if match["hour"] is None:
        raise MomentError("time_missing" if _is_date(year, month, day) else "date_bad")
    zone = read_zone(match["zone"]) if match["zone"] else default_zone
    if zone is None:
        raise MomentError("zone_missing")
    try:
        local = datetime(
            year,
            month,
            day,
            _hour(int(match["hour"]), match["half"]),
            int(match["minute"]),
            int(match["seconds"] or 0),
            int((match["fraction"] or "0").ljust(6, "0")[:6]),
            tzinfo=zone,
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MomentError("date_bad") from error


def _usual(text: str, default_zone: tzinfo | None) -> datetime | None:
    """Return the moment when it has the usual form and nothing is wrong with it; else None."""
    if not (match := _PLAIN.fullmatch(text)):
        return None
    day, clock, written = match.groups()
    zone = read_zone(written) if written else default_zone
    try:
        as_if_utc = datetime.fromisoformat(f"{day}T{clock}+00:00")
        if isinstance(zone, timezone):  # the same distance from UTC at all times
            return as_if_utc - zone.utcoffset(None)
        return as_if_utc.replace(tzinfo=zone).astimezone(UTC) if zone is not None else None
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def read_zone(text: str) -> tzinfo:
    """Return the zone of an abbreviation, an offset or a name such as `America/Toronto`. Raises `MomentError`."""
    bare = text.strip().strip("()[]").strip()
    name = bare.upper().replace(".", "")
    offsets, regions = _zones()
    if name in offsets:
        return timezone(timedelta(minutes=offsets[name]))
    if match := _OFFSET.fullmatch(bare):
        distance = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        if distance <= _FARTHEST_OFFSET:
            return timezone(distance if match["sign"] == "+" else -distance)
    if name in regions or _REGION.fullmatch(bare):
        try:
            return ZoneInfo(regions.get(name, bare))
        except (ValueError, OSError, LookupError) as error:  # a folder of the zone table, or no such name
            raise MomentError("zone_unknown") from error
    raise MomentError("zone_unknown")


def _date(match: re.Match[str]) -> tuple[int, int, int]:
    if match["year"]:
        return int(match["year"]), int(match["month"]), int(match["day"])
    first, second, year = int(match["first"]), int(match["second"]), int(match["last_year"])
    if match["mark"] == "." or first > 12 or first == second:  # points are written where the day comes first
        return year, second, first
    if second > 12:
        return year, first, second
    raise MomentError("date_ambiguous")


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("no such hour on a twelve-hour clock")
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return True


@cache
def _zones() -> tuple[dict[str, int], dict[str, str]]:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return data["offset"], data["region"]
