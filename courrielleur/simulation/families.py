"""The kinds of sender, read from families.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("families.toml")


class Truth(StrEnum):
    """What a judge ought to find."""

    GOOD = "good"  # never to be stopped
    GREY = "grey"  # nobody would be wrong either way
    BAD = "bad"  # to be stopped once it has turned bad


@dataclass(frozen=True, slots=True)
class Spread:
    """A log-normal figure: its median, the standard deviation of its logarithm, and where it is cut off."""

    median: float
    spread: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Family:
    key: str
    truth: Truth
    accounts: int  # at scale 1
    volume: Spread  # delivered mails a month
    complaints: Spread  # per delivered message, of readers at providers with a feedback loop
    bounces: Spread  # hard, per delivered message
    deed: Mapping[str, Any]  # what sets it apart; empty: nothing
    reseller_of: int  # so many accounts have one reseller; 0: each is its own client
    why: str

    def number(self, scale: float) -> int:
        """Return how many of them a platform of this scale has: at least one."""
        return max(1, round(self.accounts * scale))


@cache
def families() -> tuple[Family, ...]:
    """Return all kinds of sender, in the order of the file."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Family(
            key=key,
            truth=Truth(table["truth"]),
            accounts=table["accounts"],
            volume=Spread(**table["volume"]),
            complaints=Spread(**table["complaints"]),
            bounces=Spread(**table["bounces"]),
            deed=table.get("deed", {}),
            reseller_of=table.get("reseller_of", 0),
            why=table["why"],
        )
        for key, table in data.items()
    )
