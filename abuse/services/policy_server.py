"""Answer Postfix from a copy in memory, and keep that copy: by LISTEN, by looking again, and on disk.

No request ever waits for the database. A thread of its own keeps the copy; while the database is away the last copy
answers, also after a restart, for as long as the settings allow. Then the fail mode decides.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from abuse.adapters.policy_protocol import Counters, PolicyProtocol
from abuse.core.delegation import Key, Rule, StoppedNames, answer
from abuse.models import Endpoint
from abuse.services import mtas, policy_copy
from abuse.services.orders import CHANGED
from abuse.services.policy_copy import Copy
from courrielleur.database import DatabaseUnavailable

logger = logging.getLogger(__name__)

BEAT_SECONDS = 60.0  # how often the console hears that we are there, however seldom we look
LOOK_SECONDS = 0.5  # between looks whether we are asked to stop
AWAY_SECONDS = 2.0  # between attempts while the database is away
SAVE_EVERY = timedelta(minutes=1)  # an unchanged copy is written that often: its age counts after a restart


@dataclass(frozen=True)
class Plan:
    """What one policy server is told by its settings."""

    name: str
    rule: Rule
    username: str
    path: Path  # of the copy on disk
    refresh_seconds: float
    believed_for: timedelta  # how old a copy may be


@dataclass
class Keeper:
    """Keeps the copy. `respond` is called by the connections, in another thread than `run`."""

    plan: Plan
    say: Callable[[str], None]
    copy: Copy | None = None
    away_since: datetime | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    _saved: Copy | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.copy = self._saved = policy_copy.load(self.plan.path)
        if self.copy is not None:
            self.say(
                f"{len(self.copy.stopped)} stopped names from {self.plan.path}, as of {self.copy.as_of:%F %T} UTC."
            )

    def respond(self, attributes: Mapping[str, str]) -> str:
        return answer(attributes, self.believed(), self.plan.rule)

    def believed(self) -> StoppedNames | None:
        copy = self.copy
        if copy is None or datetime.now(UTC) - copy.as_of > self.plan.believed_for:
            return None
        return copy.stopped

    def run(self) -> None:
        """Keep the copy until `stop`; whatever happens to the database."""
        while not self.stopping.is_set():
            try:
                self._follow()
            except Exception as error:  # whatever it is: the copy answers on, and this thread must not end
                if not isinstance(error, (DatabaseError, DatabaseUnavailable, OSError)):
                    logger.exception("policy: the copy could not be kept")
                self._is_away(error)
                self.stopping.wait(AWAY_SECONDS)
            finally:
                with suppress(Exception):  # its other end may be gone
                    connection.close()

    def stop(self) -> None:
        self.stopping.set()

    def refresh(self, endpoint: Endpoint) -> None:
        """Read the copy anew, keep it on disk, answer from it, then confirm what it carries out: in this order."""
        now = timezone.now()
        copy = policy_copy.read(endpoint, self.plan.rule.keys, self.plan.username, now)
        is_other = self._saved is None or copy.stopped != self._saved.stopped
        if is_other or self._saved is None or now - self._saved.as_of > SAVE_EVERY:
            try:
                policy_copy.save(copy, self.plan.path)
                self._saved = copy
            except OSError as error:
                self.say(f"The copy can't be kept in {self.plan.path}: {error.strerror}. A restart would lose it.")
        self.copy = copy
        if is_other:
            self.say(f"{len(copy.stopped)} stopped names.")
        policy_copy.confirm(endpoint, copy, now)

    def _follow(self) -> None:
        """Refresh at once, at every change, and every so often; until asked to stop or the database goes away."""
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANGED}")  # a constant of ours
        wire = connection.connection
        while not self.stopping.is_set():
            # Asked for each time: a person may have removed it, and then this server enrols again.
            endpoint = mtas.enrolled(Endpoint.Kind.POSTFIX, self.plan.name, timezone.now())
            self.refresh(endpoint)
            self._is_back()
            until = time.monotonic() + self.plan.refresh_seconds
            beat_at = time.monotonic() + BEAT_SECONDS
            while not self.stopping.is_set() and time.monotonic() < until:
                if time.monotonic() > beat_at:
                    policy_copy.beat(endpoint, timezone.now())
                    beat_at = time.monotonic() + BEAT_SECONDS
                with connection.wrap_database_errors:
                    if any(True for _ in wire.notifies(timeout=LOOK_SECONDS, stop_after=1)):
                        break

    def _is_away(self, error: Exception) -> None:
        if self.away_since is None:
            self.away_since = timezone.now()
            words = str(error).strip().splitlines()
            self.say(f"The database is away ({words[0] if words else type(error).__name__}). The copy answers.")

    def _is_back(self) -> None:
        if self.away_since is not None:
            self.say("The database is back.")
            self.away_since = None


async def serve(
    keeper: Keeper, *, address: tuple[str, int] | None, path: Path | None, most: int, counters: Counters
) -> list[asyncio.AbstractServer]:
    """Open the doors: TCP at *address*, a UNIX socket at *path*. Raises `OSError`."""
    loop = asyncio.get_running_loop()

    def connection_of() -> PolicyProtocol:
        return PolicyProtocol(keeper.respond, counters, most)

    servers: list[asyncio.AbstractServer] = []
    if address is not None:
        servers.append(await loop.create_server(connection_of, *address, backlog=1024))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        servers.append(await loop.create_unix_server(connection_of, str(path), backlog=1024))
        path.chmod(0o666)  # who may ask is decided by the folder, as Postfix does it
    return servers


def rule_of(keys: tuple[Key, ...], stop: str, *, is_open: bool) -> Rule:
    """Return how to answer. *is_open*: let mail pass while there is nothing to answer from, or else defer it."""
    closed = "DEFER_IF_PERMIT 4.3.0 The standing of this account can't be checked now; try again later"
    return Rule(keys, stop, "DUNNO" if is_open else closed)
