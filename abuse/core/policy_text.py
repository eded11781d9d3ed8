"""Read the text of a policy strictly: every flaw at once, each with its line and what would be right."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from abuse.core.constants import CHOICES, CONSTANTS, Percent

PARTS = ("value", "unit", "window", "source", "why")
LONGEST_TEXT = 100_000  # characters; the shipped policy has about 10,000
LONGEST_NAME = 40
LONGEST_PART = 500

# What is wrong, by code; the doors say the same in the person's language (abuse/services/policy_flaws.py).
SENTENCES = {
    "too_long": "A policy has %(most)s characters at most; this one has %(found)s.",
    "not_toml": "This is not valid TOML: %(detail)s.",
    "name": 'Give the policy a name of 40 characters or fewer, as in name = "default".',
    "not_a_table": "%(key)s is not known here; constants are tables.",
    "unknown_constant": "[%(table)s] is not a constant of the rule.",
    "unknown_short_name": "There is no constant called %(key)s.",
    "not_parts": "[%(table)s] must be a table with value, unit, source and why.",
    "unknown_key": "[%(table)s] has an unknown key %(key)s.",
    "no_part": "[%(table)s] has no %(key)s.",
    "not_text": "[%(table)s]: %(key)s is text of 500 characters or fewer.",
    "unit": "[%(table)s] is counted in %(expected)s, not in %(found)s.",
    "percent": '[%(table)s] is a share: write it like "0.25 %%", not %(found)s.',
    "choice": "[%(table)s] is one of %(expected)s, not %(found)s.",
    "number": "[%(table)s] must be a number, not %(found)s.",
    "whole": "[%(table)s] must be a whole number, not %(found)s.",
    "range": "[%(table)s] must lie between %(low)s and %(high)s, not %(found)s.",
    "missing": "The table [%(table)s] is missing.",
    "order": "[%(table)s] must not be above [%(other)s].",
    "layer": "[%(table)s] can be set for a %(layer)s at the lowest; take it out of this override.",
    "inherited": "[%(table)s] has the value it would inherit: an override holds only what differs.",
}


class Flaw(NamedTuple):
    """One thing wrong with a policy: its code in SENTENCES, its line (from 1) if it has one, the words to fill in."""

    code: str
    line: int | None = None
    words: Mapping[str, str] = {}

    def __str__(self) -> str:
        sentence = SENTENCES[self.code] % self.words
        return f"Line {self.line}: {sentence}" if self.line else sentence


class BadPolicy(ValueError):
    """A policy that cannot be meant. `flaws` are all that is wrong with it, by line."""

    def __init__(self, *flaws: Flaw) -> None:
        self.flaws = tuple(sorted(flaws, key=lambda flaw: (flaw.line is None, flaw.line or 0)))
        super().__init__("\n".join(map(str, self.flaws)))


@dataclass(frozen=True)
class Table:
    """One constant with all that is said about it. `value` is in the rule's type: shares are fractions."""

    value: Any
    unit: str
    source: str
    why: str
    window: str = ""


@dataclass(frozen=True)
class Document:
    """What a policy text says: the whole rule, or only what an override changes."""

    name: str
    tables: Mapping[str, Table]
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)  # of a table, or of "table key"

    @property
    def values(self) -> dict[str, Any]:
        """Return the values by the constant's name ("complaints.limit")."""
        return {name: table.value for name, table in self.tables.items()}

    def flaw(self, code: str, table: str, **words: str) -> Flaw:
        """Return a flaw of *table*, at the line of its value."""
        return Flaw(code, self.lines.get(f"{table} value", self.lines.get(table)), {"table": table, **words})


def read_document(text: str, *, whole: bool) -> Document:
    """Read *text*; *whole* when every constant must be there. Raises `BadPolicy` with all flaws."""
    document, flaws = _read(text)
    if whole and not any(flaw.code in {"not_toml", "too_long"} for flaw in flaws):
        named = {flaw.words.get("table") for flaw in flaws}
        flaws += [
            Flaw("missing", None, {"table": name})
            for name in CONSTANTS
            if name not in document.tables and name not in named
        ]
    if flaws:
        raise BadPolicy(*flaws)
    return document


def read_leniently(text: str) -> tuple[Document, tuple[Flaw, ...]]:
    """Read what can be meant of a text that an older release accepted, and say what cannot."""
    document, flaws = _read(text)
    return document, tuple(flaws)


def checked(name: str, value: Any, line: int | None = None) -> Any:
    """Return *value* (a share as a fraction) in the type of the constant *name*. Raises `BadPolicy` when absurd."""
    constant = CONSTANTS[name]
    words = {"table": name, "found": _shown(value)}
    if constant.kind is str:
        if value not in CHOICES[name]:
            raise BadPolicy(Flaw("choice", line, words | {"expected": ", ".join(CHOICES[name])}))
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadPolicy(Flaw("number", line, words))
    if constant.low <= value <= constant.high:
        if constant.kind is int and value != int(value):
            raise BadPolicy(Flaw("whole", line, words))
        return int(value) if constant.kind is int else float(value)
    limits = {"low": written(name, constant.low), "high": written(name, constant.high), "found": written(name, value)}
    raise BadPolicy(Flaw("range", line, words | limits))


def written(name: str, value: Any) -> str:
    """Return *value* as a policy text has it, without quotes: a share as a percentage.

    >>> written("complaints.limit", 0.0025)
    '0.25 %'
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float) or abs(value) > 1e300 or not isfinite(value):
        return _shown(value)
    return f"{value * 100:.12g} %" if CONSTANTS[name].kind is Percent else f"{value:.12g}"


def _read(text: str) -> tuple[Document, list[Flaw]]:
    if len(text) > LONGEST_TEXT:
        return Document("", {}), [Flaw("too_long", None, {"most": str(LONGEST_TEXT), "found": str(len(text))})]
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a plain ValueError: more digits than Python reads
        return Document("", {}), [_not_toml(error, text)]
    lines = lines_of(text)
    flaws: list[Flaw] = []
    name = content.pop("name", None)
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        flaws.append(Flaw("name", lines.get("name", 1)))
    tables: dict[str, Table] = {}
    for group, members in content.items():
        if not isinstance(members, dict):
            flaws.append(Flaw("not_a_table", lines.get(group), {"key": _shown(group)}))
            continue
        for key, member in members.items():
            table_name = f"{group}.{key}"
            found = list(_flaws_of(table_name, member, lines))
            if not found:
                try:
                    tables[table_name] = _table(table_name, member, lines)
                except BadPolicy as error:
                    found.extend(error.flaws)
            flaws.extend(found)
    return Document(str(name or "").strip(), tables, lines), flaws


def _flaws_of(name: str, member: Any, lines: Mapping[str, int]) -> Iterator[Flaw]:
    """Yield what is wrong with one table, its value's sense apart."""
    line = lines.get(name)
    constant = CONSTANTS.get(name)
    if constant is None:
        yield Flaw("unknown_constant", line, {"table": name[:80]})
        return
    if not isinstance(member, dict):
        yield Flaw("not_parts", line, {"table": name})
        return
    for key in sorted(set(member) - set(PARTS)):
        yield Flaw("unknown_key", lines.get(f"{name} {key}", line), {"table": name, "key": _shown(key)})
    for key in ("value", "unit", "source", "why"):
        if member.get(key, "") == "":
            yield Flaw("no_part", line, {"table": name, "key": key})
    for key in PARTS[1:]:
        said = member.get(key, "")
        if not isinstance(said, str) or len(said) > LONGEST_PART:
            yield Flaw("not_text", lines.get(f"{name} {key}", line), {"table": name, "key": key})
        elif key == "unit" and said and said != constant.unit:
            words = {"table": name, "expected": repr(constant.unit), "found": _shown(said)}
            yield Flaw("unit", lines.get(f"{name} {key}", line), words)


def _table(name: str, member: Mapping[str, Any], lines: Mapping[str, int]) -> Table:
    line = lines.get(f"{name} value", lines.get(name))
    value = member["value"]
    if CONSTANTS[name].kind is Percent:
        value = _percent(name, value, line)
    said = {part: member.get(part, "") for part in PARTS[1:]}
    return Table(value=checked(name, value, line), **said)


def _percent(name: str, value: Any, line: int | None) -> float:
    number = value.removesuffix("%").strip() if isinstance(value, str) and value.endswith("%") else ""
    try:
        return float(Decimal(number) / 100)
    except (ArithmeticError, ValueError):
        raise BadPolicy(Flaw("percent", line, {"table": name, "found": _shown(value)})) from None


def _shown(value: Any) -> str:
    """Return *value* as it may stand in a sentence: short, whatever it is."""
    if isinstance(value, int) and abs(value) > 10**15:
        return "a very large number"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def _not_toml(error: Exception, text: str) -> Flaw:
    if not isinstance(error, tomllib.TOMLDecodeError | RecursionError):
        digits = re.search(r"[0-9_]{4300}", text)
        line = text.count("\n", 0, digits.start() if digits else 0) + 1
        return Flaw("not_toml", line, {"detail": "a number is too long"})
    place = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", str(error), re.DOTALL)
    if place is None:
        last = len(text.rstrip().split("\n"))  # "at end of document", or nested too deep
        return Flaw("not_toml", last, {"detail": str(error)[:200]})
    detail = f"{place[1][:200]} (column {place[3]})"
    return Flaw("not_toml", int(place[2]), {"detail": detail})


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each table ("a.b"), of each key in it ("a.b key"), and of each key before the first table."""
    found: dict[str, int] = {}
    table = ""
    fence = ""  # the quotes of a text over several lines
    for number, line in enumerate(text.split("\n"), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        heading = re.match(r"\s*\[\s*([\w.\s-]+?)\s*\]", line)
        key = re.match(r"\s*([\w.-]+)\s*=", line)
        if heading:
            table = re.sub(r"\s", "", heading[1])
            found.setdefault(table, number)
        elif key:
            found.setdefault(f"{table} {key[1]}" if table else key[1], number)
            if table and "." not in table:
                found.setdefault(f"{table}.{key[1]}", number)
        fence = next((quotes for quotes in ('"""', "'''") if line.count(quotes) % 2), "")
    return found
