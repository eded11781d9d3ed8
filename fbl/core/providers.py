"""Mailbox providers: whose domain is it, and do they tell us of complaints? (fbl/data/mailbox_providers.toml)"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OTHER = "other"  # every domain the file does not name
_FILE = Path(__file__).resolve().parent.parent / "data" / "mailbox_providers.toml"


@dataclass(frozen=True)
class Provider:
    key: str
    name: str
    has_feedback_loop: bool
    domains: frozenset[str]  # of mailboxes
    report_domains: frozenset[str]  # of the addresses its complaint reports come from
    source: str


class BadProviderFile(ValueError):
    """The data file can't be used; the message names the table and what is wrong."""


def parse(text: str) -> dict[str, Provider]:
    """Return the providers by key. Raises `BadProviderFile`: a domain in two tables would split its counts."""
    providers: dict[str, Provider] = {}
    owner: dict[str, str] = {}
    for key, table in tomllib.loads(text).items():
        missing = {"name", "feedback_loop", "source", "domains"} - set(table)
        if missing:
            raise BadProviderFile(f"[{key}] lacks {', '.join(sorted(missing))}")
        for domain in (*table["domains"], *table.get("report_domains", ())):
            if domain in owner:
                raise BadProviderFile(f"{domain} is in [{owner[domain]}] and in [{key}]")
            owner[domain] = key
        providers[key] = Provider(
            key=key,
            name=table["name"],
            has_feedback_loop=table["feedback_loop"],
            domains=frozenset(table["domains"]),
            report_domains=frozenset(table.get("report_domains", ())),
            source=table["source"],
        )
    return providers


@cache
def all_providers() -> Mapping[str, Provider]:
    return parse(_FILE.read_text(encoding="utf-8"))


@cache
def reporting_keys() -> frozenset[str]:
    """Return the keys of the providers that have a feedback loop."""
    return frozenset(key for key, provider in all_providers().items() if provider.has_feedback_loop)


@cache
def _by_domain() -> Mapping[str, str]:
    return {
        domain: provider.key
        for provider in all_providers().values()
        for domain in provider.domains | provider.report_domains
    }


def provider_of(domain: str) -> str:
    """Return the key of the provider that serves *domain* or reports from it, `other` when the file names it not."""
    return _by_domain().get(domain.lower().rstrip("."), OTHER)
