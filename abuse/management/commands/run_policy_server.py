"""Run the policy server for Postfix."""

import asyncio
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from abuse.adapters.policy_protocol import Counters
from abuse.services.policy_server import Keeper, Plan, rule_of, serve
from courrielleur.listening import split_address

LAST_WORDS_SECONDS = 5.0
SWITCH_SECONDS = 0.0005  # how long an answer waits for the thread that reads a new copy; Python's own is ten times it


class Command(BaseCommand):
    help = "Answer Postfix's policy requests from a local copy of the standings (docs/enforcement.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.POLICY_LISTEN and not settings.POLICY_SOCKET:
            raise CommandError(
                "Set COURRIELLEUR_POLICY_LISTEN or COURRIELLEUR_POLICY_SOCKET: there is no door to open."
            )
        sys.setswitchinterval(SWITCH_SECONDS)
        keeper = Keeper(plan_of_settings(), self._say)
        keeping = threading.Thread(target=keeper.run, name="keeper", daemon=True)
        keeping.start()
        try:
            asyncio.run(self._serve(keeper))
        finally:
            keeper.stop()
            keeping.join(LAST_WORDS_SECONDS)

    async def _serve(self, keeper: Keeper) -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        address = (
            split_address("COURRIELLEUR_POLICY_LISTEN", settings.POLICY_LISTEN) if settings.POLICY_LISTEN else None
        )
        path = Path(settings.POLICY_SOCKET) if settings.POLICY_SOCKET else None
        counters = Counters()
        try:
            servers = await serve(
                keeper, address=address, path=path, most=settings.POLICY_MAX_CONNECTIONS, counters=counters
            )
        except OSError as error:
            where = settings.POLICY_LISTEN if address else settings.POLICY_SOCKET
            raise CommandError(
                f"The policy server can't listen on {where}: {error.strerror}. "
                "Stop what uses it, or change COURRIELLEUR_POLICY_LISTEN or COURRIELLEUR_POLICY_SOCKET."
            ) from error
        self._say(f"Policy requests are answered on {' and '.join(filter(None, _doors()))}.")
        await stop.wait()
        for server in servers:
            server.close()
        if path is not None:
            path.unlink(missing_ok=True)
        self._say(f"{counters.requests} requests answered, {counters.stopped} of them stopped.")

    def _say(self, text: str) -> None:
        self.stderr.write(text)


def plan_of_settings() -> Plan:
    return Plan(
        name=settings.POLICY_NAME,
        rule=rule_of(settings.POLICY_KEYS, settings.POLICY_ACTION, is_open=settings.POLICY_FAIL == "open"),
        username=settings.POLICY_USERNAME,
        path=settings.VAR_DIR / "policy-server" / f"{settings.POLICY_NAME}.json",
        refresh_seconds=settings.POLICY_REFRESH_SECONDS,
        believed_for=timedelta(minutes=settings.POLICY_STALE_MINUTES),
    )


def _doors() -> list[str]:
    return [settings.POLICY_LISTEN, settings.POLICY_SOCKET]
