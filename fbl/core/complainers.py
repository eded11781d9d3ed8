"""Which complaints of one recipient count: decided from all that the recipient said, whatever order it was read in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fbl.core.report import Kind

MEMORY = timedelta(days=30)  # one complaint per recipient and account in this time (decision rule, "Cells")


@dataclass(frozen=True)
class Said:
    """A complaint or a "not spam" of one recipient about mail of one account, that somebody vouches for."""

    id: bytes  # of the event
    kind: Kind
    campaign: str
    at: datetime  # when it arrived


def counting(said: Iterable[Said]) -> set[bytes]:
    """Return which of one recipient's complaints count.

    The first does, and none that arrives within the memory of one that counts. "Not spam" withdraws what was said
    of the same campaign before it; what was withdrawn keeps no other complaint from counting.
    """
    ordered = sorted(said, key=lambda one: (one.at, one.id))
    withdrawn_until: dict[str, datetime] = {}
    for one in ordered:
        if one.kind is Kind.NOT_SPAM:
            withdrawn_until[one.campaign] = one.at
    counted: set[bytes] = set()
    last: datetime | None = None
    for one in ordered:
        until = withdrawn_until.get(one.campaign)
        if one.kind is not Kind.COMPLAINT or (until is not None and one.at <= until):
            continue
        if last is None or one.at - last > MEMORY:
            counted.add(one.id)
            last = one.at
    return counted
