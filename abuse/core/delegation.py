"""Answer Postfix's policy requests from what is stopped: which names a request carries, and what they lead to.

Source: Postfix's SMTPD_POLICY_README. `DUNNO` and never `OK`: the latter would skip the checks that come after ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

REQUEST = "smtpd_access_policy"
NO_OBJECTION = "DUNNO"


class Key(StrEnum):
    """By what Postfix knows whose mail it is."""

    SASL_USERNAME = "sasl_username"
    SENDER_DOMAIN = "sender_domain"
    CLIENT_ADDRESS = "client_address"


class Garbage(ValueError):
    """These bytes are no policy request."""


@dataclass(frozen=True)
class Rule:
    """How to answer. *keys* are looked at in turn; one that leads to a stopped account decides."""

    keys: tuple[Key, ...]
    stop: str  # the action for mail of a stopped account
    without_copy: str  # the action while there is nothing to answer from


@dataclass(frozen=True)
class StoppedNames:
    """The names of stopped accounts, by key; lower case."""

    names: Mapping[Key, frozenset[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.names.values()))


def read_request(data: bytes) -> dict[str, str]:
    """Return the attributes of one request, without its closing empty line. Raises `Garbage`.

    Attributes that we don't know are kept: newer releases of Postfix send more.
    """
    attributes = {}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        name, equals, value = line.partition("=")
        if not equals or not name:
            raise Garbage(line[:80])
        attributes[name] = value
    if attributes.get("request") != REQUEST:
        raise Garbage(f"request={attributes.get('request', '')[:60]}")
    return attributes


def answer(attributes: Mapping[str, str], stopped: StoppedNames | None, rule: Rule) -> str:
    """Return the action for a request; None as *stopped* means that there is no copy to answer from.

    >>> stopped = StoppedNames({Key.SASL_USERNAME: frozenset({"acme"})})
    >>> answer({"sasl_username": "Acme"}, stopped, Rule((Key.SASL_USERNAME,), "REJECT Stopped", "DUNNO"))
    'REJECT Stopped'
    """
    if stopped is None:
        return rule.without_copy
    for key in rule.keys:
        known = stopped.names.get(key)
        if known and any(name in known for name in names_in(key, attributes)):
            return rule.stop
    return NO_OBJECTION


def names_in(key: Key, attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield what a request could be known by. A sender's domain is followed by those above it."""
    if key is not Key.SENDER_DOMAIN:
        if name := attributes.get(key.value):
            yield name.lower()
        return
    domain = attributes.get("sender", "").rpartition("@")[2].lower().rstrip(".")
    while domain:
        yield domain
        domain = domain.partition(".")[2]
