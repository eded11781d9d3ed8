"""Invent what a platform sends and what comes back: pure, and the same for the same seed.

Each account and day has its own chance, so one more day or one more account changes nothing else. Times are whole
minutes since 1970-01-01 00:00 UTC.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from courrielleur.demo.cast import Account, Cast, Habit, Mailbox
from fbl.core.providers import reporting_keys

MINUTES_PER_HOUR, MINUTES_PER_DAY = 60, 1440
FIRST_HOUR, LAST_HOUR = 11, 21  # UTC: people send while it is day in Montréal
# Complaints come hours after the mail: the delays the decision rule reckons with (abuse/policies/default.toml).
COMPLAINT_MEDIAN_MINUTES, COMPLAINT_SPREAD = 8 * 60, 1.5
LONGEST_DELAY = 20 * MINUTES_PER_DAY


class What(StrEnum):
    """What comes back for one recipient's copy of a mail."""

    COMPLAINT = "complaint"
    HARD = "hard"  # no such mailbox
    SOFT = "soft"  # mailbox full
    BLOCK = "block"  # refused for its content or its sender
    DELAYED = "delayed"  # still trying
    VACATION = "vacation"
    UNSUBSCRIBE = "unsubscribe"
    NOT_SPAM = "not_spam"  # takes a complaint back
    STRAY = "stray"  # a complaint without any reference of ours
    BROKEN = "broken"  # says it is a report, and holds none
    UNSIGNED = "unsigned"  # a complaint without our reference that its feed did not sign
    PLUGIN = "plugin"  # a complaint about a mail of yesterday, by way of a feed that people's own programs report to


# Of all mail; complaints and hard bounces have each account's own shares.
NOISE = {
    What.SOFT: 0.000_08,
    What.BLOCK: 0.000_01,
    What.DELAYED: 0.000_02,
    What.VACATION: 0.000_03,
    What.UNSUBSCRIBE: 0.000_03,
}
TAKEN_BACK = 0.03  # of complaints
STRAYS_PER_DAY, BROKEN_PER_DAY = 0.4, 0.15


@dataclass(frozen=True)
class Volume:
    """Mail delivered to one provider in one hour of sending."""

    account: str
    campaign: str
    provider: str
    hour: int  # since 1970
    delivered: int


@dataclass(frozen=True)
class Incident:
    account: str
    campaign: str
    what: What
    recipient: str
    sent_at: int
    seen_at: int

    @property
    def send_hour(self) -> int:
        return self.sent_at // MINUTES_PER_HOUR


@dataclass(frozen=True)
class Traffic:
    """Incidents are sorted by when they are seen."""

    volumes: tuple[Volume, ...]
    incidents: tuple[Incident, ...]


def chance(*names: object) -> random.Random:
    """Return the chance of the thing with these names."""
    return random.Random("/".join(str(name) for name in names))  # noqa: S311 - a play, to be repeated; no secret


def history(cast: Cast, seed: int, *, start: int, days: int) -> Traffic:
    """Return what was sent in the *days* before *start*; incidents not yet seen then are in it too."""
    volumes: list[Volume] = []
    incidents: list[Incident] = []
    today = start // MINUTES_PER_DAY
    for day in range(today - days, today + 1):
        for account in cast.accounts:
            sent = list(_day(cast, seed, account, account.habit_on(today - day), day, before=start))
            for traffic in sent:
                volumes += traffic.volumes
                incidents += traffic.incidents
        incidents += _oddities(cast, seed, day, before=start)
    return Traffic(tuple(volumes), tuple(sorted(incidents, key=lambda one: (one.seen_at, one.recipient))))


def sending(
    rng: random.Random,
    account: Account,
    habit: Habit,
    mailboxes: Sequence[Mailbox],
    *,
    campaign: str,
    messages: float,
    sent_at: int,
    tag: str,
    serials: Iterator[int],
) -> Traffic:
    """Return one campaign's hour: delivered by provider, and what comes back of it.

    *tag* and *serials* make its recipients unlike those of any other sending.
    """
    volumes: list[Volume] = []
    incidents: list[Incident] = []
    for mailbox in mailboxes:
        delivered = _draw(rng, messages * mailbox.share)
        if not delivered:
            continue
        volumes.append(Volume(account.key, campaign, mailbox.provider, sent_at // MINUTES_PER_HOUR, delivered))
        shares = {What.HARD: habit.bounces, **NOISE}
        if mailbox.provider in reporting_keys():
            shares[What.COMPLAINT] = habit.complaints
        for what, share in shares.items():
            for _ in range(_draw(rng, delivered * share)):
                recipient = f"demo.{account.key}.{tag}-{next(serials):04d}@{rng.choice(mailbox.domains)}"
                seen_at = sent_at + _delay(rng, what)
                incidents.append(Incident(account.key, campaign, what, recipient, sent_at, seen_at))
                if what is What.COMPLAINT and rng.random() < TAKEN_BACK:
                    back_at = seen_at + rng.randrange(10, MINUTES_PER_DAY)
                    incidents.append(Incident(account.key, campaign, What.NOT_SPAM, recipient, sent_at, back_at))
    return Traffic(tuple(volumes), tuple(incidents))


def _day(cast: Cast, seed: int, account: Account, habit: Habit, day: int, *, before: int) -> Iterator[Traffic]:
    """Yield the sendings of an account's day that left before the minute *before*."""
    if not habit.rhythm.sends_on(day):
        return
    rng = chance(seed, account.key, day)
    serials = count(1)
    campaign = habit.campaign or account.campaigns[day // 7 % len(account.campaigns)]
    messages = habit.volume * rng.uniform(0.85, 1.15)
    first = day * 24 + rng.randrange(FIRST_HOUR, LAST_HOUR)
    for hour, part in ((first, 0.7), (first + 1, 0.3)):  # the big hour of a campaign, and its tail
        sent_at = hour * MINUTES_PER_HOUR + rng.randrange(MINUTES_PER_HOUR)
        traffic = sending(
            rng,
            account,
            habit,
            cast.mailboxes,
            campaign=campaign,
            messages=messages * part,
            sent_at=sent_at,
            tag=f"{day % 1000:03d}",
            serials=serials,
        )
        if sent_at < before:
            yield traffic


def _oddities(cast: Cast, seed: int, day: int, *, before: int) -> Iterator[Incident]:
    """Yield the mails of a day that say nothing we could count: strangers' complaints, damaged reports."""
    rng = chance(seed, "oddities", day)
    for what, per_day in ((What.STRAY, STRAYS_PER_DAY), (What.BROKEN, BROKEN_PER_DAY)):
        for number in range(_draw(rng, per_day)):
            account = rng.choice(cast.accounts)
            sent_at = day * MINUTES_PER_DAY + rng.randrange(MINUTES_PER_DAY)
            recipient = f"demo.{what}.{day % 1000:03d}-{number}@yahoo.ca"
            if sent_at < before:
                yield Incident(account.key, account.campaigns[0], what, recipient, sent_at, sent_at + _delay(rng, what))


def _draw(rng: random.Random, expected: float) -> int:
    """Return *expected* as a whole number: rounded up or down by chance, so that many small ones add up rightly."""
    whole = int(expected)
    return whole + (rng.random() < expected - whole)


def _delay(rng: random.Random, what: What) -> int:
    """Return the minutes from sending to hearing of it."""
    if what in {What.COMPLAINT, What.NOT_SPAM, What.UNSUBSCRIBE, What.STRAY}:
        minutes = COMPLAINT_MEDIAN_MINUTES * math.exp(rng.gauss(0, COMPLAINT_SPREAD))
        return min(LONGEST_DELAY, 1 + int(minutes))
    if what in {What.DELAYED, What.SOFT}:
        return rng.randrange(4 * MINUTES_PER_HOUR, 30 * MINUTES_PER_HOUR)
    return rng.randrange(1, 10)
