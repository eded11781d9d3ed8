"""The rules and the words of consent law, read from consent/data/law.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from consent.core.business_days import Holidays

DATA = Path(__file__).resolve().parent.parent / "data" / "law.toml"
REGIMES = ("casl", "gdpr", "can_spam")


@dataclass(frozen=True)
class BasisRule:
    source: str
    months: int = 0  # how long it lasts; 0 when nothing but a withdrawal ends it
    continues: bool = False  # it holds while in force, and `months` from its end
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegimeRules:
    names: Mapping[str, str]  # by language
    withdrawal_business_days: int  # 0: at once
    withdrawal_source: str
    express_needs: tuple[str, ...]
    express_source: str
    unclear_source: str
    is_opt_out: bool
    holidays: Holidays
    bases: Mapping[str, BasisRule]


@dataclass(frozen=True)
class LawRules:
    version: str
    default_zone: str
    express: frozenset[str]  # methods by what they are to the law
    implied: frozenset[str]
    disclosed: frozenset[str]
    forbidden: frozenset[str]
    forbidden_source: str
    regimes: Mapping[str, RegimeRules]


@cache
def law_rules(*, allows_affiliates: bool = False) -> LawRules:
    """Return the rules. *allows_affiliates* is for a policy that judges such records as other unclear ones."""
    data = _data()
    methods = data["methods"]
    forbidden = frozenset(methods["forbidden"])
    return LawRules(
        version=data["version"],
        default_zone=data["default_zone"],
        express=frozenset(methods["express"]),
        implied=frozenset(methods["implied"]),
        disclosed=frozenset(methods["disclosed"]),
        forbidden=forbidden if allows_affiliates else forbidden | frozenset(methods["forbidden_unless_policy"]),
        forbidden_source=methods["source"],
        regimes={key: _regime(data[key], data["holidays"]) for key in REGIMES},
    )


def law_text(key: str, language: str) -> str:
    """Return the words for an outcome, or for `disclaimer`, which belongs beside every summary."""
    return str(_data()["text"][key][language])


def missing_text(key: str, language: str) -> str:
    return str(_data()["missing"][key][language])


@cache
def place_words() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return regimes by the words for countries, and by the last label of a domain."""
    return _places("words"), _places("domains")


def missing_keys() -> frozenset[str]:
    return frozenset(_data()["missing"])


def reading_words(table: str) -> Mapping[str, list[str]]:
    """Return headings by column, or words by basis."""
    words: Mapping[str, list[str]] = _data()[table]
    return words


def _places(key: str) -> Mapping[str, str]:
    places = _data()["place"]
    return {word: regime for regime in REGIMES for word in places[regime][key]}


def _regime(row: Mapping[str, Any], holidays: Mapping[str, Any]) -> RegimeRules:
    return RegimeRules(
        names=row["name"],
        withdrawal_business_days=row["withdrawal_business_days"],
        withdrawal_source=row["withdrawal_source"],
        express_needs=tuple(row["express_needs"]),
        express_source=row["express_source"],
        unclear_source=row["unclear_source"],
        is_opt_out=row.get("is_opt_out", False),
        holidays=_holidays(holidays[row["holidays"]]) if row["holidays"] else Holidays(),
        bases={key: _basis(rule) for key, rule in row.get("basis", {}).items()},
    )


def _basis(row: Mapping[str, Any]) -> BasisRule:
    return BasisRule(row["source"], row.get("months", 0), row.get("continues", False), tuple(row.get("needs", ())))


def _holidays(row: Mapping[str, Any]) -> Holidays:
    fixed = tuple((int(day[:2]), int(day[3:])) for day in row["fixed"])
    rules = {key: tuple((one, two, three) for one, two, three in row[key]) for key in ("weekday", "before")}
    return Holidays(fixed, tuple(row["easter"]), rules["weekday"], rules["before"], row["sunday_moves"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
