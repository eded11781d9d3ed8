"""Measure how fast Courrielleur is on this machine; never on the installation's own database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from courrielleur.bench.__main__ import LONG_NAMES, NAMES
from courrielleur.database.process import die_with_parent
from courrielleur.watchdog import end_session

KNOWN = (*NAMES, *LONG_NAMES)
LONGEST_SECONDS = 1_200.0  # for each measurement


class Command(BaseCommand):
    help = f"Print a JSON line for each figure, beside a floor of the same run. Measurements: {', '.join(KNOWN)}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names", nargs="*", metavar="NAME", help=f"all but {', '.join(LONG_NAMES)} when none is named"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["names"] or list(NAMES)
        if unknown := [name for name in names if name not in KNOWN]:
            raise CommandError(f"There is no measurement {unknown[0]!r}. Known: {', '.join(KNOWN)}.", returncode=2)
        place = Path(tempfile.mkdtemp(prefix="courrielleur-bench-"))
        place.chmod(0o755)  # as root, the database server runs as a user of its own
        try:
            self._run(names, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _run(self, names: list[str], place: Path) -> None:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "courrielleur.bench", *names],
            cwd=settings.BASE_DIR,
            env=_environment(place),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # safe: this command has one thread
        )
        try:
            status = process.wait(_longest(names))
        except subprocess.TimeoutExpired as error:
            raise CommandError(f"Not done after {_longest(names):.0f} seconds; given up.") from error
        finally:
            if process.poll() is None:
                process.terminate()
                end_session(process.pid)
                process.wait()
        if status:
            raise CommandError("A measurement failed; its messages are above.")


def _longest(names: list[str]) -> float:
    return LONGEST_SECONDS * sum(3 if name in LONG_NAMES else 1 for name in names)


def _environment(place: Path) -> dict[str, str]:
    """Return the environment of an installation of its own: database, ports and secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURRIELLEUR_")}
    kept.pop("DATABASE_URL", None)
    intake_port, letters_port, policy_port = _free_ports(3)
    return kept | {
        "DJANGO_SETTINGS_MODULE": "courrielleur.settings",
        "COURRIELLEUR_VAR_DIR": str(place),
        "COURRIELLEUR_INTAKE_SMTP": f"127.0.0.1:{intake_port}",
        "COURRIELLEUR_POLICY_LISTEN": f"127.0.0.1:{policy_port}",
        "COURRIELLEUR_INTAKE_MESSAGES_PER_MINUTE": "0",
        "COURRIELLEUR_EMAIL_URL": f"smtp://127.0.0.1:{letters_port}",
        "COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS": "1",
        "COURRIELLEUR_LOG_LEVEL": "WARNING",
    }


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
