"""Test vectors of the decision rule: a few events, an hour, what a verdict must say. They run on the reference rule.

Events: ["sent", hour, n, provider], ["bounce", send_hour, n, source], ["complaint", send_hour, provider, event_id,
recipient], ["reinstate", hour]. A send hour of null is unknown. `params` replaces constants of the policy.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from abuse.core.cells import HOURS_PER_DAY
from abuse.core.decision import decide
from abuse.core.ledger import Ledger
from abuse.core.policy import reference_policy
from abuse.core.verdict import Verdict

TOLERANCE = 0.002  # of scores; all else is exact


def ledger_of(events: Sequence[Sequence[Any]]) -> Ledger:
    """Return the counted *events*."""
    ledger = Ledger()
    for kind, *values in events:
        getattr(ledger, kind)(*values)
    return ledger


def verdict_of(vector: Mapping[str, Any]) -> Verdict:
    """Return what the reference rule says of a vector."""
    history = ledger_of(vector["events"]).history(vector["at"] // HOURS_PER_DAY)
    policy = reference_policy().with_overrides(vector["params"])
    return decide(history, policy, now_hour=vector["at"], reporting_providers=frozenset(vector["fbl"]))


def answer_of(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict in the words of a vector's `expect`."""
    return {
        "state": verdict.state.value,
        "reasons": [reason.value for reason in verdict.reasons],
        "score_c": verdict.score_complaints,
        "score_b": verdict.score_bounces,
        "score_joint": verdict.score_joint,
        "rest_c": verdict.rest_complaints,
        "rest_b": verdict.rest_bounces,
        "dissenting": list(verdict.dissenting),
        "first_day": verdict.first_day,
        "today": verdict.today,
        "send_days": verdict.send_days,
        "delivered": verdict.delivered,
        "reporting": verdict.reporting,
        "complaints": verdict.complaints,
        "bounces": verdict.bounces,
    }


def differences(vector: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what the vector expects and what the rule says, where the two differ."""
    answer = answer_of(verdict_of(vector))
    return {
        key: (expected, answer.get(key))
        for key, expected in vector["expect"].items()
        if not _agree(expected, answer.get(key))
    }


def _agree(expected: Any, found: Any) -> bool:
    if isinstance(expected, float) and isinstance(found, int | float):
        return abs(expected - found) <= TOLERANCE
    return bool(expected == found)
