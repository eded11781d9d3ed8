"""A probation: what it asks for each day, whether it was kept, and what follows. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

RULES_FILE = Path(__file__).resolve().parents[1] / "policies" / "probation.toml"
DAYS_PER_WEEK = 7


class Condition(StrEnum):
    VOLUME = "volume"  # no more mail a day than the ramp allows
    PROOF = "proof"  # only addresses with a consent record
    FORM = "form"  # the sign-up form that was promised answers


@dataclass(frozen=True, slots=True)
class ProbationRules:
    """The values of `abuse/policies/probation.toml`; shares are fractions."""

    ramp: tuple[float, ...]  # by week
    tolerance: float
    proof_reports: int
    proof_share: float
    breaches: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A condition that was not kept on a UTC day."""

    condition: Condition
    day: date
    value: int  # messages sent; recipients without a record; 0 for a form that does not answer
    limit: int

    def as_json(self) -> dict[str, object]:
        return {
            "condition": self.condition.value,
            "day": self.day.isoformat(),
            "value": self.value,
            "limit": self.limit,
        }


def daily_cap(daily_volume: int, first_day: date, day: date, rules: ProbationRules) -> int:
    """Return the most messages allowed on *day*, by the week of the probation it lies in."""
    week = max(0, (day - first_day).days) // DAYS_PER_WEEK
    return round(daily_volume * rules.ramp[min(week, len(rules.ramp) - 1)])


def weekly_caps(daily_volume: int, rules: ProbationRules) -> list[int]:
    """Return the most messages a day in the first, second … week; the last holds until the end."""
    return [round(daily_volume * share) for share in rules.ramp]


def volume_breaches(
    delivered: Mapping[date, int], daily_volume: int, first_day: date, rules: ProbationRules
) -> list[Breach]:
    """Return the days on which more was delivered than allowed and tolerated. The first day itself is half over."""
    found = []
    for day in sorted(delivered):
        cap = daily_cap(daily_volume, first_day, day, rules)
        if day > first_day and delivered[day] > cap * (1 + rules.tolerance):
            found.append(Breach(Condition.VOLUME, day, delivered[day], cap))
    return found


def proof_breach(recipients: int, without_record: int, day: date, rules: ProbationRules) -> Breach | None:
    """Return the breach that *day* shows: of those who complained or bounced, too many have no consent record."""
    tolerated = int(recipients * rules.proof_share)
    if without_record < rules.proof_reports or without_record <= tolerated:
        return None
    return Breach(Condition.PROOF, day, without_record, max(tolerated, rules.proof_reports - 1))


def is_broken(breaches: Sequence[Breach], rules: ProbationRules) -> bool:
    """Whether the probation is over: conditions were broken on too many days. A form alone ends none."""
    return len({breach.day for breach in breaches if breach.condition is not Condition.FORM}) >= rules.breaches


def parse_rules(text: str) -> ProbationRules:
    """Read the values. Raises `ValueError` when one is missing, unknown, or without unit, source or reason."""
    values = {
        f"{group}.{name}": table for group, tables in tomllib.loads(text).items() for name, table in tables.items()
    }
    if wrong := sorted(values.keys() ^ _NAMES):
        raise ValueError(f"[{wrong[0]}] is missing or unknown.")
    for name, table in values.items():
        if not all(table.get(key) for key in ("value", "unit", "source", "why")):
            raise ValueError(f"[{name}] needs value, unit, source and why.")
    return ProbationRules(
        ramp=tuple(_share(share) for share in values["volume.ramp"]["value"]),
        tolerance=_share(values["volume.tolerance"]["value"]),
        proof_reports=int(values["proof.reports"]["value"]),
        proof_share=_share(values["proof.share"]["value"]),
        breaches=int(values["end.breaches"]["value"]),
    )


_NAMES = frozenset({"volume.ramp", "volume.tolerance", "proof.reports", "proof.share", "end.breaches"})


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / 100


@cache
def rules() -> ProbationRules:
    """Return the values that come with the product."""
    return parse_rules(RULES_FILE.read_text(encoding="utf-8"))
