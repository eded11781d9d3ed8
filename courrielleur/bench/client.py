"""A light SMTP client: many connections in one loop, so that it is the server that is measured."""

import asyncio
from collections.abc import Sequence

from courrielleur.demo.compose import Mail

TIME_LIMIT_SECONDS = 60.0


class NotAccepted(Exception):
    """The server did not take a mail; the message is its answer."""


class Connection:
    """One connection; `send` one mail after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        connection = cls(*await asyncio.open_connection("127.0.0.1", port))
        await connection._expect(220)
        await connection._say(b"EHLO mx.example.net", 250)
        return connection

    async def send(self, mail: Mail) -> None:
        """Return when the server has said 250. Raises `NotAccepted`."""
        await self._say(f"MAIL FROM:<{mail.envelope_from}>".encode(), 250)
        await self._say(f"RCPT TO:<{mail.envelope_to}>".encode(), 250)
        await self._say(b"DATA", 354)
        await self._say(mail.raw.replace(b"\r\n.", b"\r\n..") + b"\r\n.", 250)

    async def close(self) -> None:
        await self._say(b"QUIT", 221)
        self._writer.close()

    async def _say(self, line: bytes, expected: int) -> None:
        self._writer.write(line + b"\r\n")
        await self._expect(expected)

    async def _expect(self, expected: int) -> None:
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            while (line := await self._reader.readline())[3:4] == b"-":
                pass
        if not line.startswith(str(expected).encode()):
            raise NotAccepted(line.decode(errors="replace").strip() or "the connection was closed")


async def send_all(port: int, parts: Sequence[Sequence[Mail]]) -> None:
    """Send each of *parts* over a connection of its own, all at once."""

    async def send(mails: Sequence[Mail]) -> None:
        connection = await Connection.open(port)
        for mail in mails:
            await connection.send(mail)
        await connection.close()

    await asyncio.gather(*(send(part) for part in parts))
