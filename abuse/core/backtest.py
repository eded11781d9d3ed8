"""Judge the same past by two policies, side by side: whom would each have stopped, and when?

The past comes hour by hour, as it was seen. What an account would have done after a stop nobody knows, so only its
first stop counts.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from abuse.core.judging import Judge
from abuse.core.policy import Policy
from abuse.core.verdict import State


class Kind(StrEnum):
    """How the draft would have treated an account otherwise."""

    ADDED = "added"  # stopped by the draft only
    SPARED = "spared"  # stopped by the policy in force only
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Stop:
    """The hour, since 1970-01-01 00:00 UTC, in which an account was stopped, and the reasons."""

    hour: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    account: str
    kind: Kind
    active: Stop | None
    draft: Stop | None


class Backtest:
    """Two judges that read the same events. Memory grows with the accounts, not with the events."""

    def __init__(self, active: Policy, draft: Policy, providers: Collection[str], *, from_hour: int) -> None:
        """Hours before *from_hour* only warm up: what one of the two had stopped by then is left out."""
        self.from_hour = from_hour
        self._before: tuple[set[str], set[str]] = (set(), set())
        self._judges = (Judge(active, providers), Judge(draft, providers))
        self._stops: tuple[dict[str, Stop], dict[str, Stop]] = ({}, {})

    def read(self, rows: Iterable[Sequence[str]]) -> None:
        """Read events, sorted by the hour they were seen, in the columns of an event file."""
        for hour, found in groupby(rows, key=lambda row: row[0]):
            batch = list(found)
            for judge, stops, before in zip(self._judges, self._stops, self._before, strict=True):
                for change in judge.changes(batch):
                    if change.verdict.state is not State.SUSPEND:
                        before.discard(change.account)
                    elif int(hour) < self.from_hour:
                        before.add(change.account)
                    else:
                        reasons = tuple(reason.value for reason in change.verdict.reasons)
                        stops.setdefault(change.account, Stop(change.hour, reasons))

    @property
    def stopped(self) -> tuple[int, int]:
        """How many accounts the policy in force and the draft would have stopped."""
        return len(self._stops[0].keys() - self.left_out), len(self._stops[1].keys() - self.left_out)

    @property
    def left_out(self) -> set[str]:
        """The accounts that one of the two had stopped before the hours that count."""
        return self._before[0] | self._before[1]

    @property
    def first_stops(self) -> tuple[dict[str, Stop], dict[str, Stop]]:
        """The first stop of each account, by the policy in force and by the draft."""
        return self._stops

    def findings(self) -> Iterator[Finding]:
        """Yield the accounts that the two treat otherwise, by name."""
        active_stops, draft_stops = self._stops
        for account in sorted((active_stops.keys() | draft_stops.keys()) - self.left_out):
            active, draft = active_stops.get(account), draft_stops.get(account)
            if active is None:
                yield Finding(account, Kind.ADDED, None, draft)
            elif draft is None:
                yield Finding(account, Kind.SPARED, active, None)
            elif draft.hour != active.hour:
                yield Finding(account, Kind.EARLIER if draft.hour < active.hour else Kind.LATER, active, draft)
