"""Is a feed silent? Its arrivals by the hour, against what is to be expected of it.

Decision rule, "Edges that must hold": under 20 % of the expected reports for six hours, a feed's hours are dark.
"""

from collections.abc import Mapping
from statistics import median

WINDOW_HOURS = 6
SILENT_BELOW = 0.2  # of what is expected
ENOUGH = 10  # expected reports: with fewer, silence is often chance (one in 2,000 at ten)
LONGEST_WINDOW = 72  # hours; a feed that brings less than ENOUGH in them is never called silent
LEARN_DAYS = 14
LEARN_AT_LEAST = 5  # days with the feed, before anything is expected of it
MAX_DARK_HOURS = 31 * 24


def silent_since(arrivals: Mapping[int, int], now_hour: int, *, since: int, expected_per_day: int | None) -> int | None:
    """Return the hour from which on the feed has been silent, None when it isn't.

    *arrivals*: reports by hour of arrival (hours since 1970); *now_hour* is still running and left out. *since*: the
    hour of its enrolment; before that nothing was to be expected.
    """
    window = _window(arrivals, now_hour, since, expected_per_day)
    if window is None:
        return None
    start = now_hour - window
    if not _is_silent(arrivals, start, now_hour, since, expected_per_day):
        return None
    # How far back does the silence reach? Not past the last hour that brought anything like its share.
    earliest = max(since, now_hour - MAX_DARK_HOURS)
    while start > earliest and _is_silent(arrivals, start - 1, start + WINDOW_HOURS - 1, since, expected_per_day):
        start -= 1
    while start < now_hour - 1 and arrivals.get(start, 0) > 0:
        start += 1
    return start


def expected(arrivals: Mapping[int, int], start: int, end: int, *, since: int, per_day: int | None) -> float:
    """Return how many reports the hours from *start* to before *end* should have brought.

    What the operator says, else the median of the same hours on the days of the two weeks before.
    """
    if per_day is not None:
        return per_day * (end - start) / 24
    days = [
        sum(arrivals.get(hour - 24 * back, 0) for hour in range(start, end))
        for back in range(1 + (end - start - 1) // 24, LEARN_DAYS + 1)
        if start - 24 * back >= since
    ]
    return float(median(days)) if len(days) >= LEARN_AT_LEAST else 0.0


def _window(arrivals: Mapping[int, int], now_hour: int, since: int, per_day: int | None) -> int | None:
    """Return over how many hours silence can be told from chance; None for a feed too thin to tell."""
    for hours in range(WINDOW_HOURS, LONGEST_WINDOW + 1, WINDOW_HOURS):
        if now_hour - hours < since:
            return None
        if expected(arrivals, now_hour - hours, now_hour, since=since, per_day=per_day) >= ENOUGH:
            return hours
    return None


def _is_silent(arrivals: Mapping[int, int], start: int, end: int, since: int, per_day: int | None) -> bool:
    heard = sum(arrivals.get(hour, 0) for hour in range(start, end))
    due = expected(arrivals, start, end, since=since, per_day=per_day)
    return due > 0 and heard < SILENT_BELOW * due
