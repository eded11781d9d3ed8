"""Rules that read a reason out of a diagnostic text. The rules are data: fbl/data/rules/*.toml.

A file is a family: `generic.toml` speaks for everybody, the others for one provider each and only where
one of the file's `marks` occurs in the text or the name of the remote host. In a file the first rule that
matches wins. A text of a rule is a lower-case substring; " … " in it stands for up to 80 characters of one line.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fbl.core.classify.verdict import CLASS_OF, Reason
from fbl.core.report import BounceClass

GENERIC = "generic"
_GAP = " … "


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    reason: Reason
    bounce_class: BounceClass
    texts: tuple[str, ...]
    patterns: tuple[Callable[[str], object], ...]  # compiled searches, for texts with a gap
    status: str  # the rule holds only with this enhanced code, "" for any
    reply: str  # the rule holds only with a reply code that begins so, "" for any
    example: str
    source: str

    def holds(self, text: str, status: str, reply: str) -> bool:
        if (self.status and self.status != status) or (self.reply and not reply.startswith(self.reply)):
            return False
        for one in self.texts:
            if one in text:
                return True
        return any(search(text) for search in self.patterns)


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    marks: tuple[str, ...]
    rules: tuple[Rule, ...]


@cache
def families() -> tuple[Family, ...]:
    """Return every family of rules, providers first, the generic one last; read once."""
    folder = files("fbl") / "data" / "rules"
    read = [
        _family(entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text(encoding="utf-8")))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    return tuple(sorted(read, key=lambda family: family.name == GENERIC))


def _family(name: str, data: dict[str, Any]) -> Family:
    rules = tuple(_rule(f"{name}/{number}", entry) for number, entry in enumerate(data["rule"], start=1))
    return Family(name, tuple(data.get("marks", ())), rules)


def _rule(name: str, entry: dict[str, Any]) -> Rule:
    reason = Reason(entry["reason"])
    texts = entry.get("texts", ())
    return Rule(
        name=name,
        reason=reason,
        bounce_class=BounceClass(entry["class"]) if "class" in entry else CLASS_OF[reason],
        texts=tuple(text for text in texts if _GAP not in text),
        patterns=tuple(_with_gaps(text) for text in texts if _GAP in text),
        status=entry.get("status", ""),
        reply=entry.get("reply", ""),
        example=entry["example"],
        source=entry["source"],
    )


def _with_gaps(text: str) -> Callable[[str], object]:
    return re.compile(".{0,80}?".join(re.escape(piece) for piece in text.split(_GAP))).search
