"""Run the decision rule over a file of past events, hour by hour, and tell every change of state.

The file is sorted by the hour an event was *seen*; an hour is decided when all its rows are read. Work per row is
constant: cells and memories of a bounded number of days, and a sieve before each full assessment. An account that
is suspended stays so until its reinstatement, as it does at work; it still counts in the sum of its reseller.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from abuse.core.cells import HOURS_PER_DAY, DayCell, History
from abuse.core.counted import counted_day, counted_days, first_counted_day
from abuse.core.decision import verdict_of
from abuse.core.event_file import BadEvents, count_of, hour_of
from abuse.core.lanes import weigh
from abuse.core.ledger import Ledger
from abuse.core.policy import Policy
from abuse.core.reseller import add, excess, shows_the_pattern, worst
from abuse.core.sieve import Sieve
from abuse.core.verdict import Reason, State, Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """An account changed its state at the end of an hour."""

    account: str
    hour: int
    verdict: Verdict


@dataclass(slots=True, eq=False)
class _Group:
    """The accounts of one reseller."""

    sieve: Sieve
    ledger: Ledger
    members: dict[str, "_Account"] = field(default_factory=dict)
    excesses: dict[str, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    remainder: dict[int, DayCell] = field(default_factory=dict)  # the cells without those left out
    touched: dict[str, "_Account"] = field(default_factory=dict)
    touched_days: set[int] = field(default_factory=set)
    is_suspended: bool = False


@dataclass(slots=True, eq=False)
class _Account:
    name: str
    sieve: Sieve
    group: _Group | None
    ledger: Ledger
    state: State = State.OK
    touched_days: set[int] = field(default_factory=set)
    excess_of_day: dict[int, float] = field(default_factory=dict)  # kept for the accounts of a reseller only
    providers_known: int = 0  # how many had a feedback loop when `excess_of_day` was counted


class Judge:
    """All accounts of an event file, as far as it was read."""

    def __init__(self, policy: Policy, providers: Collection[str] | None = None) -> None:
        """*providers* have a feedback loop; None learns them: a provider has one from its first complaint on."""
        self.policy = policy
        self.learns = providers is None
        self.providers = set(providers or ())
        self._accounts: dict[str, _Account] = {}
        self._groups: dict[str, _Group] = {}
        self._touched: dict[str, _Account] = {}
        self._day = -1

    def changes(self, rows: Iterable[Sequence[str]]) -> Iterator[Change]:
        """Read *rows* (of an event file, its columns in order) and yield the changes of each hour.

        Raises `BadEvents` at a row that cannot be read, or that comes too late.
        """
        seen, hour = "", None
        line = 1
        accounts = self._accounts
        for line, row in enumerate(rows, start=2):
            try:
                before = seen
                seen, kind, name, parent, _, provider, send_hour, count, event_id, source, recipient = row
                if seen != before:
                    seen_hour = hour_of(seen)
                    if hour is not None:
                        if seen_hour < hour:
                            raise BadEvents(f"Line {line}: hour {seen_hour} after hour {hour}; sort by seen_hour.")
                        if seen_hour > hour:
                            yield from self.close(hour)
                    hour = seen_hour
                account = accounts.get(name) or self._account(name, parent)
                sent_at = hour_of(send_hour) if send_hour else None
                if kind == "complaint":
                    day = self._complaint(account, provider, sent_at, event_id, recipient)
                elif kind == "sent":
                    day = self._sent(account, provider, sent_at, count_of(count))
                elif kind == "hard_bounce":
                    day = self._bounce(account, sent_at, count_of(count), source)
                elif kind == "reinstate":
                    day = None
                    self._reinstate(account, sent_at)
                else:
                    raise ValueError(f"unknown kind {kind!r}")
                if day is not None:
                    account.touched_days.add(day)
                self._touched[name] = account
            except BadEvents:
                raise
            except ValueError as error:
                if not row:
                    continue  # a blank line
                raise BadEvents(f"Line {line} is not an event: {error}.") from error
        if hour is not None:
            yield from self.close(hour)

    def _sent(self, account: _Account, provider: str, hour: int | None, count: int) -> int:
        """Add delivered mail to the account's cells and to its reseller's. Return the send day."""
        if hour is None:
            raise ValueError("sent without a send hour")
        if account.group:
            account.group.ledger.sent(hour, count, provider)
        return account.ledger.sent(hour, count, provider)

    def _complaint(
        self, account: _Account, provider: str, send_hour: int | None, event_id: str, recipient: str
    ) -> int | None:
        """Add a complaint. Return its send day when it scores."""
        if self.learns and provider not in self.providers:
            self.providers.add(provider)
        day = account.ledger.complaint(send_hour, provider, event_id, recipient)
        if account.group and day is not None:
            account.group.ledger.cell(day).at(provider)[1] += 1
        return day

    def _bounce(self, account: _Account, send_hour: int | None, count: int, source: str) -> int | None:
        """Add hard bounces. Return their send day when they score."""
        day = account.ledger.bounce(send_hour, count, source)
        if account.group and day is not None:
            account.group.ledger.bounce(send_hour, count)
        return day

    def _reinstate(self, account: _Account, hour: int | None) -> None:
        """Let the account send again."""
        if hour is None:
            raise ValueError("reinstate without its hour")
        account.ledger.reinstate(hour)
        if account.state is State.SUSPEND:
            account.state = State.HOLD  # a person has lifted the stop; what holds now is decided with the hour

    def close(self, hour: int) -> Iterator[Change]:
        """Decide all accounts that *hour* touched."""
        today = hour // HOURS_PER_DAY
        if today != self._day:
            self._day = today
            self._forget(today)
        touched, self._touched = self._touched, {}
        groups: dict[int, _Group] = {}
        for account in touched.values():
            group = account.group
            if group is None:
                yield from self._settle(account, hour)
                continue
            self._look(account, hour)
            group.touched[account.name] = account
            groups[id(group)] = group
        for group in groups.values():
            yield from self._close_group(group, hour)

    def _account(self, name: str, parent: str) -> _Account:
        group = None
        if parent:
            group = self._groups.get(parent)
            if group is None:
                least = self.policy.suspend_evidence - self.policy.suspend_both_credit
                group = self._groups[parent] = _Group(Sieve(self.policy, least), self._ledger())
        account = _Account(name, Sieve(self.policy, self.policy.watch_evidence), group, self._ledger())
        self._accounts[name] = account
        if group:
            group.members[name] = account
        return account

    def _ledger(self) -> Ledger:
        return Ledger(kept_days=self.policy.window_kept + 2)  # the window, and two days for late starters

    def _forget(self, today: int) -> None:
        for account in self._accounts.values():
            account.ledger.forget(today)
        for group in self._groups.values():
            group.ledger.forget(today)
            for day in [day for day in group.remainder if day not in group.ledger.days]:
                del group.remainder[day]

    def _look(self, account: _Account, hour: int) -> None:
        """Show the sieve, and the reseller's, which days were touched."""
        if account.group:
            account.group.touched_days |= account.touched_days
            self._note_excess(account, hour)
        for day in account.touched_days:
            # Away from ok, every touched hour is decided in full; the sieve is told all when the account is back.
            if account.state is State.OK and (cell := account.ledger.days.get(day)) is not None:
                account.sieve.look(day, cell)
        account.touched_days.clear()

    def _settle(self, account: _Account, hour: int) -> Iterator[Change]:
        """Decide one account, and yield its change."""
        if account.state is State.SUSPEND:
            account.touched_days.clear()
            return
        self._look(account, hour)
        in_bad_group = account.group is not None and account.group.is_suspended
        if account.state is State.OK and not in_bad_group and not account.sieve.is_noteworthy(hour, self.providers):
            return
        today = hour // HOURS_PER_DAY
        history = account.ledger.history(today)
        days = counted_days(history, self.policy, hour, self.providers)
        findings = weigh(days, history, self.policy, today=today)
        state, _ = findings.outcome()
        is_taken = in_bad_group and state is not State.SUSPEND and shows_the_pattern(days, self.policy)
        if is_taken:
            state = State.SUSPEND
        if state is State.OK:
            account.sieve.note(days)
        if state is not account.state:
            account.state = state
            verdict = verdict_of(findings, hour)
            if is_taken:
                verdict = replace(verdict, state=state, reasons=(Reason.RESELLER_PATTERN, *verdict.reasons))
            yield Change(account.name, hour, verdict)

    def _close_group(self, group: _Group, hour: int) -> Iterator[Change]:
        """Decide a reseller's accounts: together first, then those that were touched, or all at a turn."""
        touched, group.touched = group.touched, {}
        was_suspended = group.is_suspended
        group.is_suspended = self._is_group_bad(group, touched.values(), hour)
        turned = group.is_suspended and not was_suspended
        for account in group.members.values() if turned else touched.values():
            yield from self._settle(account, hour)

    def _is_group_bad(self, group: _Group, touched: Collection[_Account], hour: int) -> bool:
        """Whether the reseller's accounts, without the worst ones so far, would be suspended as one."""
        first = first_counted_day(hour // HOURS_PER_DAY, None, self.policy)
        for account in touched:
            by_day = account.excess_of_day
            group.excesses[account.name] = sum([by_day[day] for day in sorted(by_day) if day >= first])
        if len(group.members) <= self.policy.reseller_left_out:
            return False
        if self._may_be_worst(group, touched) and (left_out := worst(group.excesses, self.policy)) != group.left_out:
            group.left_out = left_out
            group.remainder.clear()
            group.sieve.clear()
            group.touched_days.update(group.ledger.days)
        for day in group.touched_days & group.ledger.days.keys():
            group.remainder[day] = self._without_left_out(group, day)
            group.sieve.look(day, group.remainder[day])
        group.touched_days.clear()
        if not group.sieve.is_noteworthy(hour, self.providers):
            return False
        lifetime = group.ledger.history(hour // HOURS_PER_DAY).lifetime
        history = History(group.remainder, lifetime)
        days = counted_days(history, self.policy, hour, self.providers)
        group.sieve.note(days)
        state, _ = weigh(days, history, self.policy, today=hour // HOURS_PER_DAY).outcome()
        return state is State.SUSPEND

    def _note_excess(self, account: _Account, hour: int) -> None:
        """Count anew how far the account is above the limits, on the days that were touched."""
        touched: Collection[int] = account.touched_days
        if account.providers_known != len(self.providers):
            account.providers_known = len(self.providers)
            touched = account.ledger.days
        for day in touched:
            if (cell := account.ledger.days.get(day)) is not None and cell.delivered > 0:
                counted = counted_day(day, cell, self.policy, hour, self.providers)
                account.excess_of_day[day] = excess((counted,), self.policy)

    def _may_be_worst(self, group: _Group, touched: Collection[_Account]) -> bool:
        """Whether those touched can change who is left out: a large reseller is not sorted every hour."""
        if len(group.left_out) < self.policy.reseller_left_out:
            return True
        least = min((group.excesses[name] for name in group.left_out), default=float("inf"))
        return any(account.name in group.left_out or group.excesses[account.name] >= least for account in touched)

    def _without_left_out(self, group: _Group, day: int) -> DayCell:
        cell = DayCell()
        add(cell, group.ledger.days[day], 1)
        for name in group.left_out:
            if (own := group.members[name].ledger.days.get(day)) is not None:
                add(cell, own, -1)
        return cell
