"""Rhythm: people sign up by day more than by night, and more on some days than on others. Dice do not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi, sin, sqrt

from consent.core.evidence.chance import normal
from consent.core.evidence.rows import EvidenceRow, Finding
from consent.core.evidence.rules import found, limit

_PERIODS = (24, 12, 168)  # hours: a day, half a day, a week


def amplitude(hours: Mapping[int, int]) -> float:
    """Return how strong the daily and weekly rhythm is: 0 for dice, about 0.5 for a shop's customers.

    The root of the summed squares of three harmonics, less what chance alone adds.
    """
    rows = sum(hours.values())
    if not rows:
        return 0.0
    energy = 0.0
    for period in _PERIODS:
        turn = 2 * pi / period
        x = sum(count * cos(turn * hour) for hour, count in hours.items())
        y = sum(count * sin(turn * hour) for hour, count in hours.items())
        energy += (x * x + y * y) / (rows * rows)
    return sqrt(max(0.0, energy - len(_PERIODS) / rows))


def without_rhythm(hours: Mapping[int, int], sample: Sequence[Sequence[EvidenceRow]]) -> Iterator[Finding]:
    """Find files, or long parts of them, whose moments know neither day nor night nor weekday.

    *hours* counts all moments by hour since 1970. The p-value is the chance of so little rhythm in rows that
    have the weakest one met among honest senders, who mail to all continents.
    """
    rows = sum(hours.values())
    if rows < limit("least_rhythm_rows"):
        return
    whole = amplitude(_weekly(hours))
    chance = normal((whole - limit("weakest_rhythm")) * sqrt(2 * rows))
    yield found("no_rhythm", rows, rows, p_value=chance)
    parts = [(part, _weekly(_hours(part))) for part in _parts(sample)]
    parts.sort(key=lambda one: -amplitude(one[1]))
    for part, inside in parts:
        others = [hours for other, hours in parts if other is not part]
        if inside.total() < limit("rhythm_part_rows") or not others:
            continue
        # Held against the livelier half of the others: more than one part may be made up.
        lively = sum(others[: (len(others) + 1) // 2], Counter[int]())
        usual = min(limit("part_of_rhythm") * amplitude(lively), limit("part_rhythm_most"))
        expected = max(limit("weakest_rhythm"), usual)
        chance = normal((amplitude(inside) - expected) * sqrt(2 * inside.total()))
        lines = [part[0].line, part[-1].line]
        span = f"{lines[0]}–{lines[1]}"
        yield found("part_without_rhythm", len(part), rows, lines, value=span, p_value=chance)


def too_even(hours: Mapping[int, int]) -> Iterator[Finding]:
    """Find moments spread more evenly over the days, or weeks, than any audience spreads them.

    The dispersion (variance over mean) of the counts is 1 for dice and under 1 for a fixed step; an audience whose
    daily rate varies by a share h has 1 + h² mean.
    """
    for cell, variation in ((24, limit("daily_variation")), (168, limit("weekly_variation"))):
        counts = Counter[int]()
        for hour, count in hours.items():
            counts[hour // cell] += count
        if not counts:
            return
        cells = max(counts) - min(counts) - 1  # the first and the last are cut off
        inner = [count for number, count in counts.items() if min(counts) < number < max(counts)]
        mean = sum(inner) / cells if cells > 0 else 0.0
        if cells < limit("even_cells") or mean < limit("even_mean"):
            continue
        squares = sum((count - mean) ** 2 for count in inner) + (cells - len(inner)) * mean**2
        dispersion = squares / (cells - 1) / mean
        honest = 1 + variation**2 * mean
        chance = normal((dispersion - honest) / (honest * sqrt(2 / (cells - 1))))
        rows = sum(counts.values())
        yield found("too_even", rows, rows, value=f"{dispersion:.2f}", p_value=chance)
        return


def _hours(rows: Sequence[EvidenceRow]) -> Counter[int]:
    return Counter(int(row.consented_at // 3600) for row in rows if row.consented_at is not None)


def _weekly(hours: Mapping[int, int]) -> Counter[int]:
    week = Counter[int]()
    for hour, count in hours.items():
        week[hour % 168] += count
    return week


def _parts(blocks: Sequence[Sequence[EvidenceRow]]) -> Iterator[list[EvidenceRow]]:
    """Yield runs of neighbouring rows, at most eight, each long enough to have a rhythm.

    The last ends with the file: what was added to a list stands there.
    """
    rows = [row for block in blocks for row in block]
    size = max(int(limit("rhythm_part_rows")), -(-len(rows) // 8))
    for start in range(len(rows) % size - size, len(rows), size):
        if part := rows[max(0, start) : start + size]:
            yield part
