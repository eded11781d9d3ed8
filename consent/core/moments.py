"""Read the moment of a consent as people write it: a date, a time of day and a zone, in one of many forms.

Accepted: ISO 8601, `2012-04-21 21:16:58.090 EST`, `21 avril 2012 à 21 h 16 HNE`, `04/21/2012 9:16 PM -0400`, dates
of mail and of logs, seconds since 1970 (`dates.py` has them all). What has two meanings is refused unless the sender
of the file said which one is meant: the order of day and month, the zone of moments that name none.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from consent.core.dates import Clock, MomentError, Shape, Written, take_apart

__all__ = [
    "DateOrder",
    "Habits",
    "Moment",
    "MomentError",
    "is_plain",
    "read_in_habit",
    "read_moment",
    "read_zone",
    "usual_zones",
]

DATA = Path(__file__).resolve().parent.parent / "data" / "zones.toml"

# The form that most exports have is read without the machinery for the others.
_PLAIN = re.compile(
    r"([12]\d{3}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:[.,]\d{3}(?:\d{3})?)?)(?: ?([A-Z]{1,5}|[+-]\d\d:\d\d))?", re.ASCII
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*(?P<sign>[+\-\u2212])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?", re.IGNORECASE)
_REGION = re.compile(r"[A-Za-z_]+(?:/[A-Za-z_+\-0-9]+){1,2}")
# An offset, then the same in words: "-0400 (EDT)", "+02:00[Europe/Paris]". The offset says it.
_WITH_COMMENT = re.compile(r"([^(\[]*[^(\[\s])\s*(?:\([^()]*\)|\[[^\[\]]*\])")
_FARTHEST_OFFSET = timedelta(hours=14)


class DateOrder(StrEnum):
    """What the sender of a file said of days such as 04/05/2012."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True)
class Habits:
    """How moments are written in one file, where the writing alone does not tell."""

    order: DateOrder | None = None
    zone: tzinfo | None = None  # of moments that name none
    takes_days: bool = False  # a day without a time of day is taken, as its first moment
    serials_from: date | None = None  # day 0 of the workbook


class Moment(NamedTuple):
    at: datetime  # UTC
    is_day: bool = False  # no time of day was written


def read_moment(text: str, *, default_zone: tzinfo | None = None) -> datetime:
    """Return the moment in UTC. Raises `MomentError`.

    >>> read_moment("2012-04-21 21:16:58.090 EST").isoformat()
    '2012-04-22T02:16:58.090000+00:00'
    """
    return _usual(text, default_zone) or read_in_habit(text, Habits(zone=default_zone)).at


def read_in_habit(text: str, habits: Habits) -> Moment:
    """Return the moment of *text* in a file of these *habits*. Raises `MomentError`."""
    if usual := _usual(text, habits.zone):
        return Moment(usual)
    written = take_apart(text, serials_from=habits.serials_from)
    if written.shape is Shape.AMBIGUOUS:
        if habits.order is None:
            raise MomentError("date_ambiguous")
        if habits.order is DateOrder.MONTH_FIRST:
            written = written._replace(month=written.day, day=written.month)
    if written.clock is None and not (habits.takes_days and _is_day(written)):
        raise MomentError("time_missing" if _is_day(written) else "date_bad")
    zone = read_zone(written.zone) if written.zone else habits.zone
    if zone is None:
        raise MomentError("zone_missing")
    return Moment(_at(written, zone), is_day=written.clock is None)


def is_plain(text: str) -> tuple[bool, bool]:
    """Return whether *text* has the usual form, and whether it names its zone. What it says may still be wrong."""
    match = _PLAIN.fullmatch(text)
    return match is not None, match is not None and match[3] is not None


def _at(written: Written, zone: tzinfo) -> datetime:
    hour, minute, second, microsecond = written.clock or Clock(0)
    ends = hour == 24 and not (minute or second or microsecond)  # ISO 8601: the end of the day
    try:
        clock = time(0 if ends else hour, minute, second, microsecond, tzinfo=zone)
        local = datetime.combine(date(written.year, written.month, written.day), clock)
        return (local + timedelta(days=ends)).astimezone(UTC)
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
    if match := _WITH_COMMENT.fullmatch(text.strip()):
        return read_zone(match[1])
    raise MomentError("zone_unknown")


def usual_zones() -> dict[str, dict[str, str]]:
    """Return the zones that a sender is offered: name -> places by language."""
    return _data()["usual"]


def _is_day(written: Written) -> bool:
    try:
        date(written.year, written.month, written.day)
    except ValueError:
        return False
    return True


def _zones() -> tuple[dict[str, int], dict[str, str]]:
    return _data()["offset"], _data()["region"]


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
