"""What is seen of the senders, hour by hour: rows in the columns of an event file."""

import heapq
from collections.abc import Collection, Iterable, Iterator
from itertools import count
from math import log
from random import Random
from typing import NamedTuple

from courrielleur.simulation.chance import poisson
from courrielleur.simulation.senders import HOURS, Campaign, Sender, senders

COLUMNS = (
    "seen_hour",
    "kind",
    "account",
    "parent",
    "campaign",
    "provider",
    "send_hour",
    "n",
    "event_id",
    "source",
    "recipient",
)
PROVIDERS = ("north", "south", "east", "open")  # the last one has no feedback loop
REPORTING = PROVIDERS[:-1]
DELAYS = (4.0, 8.0, 12.0)  # hours until half of the complaints of a provider have come
DELAY_SPREAD = 1.5  # of the logarithm
LONGEST_DELAY = 14 * HOURS
LATE_BOUNCES = 0.06  # share of the bounces that come by mail, hours later
LATE_BOUNCE_HOURS = 16.0  # on average


class Row(NamedTuple):
    """One row. Hours since the platform began."""

    seen_hour: int
    kind: str  # sent, hard_bounce or complaint
    account: str
    parent: str
    campaign: str
    provider: str
    send_hour: int
    n: int
    event_id: str = ""
    source: str = "live"
    recipient: str = ""


def simulate(seed: int, *, scale: float = 1.0, days: int = 90, only: Collection[str] | None = None) -> Iterator[Row]:
    """Yield the rows of a platform, sorted by the hour they are seen."""
    return rows(senders(seed, scale=scale, days=days, only=only), days=days)


def rows(platform: Iterable[Sender], *, days: int = 90) -> Iterator[Row]:
    """Yield the rows of these senders, sorted; what would be seen after the last day is left out.

    Memory holds the campaigns of the senders and the reports on their way, not the rows.
    """
    for row in heapq.merge(*(_rows_of(sender) for sender in platform)):
        if row.seen_hour >= days * HOURS:
            return
        yield row


def _rows_of(sender: Sender) -> Iterator[Row]:
    """Yield one sender's rows, sorted."""
    chance = Random(f"{sender.seed}/rows")  # noqa: S311 - a simulation
    numbers = count()
    silent_from = chance.randrange(5 * HOURS, 80 * HOURS) if sender.deed == "late_feed" else None
    pending: list[Row] = []
    for campaign in sender.campaigns:
        for hour, mails in _hours(campaign):
            # All that is seen before this campaign goes on cannot be overtaken any more.
            while pending and pending[0].seen_hour < campaign.start:
                yield heapq.heappop(pending)
            for row in _hour(chance, sender, campaign, hour, mails, numbers):
                if row.kind == "complaint":
                    if silent_from is not None and silent_from <= row.seen_hour < silent_from + SILENT_HOURS:
                        row = row._replace(seen_hour=silent_from + SILENT_HOURS)
                    if sender.deed == "doubled":
                        for _ in range(chance.randrange(4)):
                            heapq.heappush(pending, row._replace(seen_hour=row.seen_hour + chance.randrange(48)))
                heapq.heappush(pending, row)
    while pending:
        yield heapq.heappop(pending)


SILENT_HOURS = 72


def _hours(campaign: Campaign) -> Iterator[tuple[int, int]]:
    each, left = divmod(campaign.mails, campaign.hours)
    for number in range(campaign.hours):
        if mails := each + (left if number == 0 else 0):
            yield campaign.start + number, mails


def _hour(
    chance: Random, sender: Sender, campaign: Campaign, hour: int, mails: int, numbers: Iterator[int]
) -> Iterator[Row]:
    """Yield what comes of the mail that a campaign sends in one hour."""
    who = (sender.account, sender.reseller, campaign.name)
    bounces = min(mails, poisson(chance, mails * campaign.bounces))
    late = min(bounces, poisson(chance, bounces * LATE_BOUNCES))
    if bounces > late:
        yield Row(hour, "hard_bounce", *who, "", hour, bounces - late)
    for _ in range(late):
        yield Row(hour + 1 + int(chance.expovariate(1 / LATE_BOUNCE_HOURS)), "hard_bounce", *who, "", hour, 1)
    for number, provider in enumerate(PROVIDERS):
        delivered = round(mails * sender.mix[number])
        if not delivered:
            continue
        yield Row(hour, "sent", *who, provider, hour, delivered)
        if number >= len(DELAYS):
            continue
        reached = delivered * (1 - campaign.bounces)
        for _ in range(poisson(chance, reached * campaign.complaints * sender.tempers[number])):
            delay = min(chance.lognormvariate(log(DELAYS[number]), DELAY_SPREAD), LONGEST_DELAY)
            id_ = f"{sender.account}.{next(numbers)}"
            yield Row(hour + int(delay), "complaint", *who, provider, hour, 1, id_, "live", id_)
    if hour == campaign.start:
        for number, name in campaign.clickers:
            seen = hour + chance.randrange(1, 12)
            id_, recipient = f"{sender.account}.{next(numbers)}", f"{sender.account}.{name}"
            yield Row(seen, "complaint", *who, PROVIDERS[number], hour, 1, id_, "live", recipient)
