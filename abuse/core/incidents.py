"""Was it us? Tell trouble of a provider, or of our own shared addresses, from trouble of a client.

A cell is one mailbox provider and one hour of sending. An account is in trouble there when far more of its mail bounces
than it is used to elsewhere. When most accounts that sent there are, of several resellers, the cause is not theirs: the
cell's bounces leave their rates and an internal incident is opened.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

RULES_FILE = Path(__file__).resolve().parents[1] / "policies" / "incidents.toml"

_PRIOR_SENT, _PRIOR_FAILED = 100, 1.0  # of an account without a bounce so far: one in a hundred is usual


class Kind(StrEnum):
    """What the bounces say. They are looked at apart: a block is about us, a hard bounce about the address."""

    HARD = "hard"  # addresses that exist are called unknown: the provider is broken
    BLOCK = "block"  # our addresses are refused: listed, or blocked by the provider


@dataclass(frozen=True, slots=True)
class IncidentRules:
    """The thresholds of `abuse/policies/incidents.toml`, where each has its reason. Shares are fractions."""

    watch_hours: int
    account_failed: int
    account_share: float
    account_multiple: float
    account_usual: int
    cell_accounts: int
    cell_resellers: int
    cell_share: float
    incident_gap: int


@dataclass(frozen=True, slots=True)
class Sender:
    """One account in a cell, and what is usual for it: the same days at other providers, and here before."""

    account_id: int
    reseller_id: int
    sent: int  # tried: delivered and failed
    failed: int  # bounces of the kind looked at
    usual_sent: int
    usual_failed: int

    def is_informative(self, rules: IncidentRules) -> bool:
        """Whether the account says anything of the cell: it sent enough there, and elsewhere to compare with."""
        return self.sent >= rules.account_failed and self.usual_sent >= rules.account_usual

    def is_in_trouble(self, rules: IncidentRules) -> bool:
        usual = (self.usual_failed + _PRIOR_FAILED) / (self.usual_sent + _PRIOR_SENT)
        return (
            self.is_informative(rules)
            and self.failed >= rules.account_failed
            and self.failed >= rules.account_share * self.sent
            and self.failed >= rules.account_multiple * usual * self.sent
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell whose bounces are nobody's own."""

    accounts: tuple[int, ...]  # in trouble
    senders: int  # accounts that say anything of the cell
    sent: int
    failed: int


def trouble(senders: Iterable[Sender], rules: IncidentRules) -> Trouble | None:
    """Return what is wrong in a cell, or None when it is each account's own affair."""
    telling = [sender for sender in senders if sender.is_informative(rules)]
    hit = [sender for sender in telling if sender.is_in_trouble(rules)]
    resellers = {sender.reseller_id for sender in hit}
    if (
        len(hit) < rules.cell_accounts
        or len(hit) < rules.cell_share * len(telling)
        or len(resellers) < rules.cell_resellers
    ):
        return None
    return Trouble(
        accounts=tuple(sorted(sender.account_id for sender in hit)),
        senders=len(telling),
        sent=sum(sender.sent for sender in telling),
        failed=sum(sender.failed for sender in hit),
    )


def parse_rules(text: str) -> IncidentRules:
    """Read the thresholds. Raises `ValueError` when one is missing, unknown, or without unit, source or reason."""
    values: dict[str, Any] = {}
    for group, tables in tomllib.loads(text).items():
        for name, table in tables.items():
            if lacking := {"value", "unit", "source", "why"} - {key for key, told in table.items() if told != ""}:
                raise ValueError(f"[{group}.{name}] has no {', '.join(sorted(lacking))}.")
            value = table["value"]
            is_share = isinstance(value, str)
            values[f"{group}_{name}"] = float(value.removesuffix("%")) / 100 if is_share else value
    names = {field.name for field in fields(IncidentRules)}
    if wrong := sorted(values.keys() ^ names):
        raise ValueError(f"{wrong[0]!r} is missing or unknown.")
    return IncidentRules(**values)


@cache
def rules() -> IncidentRules:
    """Return the thresholds that come with the product."""
    return parse_rules(RULES_FILE.read_text(encoding="utf-8"))
