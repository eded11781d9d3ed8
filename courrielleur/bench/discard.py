"""An aiosmtpd that throws every mail away: the floor of `smtp`, and where letters go while we measure."""

import asyncio
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class Nowhere:
    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        return "250 2.0.0 Gone"


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Nowhere(), hostname="nowhere", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
