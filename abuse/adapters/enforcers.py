"""The ways an order reaches what sends the mail: one class for each kind of endpoint that we call.

An enforcer is handed one message and says what the other side answered. It knows nothing of the outbox: retries,
order and rows belong to `abuse.services.enforcement`. One that can also say what the MTA holds is a `Teller`, and
`abuse.services.reconciliation` listens to it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

from abuse.core.stops import Instruction, Stop


@dataclass(frozen=True)
class Target:
    """The machine at the other end, and how it names things."""

    url: str = ""
    secret: str = field(default="", repr=False)
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """What is sent: the same id and the same bytes on every attempt. *instruction*: None in a test message."""

    id: str
    url: str
    secret: str = field(repr=False)
    body: bytes
    kind: str = "webhook"
    config: Mapping[str, Any] = field(default_factory=dict)
    instruction: Instruction | None = None

    @property
    def target(self) -> Target:
        return Target(self.url, self.secret, self.config)


@dataclass(frozen=True)
class Delivered:
    """The other side confirmed the message."""

    status: int


@dataclass(frozen=True)
class Failed:
    """The other side did not confirm. *is_gone*: it asked never to be called again; *is_permanent*: never will."""

    error: str
    is_gone: bool = False
    retry_after: timedelta | None = None
    is_permanent: bool = False
    status: int | None = None  # what it answered by HTTP; None when no answer came


@dataclass(frozen=True)
class Inapplicable:
    """There is nothing on the other side that this order could act on. *reason* is for people."""

    reason: str


Answer = Delivered | Failed | Inapplicable


@dataclass(frozen=True)
class Told:
    """What an MTA says that it holds back for us. *ending*: those of them that it would forget soon.

    *others*: what somebody else told it to hold. *strays*: ids of entries that are ours and stand for no account.
    """

    held: frozenset[Stop]
    others: frozenset[Stop] = frozenset()
    ending: frozenset[Stop] = frozenset()
    strays: tuple[str, ...] = ()
    names_campaigns: bool = True  # or else it tells of whole accounts only


class Enforcer(Protocol):
    def send(self, message: Message) -> Answer:
        """Send once, within a bounded time, from any thread. Trouble is an answer, not an exception."""
        ...


@runtime_checkable
class Teller(Protocol):
    def tell(self, target: Target) -> Told | Failed | None:
        """Ask what it holds; None when this one can't say."""
        ...

    def assert_again(self, target: Target, instruction: Instruction) -> Answer:
        """Put what it should hold in force again, without an order: an end drew near, or it can't say."""
        ...

    def remove(self, target: Target, strays: tuple[str, ...]) -> Answer:
        """Remove entries of ours by their id."""
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
    """No enforcer is there for this kind of endpoint."""


def enforcer_for(kind: str, enforcers: Mapping[str, Enforcer]) -> Enforcer:
    """Return the enforcer of that kind. Raises `NoSuchChannel`."""
    try:
        return enforcers[kind]
    except KeyError as error:
        raise NoSuchChannel(f"{kind!r}: no channel of this kind; known are {', '.join(enforcers)}") from error
