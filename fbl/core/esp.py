"""What e-mail providers tell by webhook: which events are kept, as which document, and what each provider means.

django-anymail gives events of all providers one shape; where a provider's word would mislead, fbl/data/esp.toml
corrects it. An event is kept as a small document in the form of a mail, so that it goes the way of every report:
stored encrypted, read by fbl/core/formats/esp_event.py, shown in its lane, read again after a fix.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

CONTENT_TYPE = "application/vnd.courrielleur.esp-event+json"
# What says something of a recipient, and what nobody knows. All else (opened, clicked, queued …) is only counted.
KEPT = frozenset({"bounced", "complained", "unsubscribed", "unknown"})

_FILE = Path(__file__).resolve().parent.parent / "data" / "esp.toml"
_REFERENCE_NAMES = frozenset({"courrielleurref", "xcourrielleurref"})
_SENT_NAMES = frozenset({"courrielleursent", "xcourrielleursent"})
_LETTERS = re.compile(r"[^a-z0-9]")


class Meaning(StrEnum):
    HARD = "hard"
    SOFT = "soft"
    BLOCK = "block"
    OTHER = "other"  # a bounce of no known class
    COMPLAINT = "complaint"
    NOT_SPAM = "not_spam"
    UNSUBSCRIBE = "unsubscribe"
    NOT_SENT = "not_sent"  # held back by the provider itself: says nothing of the recipient's side
    WAITS = "waits"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rule:
    when: Mapping[str, frozenset[str]]
    means: Meaning


@dataclass(frozen=True)
class Provider:
    key: str
    name: str
    source: str
    rules: tuple[Rule, ...]
    sent_at: str = ""  # paths into the provider's own event
    source_ip: str = ""
    headers: str = ""


@dataclass(frozen=True)
class Told:
    """One event, in the shape django-anymail gives it. `raw` is the provider's own."""

    event_type: str
    recipient: str = ""
    event_id: str = ""
    at: datetime | None = None
    message_id: str = ""
    description: str = ""
    mta_response: str = ""
    metadata: Mapping[str, Any] | None = None
    raw: Any = None


_BY_TYPE = {
    "bounced": Meaning.OTHER,
    "complained": Meaning.COMPLAINT,
    "unsubscribed": Meaning.UNSUBSCRIBE,
}


@cache
def providers() -> Mapping[str, Provider]:
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {key: _provider(key, table) for key, table in tables.items()}


def document(provider: str, told: Told) -> bytes | None:
    """Return the event as it is stored, the same bytes for the same event; None when it is not kept."""
    if told.event_type not in KEPT:
        return None
    content = {
        "provider": provider,
        "event_type": told.event_type,
        "event_id": told.event_id,
        "recipient": told.recipient,
        "at": told.at.isoformat() if told.at else "",
        "message_id": told.message_id,
        "description": told.description,
        "mta_response": told.mta_response,
        "metadata": told.metadata or {},
        "event": told.raw,
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return f"Content-Type: {CONTENT_TYPE}\r\n\r\n{text}\r\n".encode("ascii")


def meaning(provider: str, event_type: str, event: Any) -> Meaning:
    """Return what an event means: by the provider's own words first, then by anymail's type."""
    known = providers().get(provider)
    for rule in known.rules if known else ():
        if all(str(_at(event, path)).lower() in values for path, values in rule.when.items()):
            return rule.means
    return _BY_TYPE.get(event_type, Meaning.UNKNOWN)


def value(event: Any, path: str) -> str:
    """Return the text or number at *path* of the provider's event; empty when there is none."""
    found = _at(event, path) if path else None
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def reference_in(provider: str, metadata: Any, event: Any) -> str:
    """Return our reference, from the metadata the sender gave or from the header fields the provider repeats."""
    return next((text for name, text in _named(provider, metadata, event) if name in _REFERENCE_NAMES), "")


def sent_in(provider: str, metadata: Any, event: Any) -> str:
    """Return when the mail was sent, as the sender's metadata or the provider tell it: any form of date."""
    told = next((text for name, text in _named(provider, metadata, event) if name in _SENT_NAMES), "")
    known = providers().get(provider)
    return told or (value(event, known.sent_at) if known else "")


def _named(provider: str, metadata: Any, event: Any) -> Iterator[tuple[str, str]]:
    """Yield names without punctuation, and texts. Providers change the case and the dashes of names."""
    known = providers().get(provider)
    headers = _at(event, known.headers) if known and known.headers else None
    pairs: list[tuple[Any, Any]] = list(metadata.items()) if isinstance(metadata, dict) else []
    if isinstance(headers, dict):
        pairs += headers.items()
    elif isinstance(headers, list):
        pairs += [(one.get("name"), one.get("value")) for one in headers if isinstance(one, dict)]
    for name, text in pairs:
        if isinstance(name, str) and isinstance(text, str | int | float):
            yield _LETTERS.sub("", name.lower()), str(text)


def _at(event: Any, path: str) -> Any:
    found = event
    for step in path.split("."):
        if not isinstance(found, dict):
            return None
        found = next(iter(found.values()), None) if step == "*" else found.get(step)
    return found


def _provider(key: str, table: Mapping[str, Any]) -> Provider:
    rules = tuple(
        Rule({path: frozenset(values) for path, values in rule["when"].items()}, Meaning(rule["means"]))
        for rule in table["rule"]
    )
    return Provider(
        key=key,
        name=table["name"],
        source=table["source"],
        rules=rules,
        sent_at=table.get("sent_at", ""),
        source_ip=table.get("source_ip", ""),
        headers=table.get("headers", ""),
    )
