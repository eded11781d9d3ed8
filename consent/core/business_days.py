"""Business days: neither Saturday nor Sunday nor a statutory holiday. The holidays are data (consent/data/law.toml)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

SATURDAY, SUNDAY = 6, 7


@dataclass(frozen=True)
class Holidays:
    """A country's rules for the days on which nobody has to work; `before` is (month, day, ISO weekday)."""

    fixed: tuple[tuple[int, int], ...] = ()
    easter: tuple[int, ...] = ()  # days after Easter Sunday
    weekday: tuple[tuple[int, int, int], ...] = ()  # month, which one (-1 is the last), ISO weekday
    before: tuple[tuple[int, int, int], ...] = ()
    sunday_moves: bool = False  # a fixed holiday on a Sunday is kept on the Monday after it


def after_business_days(start: date, days: int, holidays: Holidays) -> date:
    """Return the last of *days* business days that follow *start*; the day itself is not counted.

    >>> after_business_days(date(2026, 6, 26), 3, Holidays(fixed=((7, 1),)))
    datetime.date(2026, 7, 2)
    """
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day, holidays)
    return day


def is_business_day(day: date, holidays: Holidays) -> bool:
    return day.isoweekday() < SATURDAY and day not in _holidays_of(day.year, holidays)


def easter(year: int) -> date:
    """Return Easter Sunday (the Gregorian computus as Meeus gives it).

    >>> easter(2027)
    datetime.date(2027, 3, 28)
    """
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (8 * century + 13) // 25
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    shift = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * shift) // 451
    month, day = divmod(epact + shift - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def _holidays_of(year: int, holidays: Holidays) -> frozenset[date]:
    days = {_moved(date(year, month, day), holidays) for month, day in holidays.fixed}
    days |= {easter(year) + timedelta(days=offset) for offset in holidays.easter}
    days |= {_nth(year, *rule) for rule in holidays.weekday}
    days |= {_last_before(date(year, month, day), weekday) for month, day, weekday in holidays.before}
    return frozenset(days)


def _moved(day: date, holidays: Holidays) -> date:
    return day + timedelta(days=1) if holidays.sunday_moves and day.isoweekday() == SUNDAY else day


def _nth(year: int, month: int, which: int, weekday: int) -> date:
    if which < 0:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.isoweekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (which - 1))


def _last_before(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.isoweekday() - weekday - 1) % 7 + 1)
