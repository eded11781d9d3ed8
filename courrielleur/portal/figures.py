"""Figures made ready for a page: rates beside their limits, durations in words, numbers in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from abuse.core.policy import Policy

NOTHING = "–"


class Day(Protocol):
    """The figures of one UTC send day, as `fbl.selectors.daily_figures` gives them."""

    @property
    def delivered(self) -> int: ...
    @property
    def reporting(self) -> int: ...
    @property
    def complaints(self) -> int: ...
    @property
    def hard_bounces(self) -> int: ...


@dataclass(frozen=True)
class Rate:
    """A share beside its limit. `value` is None when nothing was delivered."""

    count: int
    of: int
    limit: float

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None

    @property
    def is_small(self) -> bool:
        """True when a single count more or less decides: too little mail for a rate to mean anything."""
        return self.of * self.limit < 1

    @property
    def is_over(self) -> bool:
        return self.value is not None and not self.is_small and self.value > self.limit

    @property
    def level(self) -> str:
        """The rate on a gauge 0 to 100 wide whose limit stands at 50, as an SVG number."""
        return f"{min(100.0, (self.value or 0.0) / self.limit * 50):.1f}"


@dataclass(frozen=True)
class Rates:
    delivered: int
    complaints: Rate
    bounces: Rate


def rates(days: Iterable[Day], policy: Policy) -> Rates:
    """Sum days up to both rates, beside the limits of *policy*."""
    rows = list(days)
    delivered = sum(row.delivered for row in rows)
    return Rates(
        delivered=delivered,
        complaints=Rate(
            sum(row.complaints for row in rows), sum(row.reporting for row in rows), policy.complaints_limit
        ),
        bounces=Rate(sum(row.hard_bounces for row in rows), delivered, policy.bounces_limit),
    )


def whole(number: float | None) -> str:
    return NOTHING if number is None else number_format(round(number), use_l10n=True, force_grouping=True)


def percent(ratio: float | None, digits: int = 2) -> str:
    """Return `0,25 %` or `0.25%`; a dash for None."""
    if ratio is None:
        return NOTHING
    number = number_format(ratio * 100, decimal_pos=digits, use_l10n=True, force_grouping=True)
    # Translators: a percentage; French puts a no-break space before the sign
    return gettext("%(number)s%%") % {"number": number}


def duration(length: timedelta | float | None) -> str:
    """Say a duration in its two largest units: `2 d 4 h`, `3 h`, `12 min`, `8 s`. Seconds may be given."""
    if length is None:
        return NOTHING
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    days, rest = divmod(max(0, seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = []
    if days:
        # Translators: a number of days in short, as in "2 d 4 h"
        parts.append(ngettext("%(n)s d", "%(n)s d", days) % {"n": days})
    if hours and days < 7:
        parts.append(gettext("%(n)s h") % {"n": hours})
    if minutes and not days:
        parts.append(gettext("%(n)s min") % {"n": minutes})
    if not parts:
        parts.append(gettext("%(n)s s") % {"n": seconds})
    return " ".join(part.replace(" ", "\u00a0") for part in parts[:2])
