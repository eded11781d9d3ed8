"""Draw rates by day as SVG on the server: columns, a seven-day line, the limit, and the marks of decisions.

The drawing is geometry only (numbers as SVG text); words, colours and the table alternative are the template's.
Three drawings are made, for wide, medium and narrow places, so that letters keep their size on a phone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats

from courrielleur.portal.figures import Rate, percent

TREND_DAYS = 7
HEADROOM = 1.15


@dataclass(frozen=True)
class Point:
    """One send day (UTC): how many, of how many."""

    day: date
    count: int
    of: int


@dataclass(frozen=True)
class Mark:
    """A decision on the time axis; `url` leads to its case."""

    day: date
    text: str
    url: str = ""


@dataclass(frozen=True)
class Column:
    x: str
    y: str
    width: str
    height: str
    is_over: bool
    is_small: bool
    title: str


@dataclass(frozen=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True)
class Flag:
    x: str
    number: int


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    left: str
    right: str
    floor: str
    limit_y: str
    columns: list[Column]
    trend: str  # an SVG path; may be empty
    rates: list[Tick]
    days: list[Tick]
    flags: list[Flag]


@dataclass(frozen=True)
class Row:
    day: date
    rate: Rate
    trend: float | None


@dataclass(frozen=True)
class Chart:
    limit: float
    wide: Drawing
    medium: Drawing
    narrow: Drawing
    rows: list[Row]  # the same figures as a table, newest first
    marks: list[Mark]
    total: Rate

    @property
    def is_empty(self) -> bool:
        return self.total.of == 0

    @property
    def days_over(self) -> int:
        return sum(row.rate.is_over for row in self.rows)


def rate_chart(points: Iterable[Point], *, limit: float, marks: Sequence[Mark] = ()) -> Chart:
    """Return the chart of *points*; missing days are days without mail. *limit* is a share, such as 0.0025."""
    days = _every_day(sorted(points, key=lambda point: point.day))
    rows = []
    for number, point in enumerate(days):
        week = days[max(0, number - TREND_DAYS + 1) : number + 1]
        rate = Rate(sum(each.count for each in week), sum(each.of for each in week), limit)
        rows.append(Row(point.day, Rate(point.count, point.of, limit), None if rate.is_small else rate.value))
    shown = [mark for mark in marks if days and days[0].day <= mark.day <= days[-1].day]
    return Chart(
        limit=limit,
        wide=_draw(rows, limit, shown, width=760, height=220, day_words=8),
        medium=_draw(rows, limit, shown, width=500, height=210, day_words=6),
        narrow=_draw(rows, limit, shown, width=340, height=200, day_words=4),
        rows=rows[::-1],
        marks=shown,
        total=Rate(sum(point.count for point in days), sum(point.of for point in days), limit),
    )


def _every_day(points: list[Point]) -> list[Point]:
    if not points:
        return []
    by_day = {point.day: point for point in points}
    length = (points[-1].day - points[0].day).days + 1
    span = (points[0].day + timedelta(days=number) for number in range(length))
    return [by_day.get(day, Point(day, 0, 0)) for day in span]


def _draw(rows: list[Row], limit: float, marks: list[Mark], *, width: int, height: int, day_words: int) -> Drawing:
    left, right, top, floor = 46.0, width - 8.0, 20.0 if marks else 8.0, height - 22.0
    highest = max(
        [2 * limit, *(row.rate.value or 0 for row in rows if not row.rate.is_small), *(row.trend or 0 for row in rows)]
    )
    ceiling = highest * HEADROOM
    step = (right - left) / max(1, len(rows))

    def y(value: float) -> float:
        return floor - min(value, ceiling) / ceiling * (floor - top)

    columns = []
    for number, row in enumerate(rows):
        if row.rate.value:
            rise = y(row.rate.value)
            columns.append(
                Column(
                    x=_n(left + number * step + step * 0.14),
                    y=_n(rise),
                    width=_n(step * 0.72),
                    height=_n(floor - rise),
                    is_over=row.rate.is_over,
                    is_small=row.rate.is_small,
                    title=f"{formats.date_format(row.day, 'SHORT_DATE_FORMAT')}: {percent(row.rate.value)}",
                )
            )
    every = max(1, math.ceil(len(rows) / day_words))
    first = rows[0].day if rows else None
    return Drawing(
        width=width,
        height=height,
        left=_n(left),
        right=_n(right),
        floor=_n(floor),
        limit_y=_n(y(limit)),
        columns=columns,
        trend=_path(
            [
                (left + (number + 0.5) * step, y(r.trend)) if r.trend is not None else None
                for number, r in enumerate(rows)
            ]
        ),
        rates=[
            Tick(_n(y(value)), percent(value, _digits(limit)))
            for value in _scale(ceiling)
            if abs(y(value) - y(limit)) > 13
        ],
        days=[
            Tick(_n(left + (number + 0.5) * step), formats.date_format(rows[number].day, "j N"))
            for number in range(every // 2, len(rows), every)
        ],
        flags=[
            Flag(_n(left + ((mark.day - first).days + 0.5) * step), number)
            for number, mark in enumerate(marks, start=1)
            if first is not None
        ],
    )


def _scale(ceiling: float) -> list[float]:
    """Return three to five round values from 0 up to *ceiling*."""
    rough = ceiling / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [number * step for number in range(int(ceiling / step) + 1)]


def _digits(limit: float) -> int:
    return 2 if limit < 0.01 else 0


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    """Return a path that lifts the pen where there is no value."""
    words = []
    is_drawing = False
    for place in places:
        if place is None:
            is_drawing = False
            continue
        words.append(f"{'L' if is_drawing else 'M'}{_n(place[0])} {_n(place[1])}")
        is_drawing = True
    return "".join(words)


def _n(number: float) -> str:
    """Write a number as SVG reads it, whatever the reader's language."""
    return f"{number:.1f}"
