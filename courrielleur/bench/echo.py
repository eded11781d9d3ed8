"""A server that answers every policy request the same, unread: the floor of `policy`."""

import asyncio
import sys

ANSWER = b"action=DUNNO\n\n"
END = b"\n\n"


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.rest = transport, b""

    def data_received(self, data: bytes) -> None:
        *requests, self.rest = (self.rest + data).split(END)
        if requests and isinstance(self.transport, asyncio.Transport):
            self.transport.write(ANSWER * len(requests))


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
