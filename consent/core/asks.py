"""What must be asked about a file before it is read, and whether an answer fits. The words are data.

Nothing that has two meanings is guessed: the order of day and month in 04/05/2012, the zone of a time that names none,
whether a date without a time is all there is. What the file itself settles is not asked.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from consent.core.headings import known_fields
from consent.core.moments import DateOrder, MomentError, read_zone, usual_zones
from consent.core.survey import EXAMPLES, Survey
from consent.core.tables import Plan

DATA = Path(__file__).resolve().parent.parent / "data" / "asks.toml"
MIXED = "mixed"  # an answer about the order of day and month: rows with two meanings are refused
ACCEPT, REFUSE = "accept", "refuse"


# The errors of rows that an answer could mend.
DOUBTS = frozenset({"date_ambiguous", "zone_missing", "time_missing"})


class Code(StrEnum):
    """What can be asked; the keys of the answers."""

    COLUMNS = "columns"  # {name of a column: our field, or ""}
    DATE_ORDER = "date_order"  # day_first, month_first, mixed
    ZONE = "zone"  # a name of the tz database, an abbreviation, an offset
    DAYS = "days"  # dates without a time of day: accept, refuse
    CONFIRM = "confirm"  # true


@dataclass(frozen=True)
class Ask:
    """One question about a file."""

    code: str  # a `Code`: answers are given under it
    text: str  # a key of [ask.*]: the question in words
    required: bool = True  # False: worth saying, but the file is read without it
    rows: int = 0  # that it concerns
    examples: tuple[str, ...] = ()  # as written in the file
    choices: tuple[str, ...] = ()  # answers that fit; of a zone the usual ones

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def asks_of(survey: Survey, plan: Plan, answers: Mapping[str, Any], *, confirms: bool) -> tuple[Ask, ...]:
    """Return what is still to be asked; nothing when no question is required.

    *confirms*: the sender wants to see how the file is understood before it is read, and may then change an answer.
    """

    def is_open(code: Code) -> bool:
        return confirms or code not in answers

    asks: list[Ask] = []
    if "email" not in plan.fields:
        asks.append(Ask(Code.COLUMNS, "columns"))
    found = survey.found
    if found["ambiguous"] and not survey.order and is_open(Code.DATE_ORDER):
        text = "date_order_mixed" if found["day_first"] else "date_order"
        choices = (*map(str, DateOrder), MIXED)
        asks.append(_about(survey, Code.DATE_ORDER, text, ("ambiguous",), choices))
    if found["days"] and is_open(Code.DAYS):
        asks.append(_about(survey, Code.DAYS, "days", ("days",), (ACCEPT, REFUSE)))
    zoneless = ("zoneless",) if answers.get(Code.DAYS) == REFUSE else ("zoneless", "zoneless_days")
    if any(found[kind] for kind in zoneless) and is_open(Code.ZONE):
        asks.append(_about(survey, Code.ZONE, "zone", zoneless, tuple(usual_zones())))
    if confirms and not answers.get(Code.CONFIRM):
        asks.append(Ask(Code.CONFIRM, "confirm"))
    asks = [replace(ask, required=False) if ask.code in answers and ask.code != Code.CONFIRM else ask for ask in asks]
    return tuple(asks) if any(ask.required for ask in asks) else ()


def is_worth_asking(doubts: int, dated: int) -> bool:
    """Return whether so many rows with two meanings, among *dated* ones, may raise a question about their file."""
    least: float = min(limit["value"] for limit in _data()["limit"].values())
    return doubts > least * dated


def settled(plan: Plan, survey: Survey, answers: Mapping[str, Any], *, is_sampled: bool = False) -> Plan:
    """Return the plan with what the file itself and its sender say of its dates. The file's own rows come first.

    *is_sampled*: the survey saw the first rows only.
    """
    said = str(answers.get(Code.DATE_ORDER, ""))
    order = "" if said == MIXED else survey.order or said
    zone, takes_days = str(answers.get(Code.ZONE, "")), answers.get(Code.DAYS) == ACCEPT
    return plan.dated(order=order, zone=zone, takes_days=takes_days, is_sampled=is_sampled)


def flaws_in(answers: Mapping[str, Any], plan: Plan | None = None) -> dict[str, "Flaw"]:
    """Return what is wrong with *answers*, by their key; nothing when they fit the file.

    Answers given before the file is known have no *plan*: then columns it does not have are no flaw.
    """
    flaws: dict[str, Flaw] = {}
    for key, value in answers.items():
        match key:
            case Code.COLUMNS:
                flaw = _columns_flaw(value, plan)
            case Code.DATE_ORDER:
                flaw = _choice_flaw(value, (*map(str, DateOrder), MIXED))
            case Code.ZONE:
                flaw = _zone_flaw(value)
            case Code.DAYS:
                flaw = _choice_flaw(value, (ACCEPT, REFUSE))
            case Code.CONFIRM:
                flaw = None if isinstance(value, bool) else Flaw("choice", "true, false")
            case _:
                flaw = Flaw("unknown_answer")
        if flaw:
            flaws[key] = flaw
    return flaws


@dataclass(frozen=True)
class Flaw:
    code: str  # a key of [flaw.*]
    value: str = ""

    def text(self, language: str) -> str:
        words: str = _data()["flaw"][self.code][language]
        return words.format(value=self.value)


def ask_text(text: str, language: str) -> str:
    words: str = _data()["ask"][text][language]
    return words


def choice_text(choice: str, language: str) -> str:
    """Return an answer in words; a zone by its places."""
    if zone := usual_zones().get(choice):
        return zone[language]
    words: str = _data()["choice"][choice][language]
    return words


def warning_text(code: str, language: str, **figures: object) -> str:
    words: str = _data()["warning"][code][language]
    return words.format(**figures)


def _about(survey: Survey, code: Code, text: str, kinds: tuple[str, ...], choices: tuple[str, ...]) -> Ask:
    rows = sum(survey.found[kind] for kind in kinds)
    examples = dict.fromkeys(example for kind in kinds for example in survey.examples.get(kind, ()))
    is_worth_it = rows > _data()["limit"][code.value]["value"] * survey.dated
    return Ask(code, text, is_worth_it, rows, tuple(examples)[:EXAMPLES], choices)


def _columns_flaw(value: object, plan: Plan | None) -> Flaw | None:
    if not isinstance(value, Mapping) or not all(isinstance(part, str) for pair in value.items() for part in pair):
        return Flaw("columns_shape")
    for name in value.keys() - set(plan.names) if plan else ():
        return Flaw("column_unknown", name[:60])
    fields = [field for field in value.values() if field]
    for field in fields:
        if field not in known_fields():
            return Flaw("field_unknown", field[:60])
        if fields.count(field) > 1:
            return Flaw("field_twice", field)
    return Flaw("email_missing") if plan and "email" not in plan.with_columns(value).fields else None


def _choice_flaw(value: object, choices: tuple[str, ...]) -> Flaw | None:
    return None if value in choices else Flaw("choice", ", ".join(choices))


def _zone_flaw(value: object) -> Flaw | None:
    try:
        read_zone(value if isinstance(value, str) else "")
    except MomentError:
        return Flaw("zone")
    return None


@cache
def _data() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
