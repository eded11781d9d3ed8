"""The senders of a simulated platform: who they are, and what each campaign of theirs will be like."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random

from courrielleur.simulation.chance import around, between, shares
from courrielleur.simulation.families import Family, Truth, families

HOURS = 24
MONTH = 30  # days
WEIGHTS = (2.0, 2.5, 2.5, 5.0)  # of the providers; the last one has no feedback loop


@dataclass(slots=True)
class Campaign:
    """One mailing: when it starts, how much it is, how it is received."""

    name: str
    start: int  # hour
    mails: int
    complaints: float  # per delivered message
    bounces: float
    hours: int  # over which it is sent
    clickers: list[tuple[int, str]] = field(default_factory=list)  # organised: (provider number, who)


@dataclass(slots=True)
class Sender:
    """An account, with the truth about it."""

    account: str
    reseller: str  # empty: none that matters
    family: str
    truth: Truth
    bad_from: int  # hour from which it is to be stopped; -1: never
    mix: list[float]  # share of its mail by provider
    tempers: list[float]  # how much readier to complain the readers of a provider are
    campaigns: list[Campaign]
    deed: str  # what happens to its reports: "doubled", "late_feed" or nothing
    seed: str  # of the chances that its rows hang on


def senders(seed: int, *, scale: float = 1.0, days: int = 90, only: Collection[str] | None = None) -> Iterator[Sender]:
    """Yield the senders of a platform. *only* names families; None: all.

    A sender is the same whatever the scale and whichever families are asked for.
    """
    for family in families():
        if only is not None and family.key not in only:
            continue
        for number in range(family.number(scale)):
            yield sender(seed, family, number, days=days)


def sender(seed: int, family: Family, number: int, *, days: int = 90) -> Sender:
    """Return one sender of a family, whatever others there are."""
    name = f"{seed}/{family.key}/{number}"
    chance = Random(name)  # noqa: S311 - a simulation; a text seeds alike everywhere
    volume = around(chance, family.volume)
    rate = {"complaints": around(chance, family.complaints), "bounces": around(chance, family.bounces)}
    # Campaigns of one sender differ: gamma of this shape around its mean.
    shape = {"complaints": 1 / chance.uniform(0.4, 1.1) ** 2, "bounces": 1 / chance.uniform(0.3, 0.7) ** 2}
    made = Sender(
        account=_opaque(name),
        reseller=_opaque(f"{seed}/{family.key}/group {number // family.reseller_of}") if family.reseller_of else "",
        family=family.key,
        truth=family.truth,
        bad_from=-1,
        mix=shares(chance, WEIGHTS),
        tempers=[chance.lognormvariate(0.0, 0.35) for _ in WEIGHTS],
        campaigns=[],
        deed=str(family.deed.get("kind", "")),
        seed=name,
    )
    plan = _calendar(chance, volume, days)
    for index, (start, mails) in enumerate(plan):
        complaints, bounces = (
            rate[what] * chance.gammavariate(shape[what], 1 / shape[what]) for what in ("complaints", "bounces")
        )
        made.campaigns.append(
            Campaign(f"c{index}", start, mails, min(complaints, 0.2), min(bounces, 0.5), _duration(mails))
        )
    _do(chance, made, family, shape, days)
    made.campaigns.sort(key=lambda campaign: campaign.start)
    return made


def _calendar(chance: Random, volume: float, days: int) -> list[tuple[int, int]]:
    """Return (start hour, mails) of the campaigns: larger senders mail more often."""
    monthly = next(numbers for least, numbers in CADENCE if volume >= least)
    number = max(1, round(chance.choice(monthly) * days / MONTH))
    each = volume * days / MONTH / number
    plan = []
    for index in range(number):
        day = min(days - 1, int((index + chance.random()) * days / number))
        plan.append((day * HOURS + chance.randrange(7, 19), max(20, round(each * chance.lognormvariate(0, 0.35)))))
    return plan


CADENCE = (
    (300_000, (12, 20, 30, 60)),
    (20_000, (4, 8, 12, 20, 30)),
    (2_000, (1, 2, 4, 8, 12)),
    (0, (1, 2, 4, 6)),
)


def _duration(mails: int) -> int:
    return min(10, 1 + mails // 20_000)


def _do(chance: Random, sender: Sender, family: Family, shape: dict[str, float], days: int) -> None:
    """Let happen what sets the family apart."""
    deed = family.deed
    if sender.deed == "one_campaign":
        campaign = chance.choice(sender.campaigns)
        for what in ("complaints", "bounces"):
            if what in deed:
                setattr(campaign, what, chance.uniform(*deed[what]))
    elif sender.deed == "turn":
        day = 0.0 if chance.random() < deed["from_start"] else chance.uniform(5, days / 2)
        turned = [one for one in sender.campaigns if one.start >= day * HOURS] or [
            max(sender.campaigns, key=lambda one: one.start)
        ]
        sender.bad_from = min(one.start for one in turned)
        for what in ("complaints", "bounces"):
            if what in deed:
                mean = between(chance, *deed[what])
                for campaign in turned:
                    drawn = mean * chance.gammavariate(shape[what], 1 / shape[what])
                    setattr(campaign, what, min(0.5, max(0.02 if what == "bounces" else 0.0, drawn)))
    elif sender.deed == "blast":
        usual = sorted(one.mails for one in sender.campaigns)[len(sender.campaigns) // 2]
        sender.bad_from = int(chance.uniform(5, days * 2 / 3) * HOURS)
        mails = int(min(1_000_000, max(2_000, deed["times"] * usual)))
        complaints, bounces = (between(chance, *deed[what]) for what in ("complaints", "bounces"))
        sender.campaigns.append(
            Campaign("stolen", sender.bad_from, mails, complaints, bounces, chance.randint(*deed["hours"]))
        )
    elif sender.deed == "clicks":
        clickers, providers = (
            chance.randint(*deed["clickers"]),
            chance.sample(range(3), chance.randint(*deed["providers"])),
        )
        first, number = chance.randrange(len(sender.campaigns)), chance.randint(*deed["campaigns"])
        for turn, campaign in enumerate(sorted(sender.campaigns, key=lambda one: one.start)[first : first + number]):
            campaign.clickers = [
                (providers[who % len(providers)], f"x{who}.{turn}" if deed["fresh"] else f"x{who}")
                for who in range(clickers)
            ]


def _opaque(name: str) -> str:
    """Return a name that tells a judge nothing."""
    return "s" + hashlib.blake2b(name.encode(), digest_size=6).hexdigest()
