"""Count one account's events as they come: each report once, each complainer once, in constant work per event."""

from dataclasses import dataclass, field

from abuse.core.cells import HOURS_PER_DAY, NO_LIFETIME, DayCell, History, Lifetime

KEPT_DAYS = 92  # the longest window a policy may have, and two days for late starters
REMEMBERED_DAYS = 30  # of event ids and complainers


@dataclass(slots=True)
class Memory:
    """What was seen lately: two generations of ids, so that forgetting costs nothing per id.

    An id is remembered for REMEMBERED_DAYS at least, and twice that at most.
    """

    recent: set[str] = field(default_factory=set)
    older: set[str] = field(default_factory=set)

    def turn(self) -> None:
        self.older = self.recent
        self.recent = set()


@dataclass(slots=True)
class Ledger:
    """The cells of one account, from its events. `history` is what `decide` takes."""

    days: dict[int, DayCell] = field(default_factory=dict)
    reinstated_day: int | None = None
    duplicates: int = 0
    imported: int = 0
    undated: int = 0  # events whose send hour is unknown
    kept_days: int = KEPT_DAYS
    _folded: Lifetime = NO_LIFETIME  # the days that were let go
    _events: Memory = field(default_factory=Memory)
    _complainers: Memory = field(default_factory=Memory)
    _turned_day: int | None = None

    def cell(self, day: int) -> DayCell:
        """Return the cell of *day*, a new one when there is none."""
        found = self.days.get(day)
        if found is None:
            found = self.days[day] = DayCell()
        return found

    def sent(self, hour: int, delivered: int, provider: str) -> int:
        """Count delivered mail. Return its send day."""
        day = hour // HOURS_PER_DAY
        cell = self.days.get(day) or self.cell(day)
        cell.delivered += delivered
        cell.hour_sum += delivered * hour
        (cell.providers.get(provider) or cell.at(provider))[0] += delivered
        return day

    def bounce(self, send_hour: int | None, count: int, source: str = "live") -> int | None:
        """Count hard bounces that are live and dated. Return their send day, None when they do not score."""
        if source != "live":
            self.imported += count
            return None
        if send_hour is None:
            self.undated += count
            return None
        day = send_hour // HOURS_PER_DAY
        self.cell(day).hard_bounces += count
        return day

    def complaint(self, send_hour: int | None, provider: str, event_id: str, recipient: str) -> int | None:
        """Count a complaint: one per report, one per recipient. Return its send day, None when it does not score."""
        if event_id:
            events = self._events
            if event_id in events.recent or event_id in events.older:
                self.duplicates += 1
                return None
            events.recent.add(event_id)
        if send_hour is None:
            self.undated += 1
            return None
        if recipient:
            complainers = self._complainers
            if recipient in complainers.recent or recipient in complainers.older:
                self.duplicates += 1
                return None
            complainers.recent.add(recipient)
        day = send_hour // HOURS_PER_DAY
        (self.days.get(day) or self.cell(day)).at(provider)[1] += 1
        return day

    def reinstate(self, hour: int) -> None:
        """Start scoring afresh, with the mail of the day after."""
        self.reinstated_day = hour // HOURS_PER_DAY

    def forget(self, today: int) -> None:
        """Let go of days too old to score, keeping what a whole life must remember; and of old ids."""
        if self._turned_day is None:
            self._turned_day = today
        elif today - self._turned_day >= REMEMBERED_DAYS:
            self._events.turn()
            self._complainers.turn()
            self._turned_day = today
        for day in [day for day in self.days if day <= today - self.kept_days]:
            delivered = self.days.pop(day).delivered
            if delivered > 0:
                self._folded = Lifetime(self._folded[0] + 1, max(self._folded[1], delivered))

    def history(self, today: int) -> History:
        """Return a view, not a copy, of the account as of *today*: read it before counting on."""
        count, largest = self._folded
        yesterday = today - 1
        for day, cell in self.days.items():
            if day < yesterday and cell.delivered > 0:
                count += 1
                if cell.delivered > largest:
                    largest = cell.delivered
        return History(self.days, Lifetime(count, largest), self.reinstated_day)
