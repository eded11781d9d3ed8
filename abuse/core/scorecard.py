"""How well a policy did on senders of whom the truth is known: false stops, catches, and mail until the stop."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log

from abuse.core.backtest import Stop

HOURS_PER_MONTH = 720


@dataclass(frozen=True, slots=True)
class Known:
    """A sender, with what it is in truth."""

    account: str
    bad_from: int | None  # the hour from which it is to be stopped; None: never
    mails: Mapping[int, int]  # delivered, by hour of sending


@dataclass(frozen=True, slots=True)
class Score:
    """What one policy did to senders that are all good, or all bad. Sums: the scores of parts add up."""

    senders: int = 0
    stopped: int = 0  # a bad one: after it had turned bad
    too_early: int = 0  # bad ones, stopped while they were still good
    months: float = 0.0  # of all senders together, each until its stop
    log_mails: float = 0.0  # sum of ln(1 + what a bad one sent from turning bad until its stop)

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.senders + other.senders,
            self.stopped + other.stopped,
            self.too_early + other.too_early,
            self.months + other.months,
            self.log_mails + other.log_mails,
        )

    @property
    def stops_per_10_000_months(self) -> float:
        return 10_000 * self.stopped / self.months if self.months else 0.0

    @property
    def share_stopped(self) -> float:
        return self.stopped / self.senders if self.senders else 0.0

    @property
    def typical_mails(self) -> float:
        """The geometric mean of the mails until the stop: one huge sender does not outweigh the others."""
        return exp(self.log_mails / self.senders) - 1 if self.senders else 0.0


def score(senders: Iterable[Known], stops: Mapping[str, Stop], *, hours: int) -> Score:
    """Return what these first *stops* are worth, after *hours* of watching from hour 0.

    A bad sender stopped before it turned bad is not caught: a person would have found nothing, and let it send again.
    """
    total = Score()
    for sender in senders:
        stop = stops.get(sender.account)
        if sender.bad_from is None:
            months = (max(stop.hour, 1) if stop else hours) / HOURS_PER_MONTH
            total += Score(1, int(stop is not None), 0, months)
            continue
        is_early = stop is not None and stop.hour < sender.bad_from
        caught_at = stop.hour if stop and not is_early else None
        last = hours if caught_at is None else caught_at
        mails = sum(n for hour, n in sender.mails.items() if sender.bad_from <= hour <= last)
        total += Score(1, int(caught_at is not None), int(is_early), last / HOURS_PER_MONTH, log(1 + mails))
    return total
