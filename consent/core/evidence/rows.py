"""What the checks look at, and what they answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


class EvidenceRow(NamedTuple):
    """One consent record, light: ten million of these are made, which a dataclass would take twice as long for.

    Moments are seconds since 1970, UTC. Empty texts and None are unknown.
    """

    line: int
    local: str  # of the recipient's address, before the @
    domain: str
    consented_at: float | None = None
    ip: str = ""  # canonical
    user_agent: str = ""
    method: str = ""
    form_url: str = ""
    first_send_hour: int | None = None  # hours since 1970 of the first mail to this recipient
    confirmed_at: float | None = None
    country: str = ""  # of the postal address, ISO 3166 alpha-2


@dataclass(frozen=True)
class DomainFacts:
    """What the platform knows of a recipient domain; None is unknown."""

    accepts_mail: bool | None = None
    registered_on: date | None = None
    is_disposable: bool = False


@dataclass(frozen=True)
class AddressFacts:
    """What the platform knows of an IP address."""

    country: str = ""
    is_hosting: bool = False


@dataclass(frozen=True)
class Context:
    """What is known beside the rows. Everything may be missing; a check without its facts is silent."""

    uploaded_at: datetime
    forms: Mapping[str, date] = field(default_factory=dict)  # host of a form -> the first day it is known to exist
    domains: Mapping[str, DomainFacts] = field(default_factory=dict)
    address_facts: Callable[[str], AddressFacts | None] | None = None
    impossible_dates: int = 0  # rows refused for a date that no calendar has


@dataclass(frozen=True)
class Finding:
    """One thing that made-up records have and honest ones seldom; `rules.finding_text` puts it in words."""

    code: str  # a key of [finding.*] in consent/data/evidence.toml
    count: int  # rows concerned, among `rows`
    rows: int  # rows looked at; a sample when the file is large
    examples: tuple[int, ...] = ()  # lines of the file
    value: str = ""  # what they have in common: an IP address, a gap, a browser. For the desk only
    weight: float = 0.0  # of the rule, see recommendation
    p_value: float | None = None  # how often honest rows would look like it, None for a plain rule
    benign: tuple[str, ...] = ()  # keys of [benign.*]

    @property
    def share(self) -> float:
        return self.count / self.rows if self.rows else 0.0
