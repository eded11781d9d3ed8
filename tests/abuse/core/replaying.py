"""Turn the events of a vector into a verdict, by the reference rule that vectors are written for."""

from collections.abc import Sequence
from typing import Any

from abuse.core.decision import decide
from abuse.core.ledger import Ledger
from abuse.core.policy import reference_policy
from abuse.core.verdict import Verdict


def ledger_of(events: Sequence[Sequence[Any]]) -> Ledger:
    ledger = Ledger()
    for kind, *values in events:
        getattr(ledger, kind)(*values)
    return ledger


def verdict_of(vector: dict[str, Any]) -> Verdict:
    history = ledger_of(vector["events"]).history(vector["at"] // 24)
    policy = reference_policy().with_overrides(vector["params"])
    return decide(history, policy, now_hour=vector["at"], reporting_providers=frozenset(vector["fbl"]))
