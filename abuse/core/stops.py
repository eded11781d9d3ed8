"""What an MTA has to hold back: derived from a standing or an order, and compared with what the MTA says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STOPPED = frozenset({"suspended", "terminated"})
HELD = "hold"
STOPPING = frozenset({"account.suspended", "account.terminated"})
HOLDING = "account.held"


@dataclass(frozen=True, order=True)
class Stop:
    """Mail to hold back: all of an account's, or that of one campaign."""

    account: str  # key
    campaign: str = ""  # empty: every campaign, known or not

    def as_json(self) -> dict[str, str]:
        return {"account": self.account, "campaign": self.campaign}


@dataclass(frozen=True)
class Instruction:
    """What an order comes to: hold back exactly these stops of the account, and nothing else of it."""

    account: str
    stops: frozenset[Stop]
    about: str = ""  # the key of a case, for the MTA's own log
    campaign: str = ""  # that a hold paused, or had paused: by it a release can be told to an MTA that forgets nothing


@dataclass(frozen=True, order=True)
class Difference:
    """A stop that only one side has. *since*: when we first saw it (UTC)."""

    stop: Stop
    it_holds: bool  # the MTA holds it and we don't say so; or else we say so and it does not
    since: datetime

    def as_json(self) -> dict[str, Any]:
        return {**self.stop.as_json(), "it_holds": self.it_holds, "since": self.since.isoformat()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Difference":
        stop = Stop(value["account"], value["campaign"])
        return cls(stop, value["it_holds"], datetime.fromisoformat(value["since"]))


def stops_of(account: str, level: str, campaign: str = "") -> frozenset[Stop]:
    """Return what an MTA holds back of an account that stands on *level*; *campaign* is what a hold pauses.

    A hold that names no campaign asks people to look; no MTA could tell what to pause.

    >>> sorted(stops_of("acme", "hold", "soldes"))
    [Stop(account='acme', campaign='soldes')]
    """
    if level in STOPPED:
        return frozenset({Stop(account)})
    if level == HELD and campaign:
        return frozenset({Stop(account, campaign)})
    return frozenset()


def instruction_of(body: Mapping[str, Any]) -> Instruction:
    """Return what an order with this *body* comes to (`abuse.services.orders` writes it)."""
    data = body["data"]
    account, campaign = data["account"], data.get("campaign") or ""
    stops = set()
    if body["type"] in STOPPING:
        stops = {Stop(account)}
    elif body["type"] == HOLDING and campaign:
        stops = {Stop(account, campaign)}
    return Instruction(account, frozenset(stops), data.get("case") or "", campaign)


def compare(said: Iterable[Stop], held: Iterable[Stop], known: Iterable[Difference], now: datetime) -> list[Difference]:
    """Return where what we *said* and what the MTA *held* differ; a *known* difference keeps its age."""
    said, held = frozenset(said), frozenset(held)
    ages = {(one.stop, one.it_holds): one.since for one in known}
    found = [(stop, False) for stop in said - held] + [(stop, True) for stop in held - said]
    return sorted(Difference(stop, it_holds, ages.get((stop, it_holds), now)) for stop, it_holds in found)
