"""Rules that read a reason out of a diagnostic text. The rules are data: fbl/data/rules/*.toml.

A file is a family: `generic.toml` speaks for everybody, the others for one provider each and only where
one of the file's `marks` occurs in the text or the name of the remote host. In a file the first rule that
matches wins. How a text of a rule is compared: `index`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from fbl.core.classify.index import Index
from fbl.core.classify.verdict import CLASS_OF, Reason
from fbl.core.report import BounceClass
from fbl.core.vocabulary import without_accents

GENERIC = "generic"
_CHOICE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    name: str
    family: str
    reason: Reason
    bounce_class: BounceClass
    texts: tuple[str, ...]
    status: str  # the rule holds only with this enhanced code, "" for any
    reply: str  # the rule holds only with a reply code that begins so, "" for any
    example: str
    source: str


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    marks: tuple[str, ...]
    rules: tuple[Rule, ...]


class RuleBook:
    """Rules, ready to be looked up in a text: those of a provider only where one of its marks stands."""

    __slots__ = ("_generic", "_marks", "_of_providers", "families")

    def __init__(self, families: Sequence[Family]) -> None:
        self.families = tuple(families)
        providers = [family for family in families if family.name != GENERIC]
        self._marks = Index((mark, family.name) for family in providers for mark in family.marks)
        self._of_providers = {family.name: _index([family]) for family in providers}
        self._generic = _index([family for family in families if family.name == GENERIC])

    def rule_for(self, seen: str, words: str, status: str, reply: str) -> Rule | None:
        """Return the first rule that holds: *seen* may carry the mark of a family, *words* the text of a rule."""
        for family in dict.fromkeys(self._marks.found(seen)):
            if rule := _first(self._of_providers[family], words, status, reply):
                return rule
        return _first(self._generic, words, status, reply)


def _index(families: Iterable[Family]) -> Index[Rule]:
    return Index((text, rule) for family in families for rule in family.rules for text in rule.texts)


def _first(texts: Index[Rule], words: str, status: str, reply: str) -> Rule | None:
    for rule in texts.found(words):
        if (not rule.status or rule.status == status) and (not rule.reply or reply.startswith(rule.reply)):
            return rule
    return None


@cache
def rule_book() -> RuleBook:
    """Return all rules, providers first, the generic ones last; read once."""
    folder = files("fbl") / "data" / "rules"
    read = [
        _family(entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text(encoding="utf-8")))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    return RuleBook(sorted(read, key=lambda family: family.name == GENERIC))


def _family(name: str, data: dict[str, Any]) -> Family:
    rules = tuple(_rule(name, number, entry) for number, entry in enumerate(data["rule"], start=1))
    return Family(name, tuple(data.get("marks", ())), rules)


def _rule(family: str, number: int, entry: dict[str, Any]) -> Rule:
    reason = Reason(entry["reason"])
    return Rule(
        name=f"{family}/{number}",
        family=family,
        reason=reason,
        bounce_class=BounceClass(entry["class"]) if "class" in entry else CLASS_OF[reason],
        texts=tuple(wording for text in entry["texts"] for wording in _wordings(without_accents(text))),
        status=entry.get("status", ""),
        reply=entry.get("reply", ""),
        example=entry["example"],
        source=entry["source"],
    )


def _wordings(text: str) -> Iterator[str]:
    """Yield the wordings a text of a rule stands for: "no {user|mailbox}" is two."""
    pieces = _CHOICE.split(text)
    for chosen in product(*(piece.split("|") for piece in pieces)):
        yield "".join(chosen)
