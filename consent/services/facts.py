"""Facts from outside about the domains in consent records: wanted by an examination, asked for by a job, then kept.

Off unless the operator allows it (OUTSIDE_FACTS): the names of the domains, and never an address, leave the platform.
"""

import hashlib
import json
import logging
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from consent.adapters.domains import NoAnswer
from consent.core.evidence.moments import host_of
from consent.core.evidence.ranges import Ranges
from consent.core.evidence.rows import AddressFacts, DomainFacts, EvidenceRow
from consent.models import OutsideFact
from fbl.core.providers import OTHER, provider_of

logger = logging.getLogger(__name__)

DISPOSABLE = Path(__file__).resolve().parent.parent / "data" / "disposable.toml"
STEP = "facts"
KEEP = {OutsideFact.Kind.MAIL: timedelta(days=30), OutsideFact.Kind.REGISTRATION: timedelta(days=365)}
ALLOWED_BY = {OutsideFact.Kind.MAIL: "dns", OutsideFact.Kind.REGISTRATION: "rdap"}
MOST_ATTEMPTS = 3  # then the fact stays unknown
AGAIN_AFTER = timedelta(hours=1)
MOST_DOMAINS = 200  # of one file: those with the most rows
MOST_REGISTRATIONS = 30  # of these; a registry bears fewer questions than DNS
LEAST_ROWS = 3  # a registry is not asked about the domain of one person
MOST_FORMS = 10
MOST_WANTED = 500  # of all files of an account
MOST_COUNTED = 20_000  # domains of one file
TURN_SECONDS = 20.0
MOST_FAILURES = 3  # one after another: whoever does not answer is left alone till the next turn

Name = tuple[str, str]  # kind, name


@dataclass(frozen=True)
class Hosting:
    """Tells the addresses of data centres, by the operator's file."""

    path: Path

    def __call__(self, ip: str) -> AddressFacts:
        return AddressFacts(is_hosting=ip in _ranges(self.path, self.path.stat().st_mtime_ns))


class KnownDomains(dict[str, DomainFacts]):
    """What is known of the domains in one file, learnt as it is read; and which domains and forms it has."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Counter[str] = Counter()
        self.hosts: Counter[str] = Counter()

    def learn(self, rows: Iterable[EvidenceRow]) -> None:
        """Look the domains of *rows* up, in one query. Call it before the rows are checked."""
        rows = list(rows)
        if len(self.rows) < MOST_COUNTED:
            self.rows.update(row.domain for row in rows if row.domain)
        if len(self.hosts) < MOST_COUNTED:
            self.hosts.update(host for row in rows if row.form_url and (host := host_of(row.form_url)))
        new = {row.domain for row in rows if row.domain} - self.keys()
        told: dict[str, dict[str, Any]] = {name: {} for name in new & _disposable()}
        if settings.OUTSIDE_FACTS:
            for kind, name, value in _answered(OutsideFact.objects.filter(name__in=sorted(new))):
                told.setdefault(name, {})[kind] = value
        for name, facts in told.items():
            self[name] = DomainFacts(
                accepts_mail=facts.get(OutsideFact.Kind.MAIL, {}).get("accepts"),
                registered_on=_day(facts.get(OutsideFact.Kind.REGISTRATION, {})),
                is_disposable=name in _disposable(),
            )

    def wanted(self) -> list[Name]:
        """Return what is worth asking about this file, the most frequent first."""
        domains = [name for name, _count in self.rows.most_common(MOST_DOMAINS)]
        own = [name for name in domains if self.rows[name] >= LEAST_ROWS and provider_of(name) == OTHER]
        hosts = [name for name, _count in self.hosts.most_common(MOST_FORMS)]
        names = [(OutsideFact.Kind.MAIL.value, name) for name in domains]
        names += [(OutsideFact.Kind.REGISTRATION.value, name) for name in [*hosts, *own[:MOST_REGISTRATIONS]]]
        return [one for one in dict.fromkeys(names) if _is_allowed(one[0]) and _is_domain(one[1])]


def form_days(names: Collection[Name]) -> dict[str, date]:
    """Return since when the hosts of forms exist at the earliest, for those that are known."""
    hosts = sorted(name for kind, name in names if kind == OutsideFact.Kind.REGISTRATION)
    rows = OutsideFact.objects.filter(kind=OutsideFact.Kind.REGISTRATION, name__in=hosts)
    return {name: day for _kind, name, value in _answered(rows) if (day := _day(value))}


def address_facts() -> Hosting | None:
    """Return what tells data centres, None when the operator gave no ranges or they can't be read."""
    if not settings.HOSTING_RANGES:
        return None
    hosting = Hosting(Path(settings.HOSTING_RANGES))
    try:
        hosting("192.0.2.1")
    except (OSError, ValueError) as error:
        logger.error("the ranges of data centres can't be read: %s", error)
        return None
    return hosting


def want(names: Collection[Name], now: datetime) -> None:
    """Let what nobody has asked yet, or long ago, be asked."""
    if not names:
        return
    OutsideFact.objects.bulk_create(
        [OutsideFact(kind=kind, name=name, wanted_at=now) for kind, name in names], ignore_conflicts=True
    )
    for kind, keep in KEEP.items():
        old = OutsideFact.objects.filter(kind=kind, name__in=[name for one, name in names if one == kind])
        old.filter(asked_at__lte=now - keep).update(asked_at=None, wanted_at=now, attempts=0)


def seal_of(names: Collection[Name]) -> str:
    """Return a digest of what is known of *names*: another one says that there is news. Empty when nothing is known."""
    rows = OutsideFact.objects.filter(name__in=sorted({name for _kind, name in names}))
    wanted = {(kind, name) for kind, name in names}
    known = sorted([kind, name, value] for kind, name, value in _answered(rows) if (kind, name) in wanted)
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16] if known else ""


def has_news(names: Collection[Name], seal: str) -> bool:
    """Whether more is known of *names* than under *seal*, and nothing of it is still being asked."""
    waits = OutsideFact.objects.filter(asked_at=None, name__in=sorted({name for _kind, name in names}))
    return not waits.exists() and seal_of(names) != seal


def is_due(now: datetime) -> bool:
    return bool(settings.OUTSIDE_FACTS) and _due(now).exists()


def ask_due(accepts_mail: Callable[[str], bool], registered_on: Callable[[str], date | None], now: datetime) -> int:
    """Ask for a turn and return how many answers came. `NoAnswer` of either is tried again later."""
    until, answers = monotonic() + TURN_SECONDS, 0
    failures: Counter[str] = Counter()
    for fact in _due(now).order_by("wanted_at")[:1_000]:
        if monotonic() > until:
            break
        if failures[fact.kind] >= MOST_FAILURES:
            continue
        try:
            if fact.kind == OutsideFact.Kind.MAIL:
                value: dict[str, Any] = {"accepts": accepts_mail(fact.name)}
            else:
                day = registered_on(fact.name)
                value = {"on": day.isoformat()} if day else {}
        except NoAnswer as error:
            failures[fact.kind] += 1
            logger.info("no fact of kind %s: %s", fact.kind, error)
            _put_off(fact, now)
        else:
            failures[fact.kind] = 0
            answers += 1
            OutsideFact.objects.filter(kind=fact.kind, name=fact.name).update(asked_at=now, value=value)
    return answers


def _put_off(fact: OutsideFact, now: datetime) -> None:
    same = OutsideFact.objects.filter(kind=fact.kind, name=fact.name)
    if fact.attempts + 1 >= MOST_ATTEMPTS:
        same.update(asked_at=now, value={}, attempts=F("attempts") + 1)
    else:
        same.update(wanted_at=now + AGAIN_AFTER, attempts=F("attempts") + 1)


def _due(now: datetime) -> QuerySet[OutsideFact]:
    kinds = [kind for kind in OutsideFact.Kind if _is_allowed(kind)]
    return OutsideFact.objects.filter(asked_at=None, wanted_at__lte=now, kind__in=kinds)


def _answered(rows: QuerySet[OutsideFact]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    return rows.exclude(asked_at=None).values_list("kind", "name", "value")


def _is_allowed(kind: str) -> bool:
    return ALLOWED_BY[OutsideFact.Kind(kind)] in settings.OUTSIDE_FACTS


def _is_domain(name: str) -> bool:
    """Whether a name can be asked about: ASCII, with a dot, no IP address."""
    try:
        ip_address(name)
    except ValueError:
        return name.isascii() and "." in name.strip(".") and len(name) <= 253 and not name.startswith("[")
    return False


def _day(value: dict[str, Any]) -> date | None:
    return date.fromisoformat(value["on"]) if value.get("on") else None


@cache
def _disposable() -> frozenset[str]:
    return frozenset(tomllib.loads(DISPOSABLE.read_text(encoding="utf-8"))["domains"])


@lru_cache(maxsize=2)
def _ranges(path: Path, _changed: int) -> Ranges:
    with path.open(encoding="utf-8") as lines:
        return Ranges(lines)
