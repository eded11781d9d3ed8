"""The ways an order reaches what sends the mail: one class per channel, chosen by the endpoint's URL scheme.

An enforcer is handed one message and says what the other side answered. It knows nothing of the outbox: retries,
order and rows belong to `abuse.services.enforcement`.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Message:
    """What is sent: the same id and the same bytes on every attempt."""

    id: str
    url: str
    secret: str = field(repr=False)
    body: bytes


@dataclass(frozen=True)
class Delivered:
    """The other side confirmed the message."""

    status: int


@dataclass(frozen=True)
class Failed:
    """The other side did not confirm. *is_gone*: it asked never to be called again."""

    error: str
    is_gone: bool = False
    retry_after: timedelta | None = None


Answer = Delivered | Failed


class Enforcer(Protocol):
    def send(self, message: Message) -> Answer:
        """Send once, within a bounded time, from any thread. Trouble is an answer, not an exception."""
        ...


class MemoryEnforcer:
    """Keeps what it is sent, and answers what it was told to: for tests and dry runs."""

    def __init__(self, answer: Callable[[Message], Answer] | None = None) -> None:
        self.sent: list[Message] = []
        self._answer = answer or (lambda message: Delivered(200))
        self._lock = threading.Lock()

    def send(self, message: Message) -> Answer:
        with self._lock:
            self.sent.append(message)
        return self._answer(message)


class NoSuchChannel(Exception):
    """No enforcer speaks the scheme of this URL."""


def enforcer_for(url: str, enforcers: Mapping[str, Enforcer]) -> Enforcer:
    """Return the enforcer of the URL's scheme. Raises `NoSuchChannel`."""
    scheme = urlsplit(url).scheme.lower()
    try:
        return enforcers[scheme]
    except KeyError as error:
        raise NoSuchChannel(
            f"{scheme or url!r}: no channel speaks this scheme; known are {', '.join(enforcers)}"
        ) from error
