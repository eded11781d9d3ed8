"""Policies in layers: the platform's, and what a stream, a reseller or an account changes of it; and what differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from abuse.core.constants import CONSTANTS, Percent
from abuse.core.policy import Policy
from abuse.core.policy_text import BadPolicy, Document, Flaw, Table, lines_of, written


class Layer(StrEnum):
    """Whom a version is for, from the widest to the narrowest; the narrower wins."""

    PLATFORM = "platform"
    RESELLER = "reseller"
    ACCOUNT = "account"


class Stream(StrEnum):
    """What kind of mail a version is for."""

    ALL = ""
    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


# Groups of constants that mean nothing further down: a feed is silent for everybody, a reseller's accounts are
# judged together by one rule.
NARROWEST = {"dark": Layer.PLATFORM, "reseller": Layer.RESELLER, "blocklists": Layer.RESELLER}


@dataclass(frozen=True)
class Difference:
    """One constant that two policies do not share; None where a policy says nothing of it."""

    name: str
    before: Table | None
    after: Table | None

    @property
    def unit(self) -> str:
        table = self.after or self.before
        return table.unit if table else ""

    @property
    def changes_value(self) -> bool:
        """Whether the rule decides differently, and not only says so differently."""
        return self.before is None or self.after is None or self.before.value != self.after.value

    @property
    def value_before(self) -> str:
        return written(self.name, self.before.value) if self.before else ""

    @property
    def value_after(self) -> str:
        return written(self.name, self.after.value) if self.after else ""


def layered(base: Policy, document: Document, *, name: str = "") -> Policy:
    """Return *base* with what *document* changes of it. Raises `BadPolicy` when the two do not fit together."""
    return base.changed(document.values, document, name=name or base.name)


def check_override(base: Policy, document: Document, layer: Layer) -> Policy:
    """Return *base* overridden by *document*, after asking that each of its tables has a place on *layer* and a point.

    Raises `BadPolicy` with all flaws.
    """
    flaws = list(_misplaced(base, document, layer))
    if flaws:
        raise BadPolicy(*flaws)
    return layered(base, document)


def differences(before: Mapping[str, Table], after: Mapping[str, Table]) -> list[Difference]:
    """Return the constants that differ in value, unit, source or reason, in the order of the rule."""
    return [
        Difference(name, before.get(name), after.get(name)) for name in CONSTANTS if before.get(name) != after.get(name)
    ]


def with_table(text: str, name: str, table: Table) -> str:
    """Return *text* with the constant *name* written anew, at its place or at the end. Comments around it stay."""
    block = _block(name, table)
    lines = text.rstrip("\n").split("\n")
    place = lines_of(text).get(name)
    if place is None:
        return "\n".join([*lines, "", *block, ""])
    start, end = place - 1, place
    while end < len(lines) and not lines[end].lstrip().startswith("["):
        end += 1
    while end > place and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1  # what stands before the next table belongs to that one
    return "\n".join([*lines[:start], *block, *lines[end:], ""])


def _misplaced(base: Policy, document: Document, layer: Layer) -> Iterator[Flaw]:
    order = list(Layer)
    for name, table in document.tables.items():
        narrowest = NARROWEST.get(name.partition(".")[0], Layer.ACCOUNT)
        if order.index(layer) > order.index(narrowest):
            yield document.flaw("layer", name, layer=narrowest.value)
        elif base.value_of(name) == table.value:
            yield document.flaw("inherited", name)


def _block(name: str, table: Table) -> list[str]:
    value = written(name, table.value)
    said = {"unit": table.unit, "window": table.window, "source": table.source, "why": table.why}
    is_text = CONSTANTS[name].kind in (str, Percent)
    return [
        f"[{name}]",
        f"value = {_quoted(value) if is_text else value}",
        *(f"{part} = {_quoted(words)}" for part, words in said.items() if words),
    ]


def _quoted(words: str) -> str:
    plain = "".join(character if character.isprintable() else " " for character in words)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
