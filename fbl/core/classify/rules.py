"""Rules that read a reason out of a diagnostic text. The rules are data: fbl/data/rules/*.toml.

A file is a family: `generic.toml` speaks for everybody, the others for one provider each and only where
one of the file's `marks` occurs in the text or the name of the remote host. In a file the first rule that
matches wins. How a text of a rule is compared: `index`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fbl.core.classify.index import Index
from fbl.core.classify.verdict import CLASS_OF, Reason
from fbl.core.report import BounceClass

GENERIC = "generic"


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


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule and every mark of a family, ready to be looked up in a text."""

    families: tuple[Family, ...]
    marks: Index[str]
    texts: Index[Rule]

    def rule_for(self, seen: str, words: str, status: str, reply: str) -> Rule | None:
        """Return the first rule that holds: *seen* may carry the mark of a family, *words* the text of a rule."""
        speaking: frozenset[str] | None = None
        for rule in self.texts.found(words):
            if rule.family != GENERIC:
                if speaking is None:
                    speaking = frozenset(self.marks.found(seen))
                if rule.family not in speaking:
                    continue
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
    families = tuple(sorted(read, key=lambda family: family.name == GENERIC))
    return RuleBook(
        families,
        Index((mark, family.name) for family in families for mark in family.marks),
        Index((text, rule) for family in families for rule in family.rules for text in rule.texts),
    )


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
        texts=tuple(entry["texts"]),
        status=entry.get("status", ""),
        reply=entry.get("reply", ""),
        example=entry["example"],
        source=entry["source"],
    )
