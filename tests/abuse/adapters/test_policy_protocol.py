"""The policy protocol on real connections."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from abuse.adapters.policy_protocol import LONGEST_REQUEST, Counters, PolicyProtocol

REQUEST = b"request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=%b\nstress=\n\n"


def respond(attributes: Mapping[str, str]) -> str:
    if attributes.get("sasl_username") == "long":
        return "REJECT " + "x" * 1_000
    return "REJECT Stopped" if attributes.get("sasl_username") == "acme" else "DUNNO"


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counters: Counters) -> None:
        self.reader, self.writer, self.counters = reader, writer, counters

    async def ask(self, data: bytes) -> bytes:
        self.writer.write(data)
        return await self.reader.readuntil(b"\n\n")


def talk(work: Callable[[Wire], Awaitable[None]], *, most: int = 10, path: Path | None = None) -> None:
    """Run *work* on a connection to a server of its own, within a bounded time."""

    async def main() -> None:
        loop, counters = asyncio.get_running_loop(), Counters()

        def protocol() -> PolicyProtocol:
            return PolicyProtocol(respond, counters, most)

        if path is None:
            server = await loop.create_server(protocol, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        else:
            server = await loop.create_unix_server(protocol, str(path))
            reader, writer = await asyncio.open_unix_connection(str(path))
        async with asyncio.timeout(30):
            await work(Wire(reader, writer, counters))
        writer.close()
        server.close()

    asyncio.run(main())


def test_one_connection_serves_many_requests() -> None:
    async def work(wire: Wire) -> None:
        for _ in range(50):
            assert await wire.ask(REQUEST % b"acme") == b"action=REJECT Stopped\n\n"
            assert await wire.ask(REQUEST % b"zenith") == b"action=DUNNO\n\n"
        assert (wire.counters.connections, wire.counters.requests, wire.counters.stopped) == (1, 100, 50)

    talk(work)


def test_a_unix_socket_answers_too(tmp_path: Path) -> None:
    async def work(wire: Wire) -> None:
        assert await wire.ask(REQUEST % b"acme") == b"action=REJECT Stopped\n\n"

    talk(work, path=tmp_path / "policy")


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_request_may_come_in_pieces(size: int) -> None:
    async def work(wire: Wire) -> None:
        whole = REQUEST % b"acme" + REQUEST % b"zenith"
        for start in range(0, len(whole), size):
            wire.writer.write(whole[start : start + size])
            await wire.writer.drain()
            await asyncio.sleep(0)
        assert await wire.reader.readexactly(37) == b"action=REJECT Stopped\n\naction=DUNNO\n\n"

    talk(work)


def test_requests_may_come_all_at_once() -> None:
    async def work(wire: Wire) -> None:
        wire.writer.write((REQUEST % b"acme") * 5_000)
        answers = await wire.reader.readexactly(5_000 * len(b"action=REJECT Stopped\n\n"))
        assert answers.count(b"action=REJECT Stopped\n\n") == 5_000

    talk(work)


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\nHost: x\n\n", b"\n\n", b"request=other\n\n", b"\x00\xff\n\n"])
def test_garbage_ends_the_connection_after_what_was_asked_before(garbage: bytes) -> None:
    async def work(wire: Wire) -> None:
        wire.writer.write(REQUEST % b"acme" + garbage + REQUEST % b"acme")
        assert await wire.reader.read() == b"action=REJECT Stopped\n\n"
        assert wire.counters.garbage == 1

    talk(work)


def test_a_request_without_an_end_is_cut_off() -> None:
    async def work(wire: Wire) -> None:
        wire.writer.write(b"request=smtpd_access_policy\nsender=" + b"a" * (LONGEST_REQUEST + 1))
        assert await wire.reader.read() == b""
        assert wire.counters.garbage == 1

    talk(work)


def test_one_connection_too_many_is_closed_and_the_others_live() -> None:
    async def work(wire: Wire) -> None:
        host, port = wire.writer.get_extra_info("peername")
        assert await wire.ask(REQUEST % b"acme") == b"action=REJECT Stopped\n\n"
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.read() == b""
        writer.close()
        assert await wire.ask(REQUEST % b"acme") == b"action=REJECT Stopped\n\n"

    talk(work, most=1)


def test_who_does_not_read_is_not_read_from() -> None:
    async def work(wire: Wire) -> None:
        async def flood() -> None:
            for _ in range(400):
                wire.writer.write((REQUEST % b"long") * 500)
                await wire.writer.drain()

        flooding = asyncio.create_task(flood())
        calm = last = 0
        while calm < 5:
            await asyncio.sleep(0.05)
            calm, last = (calm + 1 if wire.counters.requests == last > 0 else 0), wire.counters.requests
        assert last < 200_000  # it has stopped reading: its memory is bounded
        assert not flooding.done()
        reader, writer = await asyncio.open_connection(*wire.writer.get_extra_info("peername"))
        writer.write(REQUEST % b"zenith")
        assert await reader.readuntil(b"\n\n") == b"action=DUNNO\n\n"
        writer.close()
        flooding.cancel()

    talk(work)
