"""Postfix's policy delegation protocol on a connection: requests in, one action for each, the line kept open.

Source: Postfix's SMTPD_POLICY_README, "Protocol description". What is no request ends the connection, as that
document asks of a server in trouble: Postfix then opens another one, and defers the mail when that fails too.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from abuse.core.delegation import Garbage, read_request

logger = logging.getLogger(__name__)

LONGEST_REQUEST = 65_536  # bytes; Postfix's own have about 1,000
END = b"\n\n"


@dataclass
class Counters:
    connections: int = 0  # open now
    requests: int = 0
    stopped: int = 0  # answered with anything but DUNNO
    garbage: int = 0


class PolicyProtocol(asyncio.Protocol):
    """One connection. *respond* must not wait for anything: every other connection waits with it."""

    def __init__(self, respond: Callable[[Mapping[str, str]], str], counters: Counters, most: int) -> None:
        self._respond, self._counters, self._most = respond, counters, most
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._counters.connections += 1
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            if self._counters.connections > self._most:
                logger.warning("policy: more than %s connections; one is refused", self._most)
                transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._counters.connections -= 1

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        buffer = self._buffer
        buffer += data
        answers, start = [], 0
        try:
            while (end := buffer.find(END, start)) >= 0:
                action = self._respond(read_request(bytes(buffer[start:end])))
                answers.append(b"action=%b\n\n" % action.encode())
                start = end + len(END)
                self._counters.requests += 1
                self._counters.stopped += action != "DUNNO"
            if len(buffer) - start > LONGEST_REQUEST:
                raise Garbage(f"more than {LONGEST_REQUEST} bytes without an end")
        except Garbage as error:
            self._counters.garbage += 1
            logger.warning("policy: no request of Postfix, connection closed: %r", str(error))
            self._transport.write(b"".join(answers))
            self._transport.close()
            return
        del buffer[:start]
        if answers:
            self._transport.write(b"".join(answers))

    def pause_writing(self) -> None:
        """The other side sends and does not read: it waits until it has."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()
