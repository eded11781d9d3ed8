"""Chain the assessments of an account: each carries a digest of itself and of the one before it.

Who changes, removes or slips in a row breaks every digest after it. The last one is told outside (statement of
reasons, orders), so that cutting the end off is seen too.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

BEGINNING = bytes(32)  # what the first assessment of an account is chained to


@dataclass(frozen=True, slots=True)
class Link:
    """What an assessment says, and where it stands in its account's chain."""

    account_id: int
    sequence: int  # 1, 2, 3 … of the account
    at: datetime
    state: str
    reasons: tuple[str, ...]
    figures: Mapping[str, Any]
    inputs: Mapping[str, Any]
    policy_version: str
    code_version: str
    digest: bytes = b""  # as it was written

    def digest_after(self, previous: bytes) -> bytes:
        """Return the 32 bytes that this link must carry, *previous* being those of the link before."""
        content = {
            "account": self.account_id,
            "sequence": self.sequence,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "state": self.state,
            "reasons": list(self.reasons),
            "figures": self.figures,
            "inputs": self.inputs,
            "policy_version": self.policy_version,
            "code_version": self.code_version,
        }
        return hashlib.sha256(previous + canonical(content)).digest()


class Flaw(StrEnum):
    """What is wrong with a link."""

    MISSING = "missing"  # one or more links before it are gone
    ALTERED = "altered"  # it, or the one before it, is not what was written


@dataclass(frozen=True, slots=True)
class Broken:
    account_id: int
    sequence: int
    flaw: Flaw


def check(links: Iterable[Link]) -> Iterator[Broken]:
    """Say which links of whole chains are broken. Links come by account, then by sequence; each chain from its start.

    After an altered link the written digest is taken on: one change is one finding, not one for each link that follows.
    """
    account_id, sequence, previous = 0, 0, BEGINNING
    for link in links:
        if link.account_id != account_id:
            account_id, sequence, previous = link.account_id, 0, BEGINNING
        if link.sequence != sequence + 1:
            yield Broken(account_id, link.sequence, Flaw.MISSING)
        elif link.digest_after(previous) != link.digest:
            yield Broken(account_id, link.sequence, Flaw.ALTERED)
        sequence, previous = link.sequence, link.digest


def canonical(value: Any) -> bytes:
    """Return JSON *value* as bytes that are the same before and after the database kept it.

    PostgreSQL's jsonb orders keys its own way, writes 1e22 out in full and knows no negative zero.

    >>> canonical({"b": -0.0, "a": 1e22}) == canonical({"a": 10**22, "b": 0})
    True
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
