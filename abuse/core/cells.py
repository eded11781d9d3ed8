"""What the rule reads of one account: daily cells by UTC day of *sending*, and a glance at its whole life."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

HOURS_PER_DAY = 24


class CountRow(NamedTuple):
    """One counter row: an hour of sending at one mailbox provider. A database cursor's plain tuples will do."""

    send_hour: int  # hours since 1970-01-01 00:00 UTC
    provider: str
    delivered: int
    complaints: int  # distinct: one per report and one per recipient
    hard_bounces: int


class Lifetime(NamedTuple):
    """All the days before yesterday, however old: what `new` and `surge` compare with."""

    send_days_before_yesterday: int = 0
    largest_day_before_yesterday: int = 0  # delivered messages


NO_LIFETIME = Lifetime()


@dataclass(slots=True)
class DayCell:
    """One send day of one account. Filled by whoever counts; read-only for the rule."""

    delivered: int = 0
    hour_sum: int = 0  # Σ delivered × send hour: gives the mean send hour, exactly
    hard_bounces: int = 0
    dark: int = 0  # delivered while the provider's feed was silent: no exposure until it is back
    excused: int = 0  # hard bounces of a provider's trouble that was nobody's own (incidents.py): not in `hard_bounces`
    providers: dict[str, list[int]] = field(default_factory=dict)  # provider: [delivered, complaints]

    def at(self, provider: str) -> list[int]:
        """Return the provider's [delivered, complaints], to be counted up."""
        pair = self.providers.get(provider)
        if pair is None:
            pair = self.providers[provider] = [0, 0]
        return pair


@dataclass(frozen=True, slots=True)
class History:
    """Everything `decide` needs to know of an account; an assessment keeps it, to be repeated byte for byte."""

    days: Mapping[int, DayCell]  # by day number, days since 1970-01-01
    lifetime: Lifetime = NO_LIFETIME
    reinstated_day: int | None = None  # only mail sent after this day scores

    @classmethod
    def from_counts(
        cls,
        rows: Iterable[CountRow | tuple[int, str, int, int, int]],
        *,
        lifetime: Lifetime,
        reinstated_day: int | None = None,
        dark: Collection[tuple[str, int]] = frozenset(),
        excused: Collection[tuple[str, int]] = frozenset(),
    ) -> "History":
        """Return the history that counter *rows* tell, in any order, several per hour and provider allowed.

        *dark* names (provider, send hour) pairs whose feed is silent: mail and complaints of those hours stay
        out of the complaint evidence; delivered mail and bounces still count. *excused* names those where the
        provider bounced everybody's mail: the bounces of those hours are nobody's.
        """
        days: dict[int, DayCell] = {}
        for send_hour, provider, delivered, complaints, hard_bounces in rows:
            day = send_hour // HOURS_PER_DAY
            cell = days.get(day)
            if cell is None:
                cell = days[day] = DayCell()
            cell.delivered += delivered
            cell.hour_sum += delivered * send_hour
            if hard_bounces and excused and (provider, send_hour) in excused:
                cell.excused += hard_bounces
            else:
                cell.hard_bounces += hard_bounces
            if dark and (provider, send_hour) in dark:
                cell.dark += delivered
            elif delivered or complaints:
                pair = cell.at(provider)
                pair[0] += delivered
                pair[1] += complaints
        return cls(days, lifetime, reinstated_day)

    def as_json(self) -> dict[str, Any]:
        """Return the history as plain JSON values, always in the same order."""
        return {
            "days": {
                str(day): {
                    "delivered": cell.delivered,
                    "hour_sum": cell.hour_sum,
                    "hard_bounces": cell.hard_bounces,
                    "dark": cell.dark,
                    "excused": cell.excused,
                    "providers": {name: list(cell.providers[name]) for name in sorted(cell.providers)},
                }
                for day, cell in sorted(self.days.items())
            },
            "lifetime": self.lifetime._asdict(),
            "reinstated_day": self.reinstated_day,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "History":
        """Return the history that `as_json` wrote."""
        days = {
            int(day): DayCell(
                cell["delivered"],
                cell["hour_sum"],
                cell["hard_bounces"],
                cell["dark"],
                cell.get("excused", 0),  # not there before there were incidents
                {name: list(pair) for name, pair in cell["providers"].items()},
            )
            for day, cell in data["days"].items()
        }
        return cls(days, Lifetime(**data["lifetime"]), data["reinstated_day"])
