"""What goes on while the visitor looks: everyday traffic at a quicker pace, and the newcomer's one big campaign.

Pure, in slots of a few seconds numbered from the start: the same slot of the same seed holds the same mails, so
a demo that was interrupted plays on without counting anything twice.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import count
from random import Random

from courrielleur.demo.cast import Account, Cast
from courrielleur.demo.traffic import (
    MINUTES_PER_DAY,
    MINUTES_PER_HOUR,
    Incident,
    Traffic,
    Volume,
    What,
    chance,
    sending,
)

SLOT_SECONDS = 5
SENDERS_PER_SLOT = 6
LIVELY_SLOTS = 120  # the first ten minutes …
LIVELY, CALM = 60.0, 10.0  # … run sixty times as fast as the platform's days, and later ten times
# What changes no rate, or hardly one: of the mails a slot brings in beside the others, for the eye and for the lanes.
CHATTER = {
    What.VACATION: (3.0, "gmail.com"),
    What.DELAYED: (1.5, "gmail.com"),
    What.PLUGIN: (0.8, "orange.fr"),
    What.STRAY: (0.05, "yahoo.ca"),
    What.UNSIGNED: (0.02, "yahoo.ca"),
    What.BROKEN: (0.01, "yahoo.ca"),
}
# One feed comes and goes: eight hours of reports, eight of silence. It brings no provider's complaints alone, so
# its silence leaves no hour dark.
MOODY, MOOD_HOURS = What.PLUGIN, 8

NEWCOMER_SLOTS = 36  # three minutes, if nobody stops it
NEWCOMER_LEAD_SLOTS = 5  # between the first look at the console and the campaign
COMPLAINTS_FROM_SLOT = 2  # of the campaign: some people are quick
COMPLAINTS_OVER_SLOTS = 30


@dataclass(frozen=True)
class Slot:
    """What happens in five seconds."""

    number: int
    traffic: Traffic


def everyday(cast: Cast, seed: int, number: int, *, at: int, stopped: Collection[str]) -> Slot:
    """Return slot *number* of ordinary traffic, sent at minute *at*, without the accounts that were *stopped*."""
    rng = chance(seed, "everyday", number)
    pace = LIVELY if number < LIVELY_SLOTS else CALM
    # Those who have an episode behind them stay silent: good mail now would blur what they are there to show.
    usual = [account for account in cast.accounts if not account.episodes]
    senders = [account for account in rng.sample(usual, SENDERS_PER_SLOT) if account.key not in stopped]
    share_of_day = pace * SLOT_SECONDS / 86_400 * len(usual) / SENDERS_PER_SLOT
    volumes: list[Volume] = []
    incidents: list[Incident] = []
    serials = count(1)
    for account in senders:
        traffic = sending(
            rng,
            account,
            account.habit,
            cast.mailboxes,
            campaign=account.campaigns[0],
            messages=account.per_day * share_of_day,
            sent_at=at,
            tag=f"now{number:06d}",
            serials=serials,
        )
        volumes += traffic.volumes
        incidents += traffic.incidents
    silent = {MOODY} if at // MINUTES_PER_HOUR // MOOD_HOURS % 2 else set()
    for what, (each, domain) in CHATTER.items():
        if what in silent:
            continue
        for sender in senders if rng.random() < pace / LIVELY else ():
            if rng.random() < each / len(senders):
                recipient = f"demo.{sender.key}.now{number:06d}-{next(serials):04d}@{domain}"
                sent_at = at - MINUTES_PER_DAY if what is What.PLUGIN else at
                incidents.append(Incident(sender.key, sender.campaigns[0], what, recipient, sent_at, at))
    return Slot(number, Traffic(tuple(volumes), tuple(_now(incidents, at))))


def campaign(cast: Cast, seed: int, *, at: int) -> Iterator[Slot]:
    """Yield the newcomer's campaign: bounces at once, complaints as the first people read it."""
    newcomer = cast.newcomer
    rng = chance(seed, newcomer.key)
    serials = count(1)
    complaints: dict[int, list[Incident]] = {}
    for number in range(NEWCOMER_SLOTS + COMPLAINTS_OVER_SLOTS):
        is_sending = number < NEWCOMER_SLOTS
        # It begins small and swells, as such campaigns do: each slot sends a little more than the one before.
        messages = newcomer.habit.volume * 2 * (number + 1) / (NEWCOMER_SLOTS * (NEWCOMER_SLOTS + 1))
        traffic = _burst(cast, newcomer, rng, messages, at, serials) if is_sending else Traffic((), ())
        for one in traffic.incidents:
            if one.what is What.COMPLAINT:
                heard = max(COMPLAINTS_FROM_SLOT, number) + int(rng.expovariate(4 / COMPLAINTS_OVER_SLOTS))
                complaints.setdefault(heard, []).append(one)
        bounces = [one for one in traffic.incidents if one.what not in {What.COMPLAINT, What.NOT_SPAM}]
        heard_now = [*bounces, *complaints.pop(number, [])]
        yield Slot(number, Traffic(traffic.volumes, tuple(_now(heard_now, at))))


def _burst(cast: Cast, newcomer: Account, rng: Random, messages: float, at: int, serials: Iterator[int]) -> Traffic:
    return sending(
        rng,
        newcomer,
        newcomer.habit,
        cast.mailboxes,
        campaign=newcomer.campaigns[0],
        messages=messages,
        sent_at=at,
        tag=f"achat{at % 10_000:04d}",
        serials=serials,
    )


def _now(incidents: Collection[Incident], at: int) -> Iterator[Incident]:
    """Yield the incidents as heard now: time is short, so the delays are."""
    return (replace(one, seen_at=at) for one in incidents)
