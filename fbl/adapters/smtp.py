"""The SMTP and LMTP door: store the bytes, answer 250 once they are on disk, parse nothing (RFC 5321, RFC 2033).

Messages that arrive together are written together: one commit for all that wait, so that durability costs one
disk flush for many mails and not one for each.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, connections

from courrielleur.jobs.queue import nudge
from fbl.services.inbox import Arrival, store

logger = logging.getLogger(__name__)

BATCH = 200
BATCH_BYTES = 64 << 20  # encrypted at one go
MAX_RECIPIENTS = 100  # of one message (RFC 5321 §4.5.3.1.8); the client sends it again for the others
MAX_LINE = 1 << 16  # bytes; RFC 5321 has 1000, and some bounces do not know it
NUDGE_EVERY_SECONDS = 0.2
TRY_AGAIN = "451 4.3.0 Not stored, please try again later"
ACCEPTED = "250 2.0.0 Stored"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients, please send it again for the others"
TOO_FAST = "421 4.7.0 Too many messages from your address, please slow down"
TOO_MANY_CONNECTIONS = b"421 4.3.2 Too many connections, please try again later\r\n"


class Writer:
    """Stores arrivals in batches, in one thread of its own; each waits for its own commit."""

    def __init__(self, save: Callable[[list[Arrival]], object] = store) -> None:
        self._save = save
        self._waiting: deque[tuple[Arrival, asyncio.Future[None]]] = deque()
        self._has_work = asyncio.Event()
        self._nudged_at = 0.0

    async def put(self, arrival: Arrival) -> None:
        """Return when *arrival* is on disk. Raises `DatabaseError` when it is not."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, stored))
        self._has_work.set()
        await stored

    async def run(self) -> None:
        """Write what waits, for ever; ends by cancellation, never leaving a batch half answered."""
        while True:
            await self._has_work.wait()
            batch = self._take()
            if not self._waiting:
                self._has_work.clear()
            if batch:
                await self._write(batch)

    def _take(self) -> list[tuple[Arrival, asyncio.Future[None]]]:
        batch: list[tuple[Arrival, asyncio.Future[None]]] = []
        size = 0
        while self._waiting and len(batch) < BATCH and size < BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size += len(batch[-1][0].raw)
        return batch

    async def _write(self, batch: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        try:
            await sync_to_async(self._commit, thread_sensitive=True)([arrival for arrival, _ in batch])
        except Exception as error:
            logger.error("%s messages not stored: %s", len(batch), error)  # no traceback: it would hold addresses
            for _, stored in batch:
                if not stored.done():
                    stored.set_exception(DatabaseError("not stored"))
        else:
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)

    def _commit(self, arrivals: list[Arrival]) -> None:
        try:
            self._save(arrivals)
        except DatabaseError:
            connections.close_all()
            # The server may have restarted under us: once more on a new connection, and then tell the client.
            self._save(arrivals)
        self._nudge()
        close_old_connections()

    def _nudge(self) -> None:
        if time.monotonic() - self._nudged_at < NUDGE_EVERY_SECONDS:
            return
        try:
            nudge("river")
            self._nudged_at = time.monotonic()
        except DatabaseError as error:  # the mail is safe; the minute tick finds it
            logger.warning("stored, but the reader was not nudged: %s", error)


@dataclass
class Limits:
    """How much one client address may do."""

    max_connections: int
    messages_per_minute: int  # 0: no limit
    open: int = 0
    _recent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def allows(self, ip: str) -> bool:
        """Say whether *ip* may send one more message now, and count it if so."""
        if not self.messages_per_minute:
            return True
        now = time.monotonic()
        recent = self._recent[ip]
        while recent and now - recent[0] > 60:
            recent.popleft()
        if len(recent) >= self.messages_per_minute:
            return False
        recent.append(now)
        if len(self._recent) > 10_000:  # addresses long gone
            self._recent = defaultdict(deque, {ip: times for ip, times in self._recent.items() if times})
        return True


class Handler:
    """What aiosmtpd calls. Any recipient is taken: whose mail it is, the reader finds out."""

    def __init__(self, writer: Writer, limits: Limits, door: str) -> None:
        self._writer, self._limits, self._door = writer, limits, door

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if not self._limits.allows(_ip(session)):
            return TOO_FAST
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY_RECIPIENTS
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        now, sender = datetime.now(UTC), (envelope.mail_from or "").strip("<>")
        try:
            # Each recipient may be the return path of a mail, or the address of a case.
            await asyncio.gather(
                *(
                    self._writer.put(Arrival(raw, self._door, now, sender, recipient))
                    for recipient in dict.fromkeys(envelope.rcpt_tos)
                )
            )
        except DatabaseError:
            answer = TRY_AGAIN
        else:
            answer = ACCEPTED
        # LMTP answers once for each recipient (RFC 2033 §4.2).
        return "\r\n".join([answer] * len(envelope.rcpt_tos)) if self._door == "lmtp" else answer


class SmtpDoor(SMTP):
    """One connection; turned away politely when there are too many."""

    line_length_limit = MAX_LINE

    def __init__(self, handler: Handler, *, max_bytes: int, limits: Limits) -> None:
        super().__init__(
            handler,
            data_size_limit=max_bytes,
            hostname="courrielleur",
            ident="Courrielleur",
            enable_SMTPUTF8=True,
            decode_data=False,
            timeout=120,
            loop=asyncio.get_running_loop(),
        )
        self._limits = limits
        self._is_counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._limits.open >= self._limits.max_connections and isinstance(transport, asyncio.WriteTransport):
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()
            return
        self._limits.open += 1
        self._is_counted = True
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._is_counted:
            self._limits.open -= 1
            super().connection_lost(error)


class LmtpDoor(SmtpDoor, LMTP):
    """The same, speaking LMTP (RFC 2033)."""


def make_door(handler: Handler, *, lmtp: bool, max_bytes: int, limits: Limits) -> SmtpDoor:
    """Return the protocol of one new connection."""
    return (LmtpDoor if lmtp else SmtpDoor)(handler, max_bytes=max_bytes, limits=limits)


def _ip(session: Session) -> str:
    return str(session.peer[0]) if isinstance(session.peer, tuple) else "local"
