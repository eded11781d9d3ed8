"""What spam trap hits mean: deterministic, and without ever seeing a trap's address."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from abuse.core.policy import Policy
from abuse.core.verdict import State


class TrapKind(StrEnum):
    PRISTINE = "pristine"  # never belonged to anybody: it was harvested, guessed or bought
    RECYCLED = "recycled"  # abandoned for long: an old list, which also counts as a hard bounce
    TYPO = "typo"  # a misspelt provider: the form does not confirm addresses


@dataclass(frozen=True, slots=True)
class TrapHit:
    """One mail to one trap, known by its keyed digest."""

    trap: bytes
    kind: TrapKind
    send_day: int  # days since 1970-01-01, UTC


def state_of_hits(hits: Iterable[TrapHit], policy: Policy, *, today: int) -> State:
    """Return what the hits of the window ask for.

    One pristine trap holds the campaign; several distinct ones on several send days suspend. Traps of the other
    kinds are only watched.
    """
    recent = [hit for hit in hits if today - policy.traps_window < hit.send_day <= today]
    pristine = [hit for hit in recent if hit.kind is TrapKind.PRISTINE]
    traps = {hit.trap for hit in pristine}
    send_days = {hit.send_day for hit in pristine}
    if len(traps) >= policy.traps_hits and len(send_days) >= policy.traps_send_days:
        return State.SUSPEND
    if pristine:
        return State.HOLD
    return State.WATCH if recent else State.OK


def counts_as_hard_bounce(kind: TrapKind) -> bool:
    """Whether a hit is also counted as a hard bounce: a recycled trap is an address that no longer exists."""
    return kind is TrapKind.RECYCLED


def band(hits: int) -> str:
    """Return how many hits a client is told of: only a band, since the exact number would reveal the traps.

    >>> band(3), band(21)
    ('1-5', '>20')
    """
    if hits <= 0:
        return "0"
    if hits <= BANDS[0]:
        return f"1-{BANDS[0]}"
    return f"{BANDS[0] + 1}-{BANDS[1]}" if hits <= BANDS[1] else f">{BANDS[1]}"


BANDS = (5, 20)
