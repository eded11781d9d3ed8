"""Numbers, shares, dates and counted words of the two languages, from the tables of `explanation.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

TEXTS_FILE = Path(__file__).resolve().parents[1] / "policies" / "explanation.toml"
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """One language's texts and its ways with figures."""

    texts: dict[str, Any]

    def text(self, group: str, key: str, **values: str) -> str:
        """Return the text of *group* ("sentence", "next.desk") with its fields filled in."""
        table = self.texts
        for name in group.split("."):
            table = table[name]
        return str(table[key]).format(**values)

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """Return *value* rounded half up.

        >>> words("fr").number(1234.5, 1)
        '1\\u202f234,5'
        """
        step = Decimal(1).scaleb(-decimals)
        rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
        if rounded == 0:
            rounded = abs(rounded)  # no "-0"
        thousands, decimal = self.texts["thousands"], self.texts["decimal"]
        return f"{rounded:,f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)

    def share(self, value: float, *, unlike: float | None = None) -> str:
        """Return a rate as a percentage, at most two decimals; more when it would else look equal to *unlike*.

        >>> words("en").share(0.0025), words("en").share(0.0025002, unlike=0.0025)
        ('0.25%', '0.25002%')
        """
        percent = Decimal(str(value)) * 100
        other = None if unlike is None else Decimal(str(unlike)) * 100
        for decimals in (2, 3, 4, 5):
            rounded = percent.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
            if rounded != other or percent == other:
                break
        rounded = rounded.normalize()
        exponent = rounded.as_tuple().exponent
        shown = self.number(rounded, max(0, -exponent) if isinstance(exponent, int) else 0)
        return shown + str(self.texts["percent"])

    def count(self, noun: str, number: int) -> str:
        """Return the number and its noun, in the singular or the plural."""
        is_singular = number == 1 or (number == 0 and self.texts["zero_is_singular"])
        return f"{self.number(number)} {self.texts['noun'][noun][0 if is_singular else 1]}"

    def enumeration(self, items: Sequence[str]) -> str:
        """Return "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return str(self.texts["list"]).join(items[:-1]) + str(self.texts["last_item"]) + items[-1]

    def days(self, first_day: int, last_day: int) -> str:
        """Return the days between, as a sentence begins; days count from 1970-01-01."""
        first, last = (EPOCH + timedelta(days=day) for day in (first_day, last_day))
        if first == last:
            return str(self.texts["one_day"]).format(day=self._date(first))
        if first.year != last.year:
            return str(self.texts["days_apart"]).format(from_day=self._date(first), to_day=self._date(last))
        form = "days_in_month" if first.month == last.month else "days_in_year"
        return str(self.texts[form]).format(
            first=self._day_of_month(first),
            first_month=self._month(first),
            last=self._day_of_month(last),
            month=self._month(last),
            year=last.year,
        )

    def _date(self, day: date) -> str:
        return str(self.texts["day"]).format(day=self._day_of_month(day), month=self._month(day), year=day.year)

    def _day_of_month(self, day: date) -> str:
        return str(self.texts["first_of_month"]) if day.day == 1 else str(day.day)

    def _month(self, day: date) -> str:
        return str(self.texts["months"][day.month - 1])


EPOCH = date(1970, 1, 1)


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(TEXTS_FILE.read_text(encoding="utf-8"))


@cache
def words(language: str) -> Words:
    """Return the words of *language*: French for every variant of French, English for all others."""
    return Words(_texts()["fr" if language.lower().startswith("fr") else "en"])
