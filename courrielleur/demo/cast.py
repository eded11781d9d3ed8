"""Read who plays in the demo (cast.toml): resellers, their accounts, the mailboxes they write to, the logins."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("cast.toml")
OWN_ADDRESS_PER_DAY = 1_000  # messages; who sends less would not keep an address warm
_NETWORKS = ("192.0.2", "198.51.100")  # for examples only (RFC 5737)


class Rhythm(StrEnum):
    """On which days an account sends; once and twice a week is Tuesday, and Friday."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    TWICE = "twice"
    WEEKLY = "weekly"

    def sends_on(self, day: int) -> bool:
        """Say whether mail leaves on *day*, in days since 1970-01-01 (a Thursday)."""
        return (day + 3) % 7 in _SEND_DAYS[self]

    @property
    def days_per_week(self) -> int:
        return len(_SEND_DAYS[self])


_SEND_DAYS = {  # 0 is Monday
    Rhythm.DAILY: range(7),
    Rhythm.WEEKDAYS: range(5),
    Rhythm.TWICE: (1, 4),
    Rhythm.WEEKLY: (1,),
}


@dataclass(frozen=True)
class Habit:
    """How an account sends on a day: messages, and the shares of them that come back."""

    volume: float
    complaints: float  # of mail to providers that report
    bounces: float  # hard, of all mail
    rhythm: Rhythm
    campaign: str | None = None  # None: its usual ones in turn


@dataclass(frozen=True)
class Episode:
    """A stretch of days, counted back from the demo's start, on which an account behaves otherwise."""

    first: int
    last: int
    habit: Habit


@dataclass(frozen=True)
class Account:
    key: str
    name: str
    reseller: str
    language: str
    habit: Habit
    campaigns: tuple[str, ...]
    episodes: tuple[Episode, ...]
    story: str  # empty: a good sender, nothing more
    source_ip: str

    @property
    def domain(self) -> str:
        return f"{self.key}.example.com"

    @property
    def per_day(self) -> float:
        """Messages of an ordinary day, averaged over the week."""
        return self.habit.volume * self.habit.rhythm.days_per_week / 7

    @property
    def has_own_address(self) -> bool:
        """Say whether it sends from an IP address that nobody else uses."""
        return self.per_day >= OWN_ADDRESS_PER_DAY

    def habit_on(self, days_ago: int) -> Habit:
        """Return how the account sends, *days_ago* days before the start (negative: after it)."""
        return next((one.habit for one in self.episodes if one.last <= days_ago <= one.first), self.habit)


@dataclass(frozen=True)
class Reseller:
    key: str
    name: str
    language: str
    notice_address: str


@dataclass(frozen=True)
class Mailbox:
    """A provider of recipients' mailboxes, with the share of all mail it gets."""

    provider: str
    share: float
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Login:
    email: str
    password: str
    name: str
    language: str
    role: str
    reseller: str | None
    account: str | None


@dataclass(frozen=True)
class Testimony:
    """What clients answer when their mail was stopped."""

    declared_name: str
    answers: Mapping[str, Mapping[str, Any]]  # by question of consent/data/questionnaire.toml
    message: str
    reseller_message: str


@dataclass(frozen=True)
class Draft:
    """Thresholds that one of the cast would rather have, by their names in the policy."""

    author: str  # e-mail address of a login
    reason: str
    source: str
    why: str
    thresholds: Mapping[str, float]


@dataclass(frozen=True)
class Mailing:
    """To which list an account's campaign goes, and of which stream it is."""

    account: str
    campaign: str
    list: str
    stream: str


@dataclass(frozen=True)
class Cast:
    resellers: tuple[Reseller, ...]
    accounts: tuple[Account, ...]
    newcomer: Account  # arrives live, with a purchased list
    mailboxes: tuple[Mailbox, ...]
    logins: tuple[Login, ...]
    testimony: Testimony
    draft: Draft
    mailings: tuple[Mailing, ...]

    def account(self, key: str) -> Account:
        return next(account for account in (*self.accounts, self.newcomer) if account.key == key)

    def of_story(self, story: str) -> Account:
        """Return the first account that is there to show *story*."""
        return next(account for account in self.accounts if account.story == story)


@cache
def the_cast() -> Cast:
    return parse(_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Cast:
    """Return the cast that the file's *text* describes."""
    data = tomllib.loads(text)
    tables = [(reseller, table) for reseller in data["reseller"] for table in reseller["account"]]
    accounts = tuple(_account(table, reseller["key"], number) for number, (reseller, table) in enumerate(tables))
    people = data["people"]
    return Cast(
        resellers=tuple(
            Reseller(one["key"], one["name"], one["language"], one["notice_address"]) for one in data["reseller"]
        ),
        accounts=accounts,
        newcomer=_account(data["newcomer"]["account"], data["newcomer"]["reseller"], len(tables)),
        mailboxes=tuple(
            Mailbox(provider, one["share"], tuple(one["domains"])) for provider, one in data["mailboxes"].items()
        ),
        logins=tuple(
            Login(
                email=one["email"],
                password=people["password"],
                name=one["name"],
                language=one["language"],
                role=one["role"],
                reseller=one.get("reseller"),
                account=one.get("account"),
            )
            for one in people["login"]
        ),
        testimony=Testimony(**data["testimony"]),
        mailings=tuple(Mailing(**one) for one in data["mailing"]),
        draft=Draft(
            **{
                **data["draft"],
                "thresholds": {name: _share(text) for name, text in data["draft"]["thresholds"].items()},
            }
        ),
    )


def _account(table: dict[str, Any], reseller: str, number: int) -> Account:
    habit = Habit(
        volume=table["per_send"],
        complaints=_share(table["complaints"]),
        bounces=_share(table["bounces"]),
        rhythm=Rhythm(table["rhythm"]),
    )
    return Account(
        key=table["key"],
        name=table["name"],
        reseller=reseller,
        language=table.get("language", "fr"),
        habit=habit,
        campaigns=tuple(table["campaigns"]),
        episodes=tuple(_episode(one, habit) for one in table.get("episode", ())),
        story=table.get("story", ""),
        source_ip=f"{_NETWORKS[number % 2]}.{20 + number}",
    )


def _episode(table: dict[str, Any], usual: Habit) -> Episode:
    return Episode(
        first=table["first"],
        last=table["last"],
        habit=Habit(
            volume=usual.volume * table.get("volume", 1),
            complaints=_share(table["complaints"]) if "complaints" in table else usual.complaints,
            bounces=_share(table["bounces"]) if "bounces" in table else usual.bounces,
            rhythm=Rhythm(table.get("rhythm", usual.rhythm)),
            campaign=table.get("campaign"),
        ),
    )


def _share(text: str) -> float:
    return float(Decimal(text.removesuffix("%").strip()) / 100)
