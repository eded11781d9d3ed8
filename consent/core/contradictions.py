"""Find where the answers contradict each other, the records, or what the platform saw itself. For the reviewer only.

A contradiction is a question to put, never a proof of a lie: each has its harmless explanation, which the reviewer
reads beside it. Weights and words are data (`consent/data/contradictions.toml`).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from consent.core.questionnaire import Value, domains_in, question_set

DATA = Path(__file__).resolve().parent.parent / "data" / "contradictions.toml"
_SHORT_LABEL = 3  # letters: a second level like co.uk, com.au or qc.ca is nobody's own


@dataclass(frozen=True)
class Facts:
    """What is known without the answers. Empty means unknown, and contradicts nothing."""

    sending_domains: frozenset[str] = frozenset()
    unreachable: frozenset[str] = frozenset()  # addresses of question 4 that did not answer when asked
    records: int = 0  # consent records of the account
    confirmations: int | None = None  # of them with a time of confirmation; None when not counted
    methods: Mapping[str, int] = field(default_factory=dict)  # records by method, those that name one
    send_days: frozenset[date] = frozenset()  # UTC days on which the account's mail left through the platform
    known_from: date | None = None  # send days before it are not known
    reported_day: date | None = None  # of the mail that opened the case


@dataclass(frozen=True)
class Contradiction:
    code: str  # a key of [contradiction.*]
    question: str  # the question whose answer is contradicted
    value: str = ""
    count: int = 0
    weight: float = 0.0  # 0 to 1


@dataclass(frozen=True)
class ContradictionText:
    says: str
    benign: str


def contradictions(answers: Mapping[str, Value], facts: Facts, forbidden: frozenset[str]) -> tuple[Contradiction, ...]:
    """Return what does not fit, heaviest first. *forbidden* are the methods that no consent comes from."""
    found = [
        *_reach(answers, facts),
        *_domains(answers, facts),
        *_confirmations(answers, facts),
        *_last_use(answers, facts),
        *_methods(answers, facts),
        *_forbidden(answers, forbidden),
    ]
    return tuple(sorted(found, key=lambda one: (-one.weight, one.code, one.value)))


def contradiction_text(contradiction: Contradiction, language: str) -> ContradictionText:
    """Return what it says and its harmless explanation, in `fr` or `en`."""
    row = _rows()[contradiction.code]
    names = {method.key: method.names[language] for method in question_set().methods}
    value = names.get(contradiction.value, contradiction.value)
    says = row["says"][language].format(value=value, count=contradiction.count)
    return ContradictionText(says, row["benign"][language])


def is_same_organisation(one: str, other: str) -> bool:
    """Whether two domains are likely of one owner: in doubt yes, as a false contradiction costs more than a missed one.

    >>> is_same_organisation("www.example.com", "mail.example.com")
    True
    >>> is_same_organisation("shop-a.qc.ca", "shop-b.qc.ca")
    False
    """
    return _owner(one) == _owner(other)


def _reach(answers: Mapping[str, Value], facts: Facts) -> Iterator[Contradiction]:
    for url in _list(answers, "sign_up_urls", "urls"):
        if url in facts.unreachable:
            yield _found("url_unreachable", "sign_up_urls", value=url)


def _domains(answers: Mapping[str, Value], facts: Facts) -> Iterator[Contradiction]:
    """Addresses of question 4 against the domain of question 6: the sender's own, or those named there."""
    said = answers.get("same_domain", {})
    hosts = {_host(url) for url in _list(answers, "sign_up_urls", "urls")} - {""}
    if said.get("answer") == "yes":
        expected, code = facts.sending_domains, "url_not_of_sender"
    else:
        expected, code = frozenset(domains_in(str(said.get("domains", "")))), "url_not_of_named_domain"
    if not expected:
        return
    for host in sorted(hosts):
        if not any(is_same_organisation(host, name) for name in expected):
            yield _found(code, "sign_up_urls", value=host)


def _confirmations(answers: Mapping[str, Value], facts: Facts) -> Iterator[Contradiction]:
    said = _list(answers, "methods", "methods")
    if "confirmed_opt_in" in said and facts.records and facts.confirmations == 0:
        yield _found("no_confirmation_times", "methods", count=facts.records)


def _last_use(answers: Mapping[str, Value], facts: Facts) -> Iterator[Contradiction]:
    """The last use before the mail that was reported, against the days on which mail left."""
    try:
        said = date.fromisoformat(str(answers.get("last_used", {}).get("date", "")))
    except ValueError:
        return
    if facts.reported_day is None or not facts.send_days:
        return
    if said > facts.reported_day:
        yield _found("last_use_after_report", "last_used", value=facts.reported_day.isoformat())
        return
    later = [day for day in facts.send_days if said + timedelta(days=1) < day < facts.reported_day - timedelta(days=1)]
    if later:
        yield _found("used_since", "last_used", value=max(later).isoformat(), count=len(later))
    near = {said + timedelta(days=step) for step in range(-_rough_days(), _rough_days() + 1)}
    if facts.known_from and said >= facts.known_from and near.isdisjoint(facts.send_days):
        yield _found("not_sent_then", "last_used", value=said.isoformat())


def _methods(answers: Mapping[str, Value], facts: Facts) -> Iterator[Contradiction]:
    said = frozenset(_list(answers, "methods", "methods"))
    named = sum(facts.methods.values())
    if not said or not named:
        return
    for method, count in sorted(facts.methods.items()):
        if method not in said and count >= named * _limit("least_share"):
            yield _found("method_not_said", "methods", value=method, count=count)
    for method in sorted(said - set(facts.methods) - {"other"}):
        yield _found("method_not_in_records", "methods", value=method, count=named)


def _forbidden(answers: Mapping[str, Value], forbidden: frozenset[str]) -> Iterator[Contradiction]:
    for method in sorted(forbidden.intersection(_list(answers, "methods", "methods"))):
        yield _found("forbidden_method", "methods", value=method)


def _found(code: str, question: str, *, value: str = "", count: int = 0) -> Contradiction:
    return Contradiction(code, question, value[:200], count, float(_rows()[code]["weight"]))


def _list(answers: Mapping[str, Value], question: str, part: str) -> list[str]:
    given = answers.get(question, {}).get(part)
    return [str(item) for item in given] if isinstance(given, list | tuple) else []


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a half-typed address
        return ""


def _owner(domain: str) -> tuple[str, ...]:
    labels = domain.lower().rstrip(".").split(".")
    wide = len(labels) > 2 and len(labels[-2]) <= _SHORT_LABEL and len(labels[-1]) == 2  # a country
    return tuple(labels[-3:] if wide else labels[-2:])


def _rough_days() -> int:
    return int(_limit("rough_days"))


def _limit(name: str) -> float:
    return float(_data()["limit"][name]["value"])


def _rows() -> dict[str, Any]:
    rows: dict[str, Any] = _data()["contradiction"]
    return rows


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
