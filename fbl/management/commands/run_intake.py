"""Run the SMTP door, and the LMTP door where one is set."""

import asyncio
import signal
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fbl.adapters.smtp import Handler, Limits, Writer, make_door


class Command(BaseCommand):
    help = "Take in feedback reports, bounces and replies by SMTP and LMTP; 250 means it is on disk."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        writer = Writer()
        limits = Limits(settings.INTAKE_MAX_CONNECTIONS, settings.INTAKE_MESSAGES_PER_MINUTE)
        servers = []
        for door, address in (("smtp", settings.INTAKE_SMTP), ("lmtp", settings.INTAKE_LMTP)):
            if not address:
                continue
            host, port = _host_and_port(door, address)
            factory = partial(
                make_door,
                Handler(writer, limits, door),
                lmtp=door == "lmtp",
                max_bytes=settings.REPORT_MAX_BYTES,
                limits=limits,
            )
            try:
                servers.append(await loop.create_server(factory, host, port))
            except OSError as error:
                raise CommandError(
                    f"{door.upper()} can't listen on {address}: {error.strerror}. "
                    f"Stop what uses it, or set COURRIELLEUR_INTAKE_{door.upper()} to another host:port."
                ) from error
            self.stderr.write(f"{door.upper()} listens on {address}")
        writing = asyncio.create_task(writer.run())
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await stop.wait()
        for server in servers:
            server.close()
        writing.cancel()


def _host_and_port(door: str, address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        raise CommandError(f"COURRIELLEUR_INTAKE_{door.upper()}: {address!r} is not host:port, such as 127.0.0.1:8625.")
    return host.strip("[]"), int(port)
