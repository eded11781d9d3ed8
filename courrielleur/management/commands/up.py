"""Start all of Courrielleur on this machine, and keep it running until Ctrl-C."""

import fcntl
import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections

from courrielleur.database import DatabaseUnavailable, EmbeddedServer, server_in
from courrielleur.demo.cast import the_cast
from courrielleur.listening import split_address, why_not
from courrielleur.processes import Program, Supervisor

ANSWER_SECONDS = 60.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # read from a setting, bound by nobody here


class Command(BaseCommand):
    help = "Start the database, web, worker, intake and policy server, and keep them running; Ctrl-C stops them all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="play a believable platform, live")

    def handle(self, *args: Any, demo: bool = False, **options: Any) -> None:
        with only_one(settings.VAR_DIR):
            refuse_taken_ports()
            server = self._open_database()
            supervisor = Supervisor(
                programs(demo=demo),
                environment(demo=demo),
                self._say,
                look=Look(self._say, server, lambda: self._welcome(demo=demo)),
            )
            try:
                supervisor.run()
            finally:
                self._say(f"Stopping ({supervisor.stop_reason or 'after an error'}).")
                supervisor.stop()
                others = server.leave() if server else []
            if others:
                self._say(f"The database stays up for {', '.join(others)}.")
            self._say("Stopped.")

    def _open_database(self) -> EmbeddedServer | None:
        database = connection.settings_dict
        server = None
        if "EMBEDDED_IN" in database:
            server = server_in(Path(database["EMBEDDED_IN"]), database["EMBEDDED_OPTIONS"])
            try:
                server.attach()
            except DatabaseUnavailable as error:
                raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("compile_texts")
        call_command("sync_schedules")
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # the web process serves what lies there, if any
        connections.close_all()
        return server

    def _welcome(self, *, demo: bool) -> None:
        self._say(f"Courrielleur answers at {settings.PUBLIC_URL} and takes reports by SMTP at {settings.INTAKE_SMTP}.")
        if demo:
            logins = the_cast().logins
            self._say(f"The demo's logins, all with the password {logins[0].password}:")
            for login in logins:
                self._say(f"  {login.email:<36} {login.name}, {login.role}")
        self._say("Ctrl-C stops everything.")

    def _say(self, text: str) -> None:
        with suppress(OSError):  # the terminal may be gone: then nobody reads, and all the same we stop in good order
            self.stderr.write(text)
            self.stderr.flush()


class Look:
    """What `up` looks at about once a second: does the web process answer yet, does the database still run?"""

    def __init__(self, say: Any, server: EmbeddedServer | None, welcome: Any) -> None:
        self.say, self.server, self.welcome = say, server, welcome
        self.started_at = time.monotonic()
        self.is_welcome = False

    def __call__(self) -> None:
        if not self.is_welcome and answers():
            self.is_welcome = True
            self.welcome()
        elif not self.is_welcome and time.monotonic() - self.started_at > ANSWER_SECONDS:
            self.started_at = time.monotonic()
            self.say(f"The web process does not answer on {settings.LISTEN} yet; its messages are above.")
        if self.server:
            try:
                self.server.attach()  # starts it again when its guardian was killed
            except DatabaseUnavailable as error:
                self.say(str(error))
            for line in self.server.news():
                self.say(line)


@contextmanager
def only_one(var_dir: Path) -> Iterator[None]:
    """Hold the right to run this installation. Raises `CommandError` that says who has it."""
    path = var_dir / "up.lock"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise CommandError(
            f"{path}: can't be written ({error.strerror}). Make the folder writable, "
            "or name another one in COURRIELLEUR_VAR_DIR."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            who = json.loads(file.read() or "{}")
            raise CommandError(
                f"Courrielleur already runs here: process {who.get('pid', '?')}, since {who.get('since', '?')}, "
                f"at {who.get('address', '?')}. Stop it with Ctrl-C where it was started, "
                f"or with: kill {who.get('pid', 'PID')}"
            ) from error
        file.truncate(0)
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        json.dump({"pid": os.getpid(), "since": since, "address": settings.PUBLIC_URL}, file)
        file.flush()
        yield


def refuse_taken_ports() -> None:
    """Raise `CommandError` for the addresses that others listen on."""
    wanted = [
        ("COURRIELLEUR_LISTEN", settings.LISTEN),
        ("COURRIELLEUR_INTAKE_SMTP", settings.INTAKE_SMTP),
        ("COURRIELLEUR_INTAKE_LMTP", settings.INTAKE_LMTP),
        ("COURRIELLEUR_POLICY_LISTEN", settings.POLICY_LISTEN),
    ]
    try:
        reasons = [reason for name, address in wanted if address and (reason := why_not(name, address))]
    except ValueError as error:
        raise CommandError(str(error)) from error
    if reasons:
        raise CommandError("\n".join(reasons))


def programs(*, demo: bool) -> list[Program]:
    """Return what runs beside the database."""
    manage = [sys.executable, "manage.py"]
    web = [sys.executable, "-m", "gunicorn", "courrielleur.wsgi:application", "--bind", settings.LISTEN]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
    web += ["--graceful-timeout", "10", "--log-level", "warning"]
    running = [
        Program("web", web),
        Program("worker", [*manage, "qcluster"], stop_seconds=30.0),
        Program("intake", [*manage, "run_intake"]),
    ]
    if settings.POLICY_LISTEN or settings.POLICY_SOCKET:
        running.append(Program("policy", [*manage, "run_policy_server"], stop_seconds=10.0))
    if settings.MAILBOXES:
        running.append(Program("mailboxes", [*manage, "run_mailboxes"], stop_seconds=15.0))
    if demo:
        running.append(Program("demo", [*manage, "demo"], may_end=True))
    return running


def environment(*, demo: bool) -> dict[str, str]:
    """Return the children's environment: ours, calmer, and for the demo with webhooks to its own receiver."""
    calm = {"COURRIELLEUR_LOG_LEVEL": "WARNING"}
    if demo:
        calm["COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS"] = "true"
        calm["COURRIELLEUR_AUTHSERV_ID"] = "mx.courrielleur.example"  # its own MTA, which vouches for its feeds
        calm["COURRIELLEUR_RETURN_PATH_DAYS"] = "400"  # its history comes in all at once, months late
    return {**calm, **os.environ}


def answers() -> bool:
    """Say whether the web process answers HTTP, whatever it says; never through a proxy of the environment."""
    host, port = split_address("COURRIELLEUR_LISTEN", settings.LISTEN)
    connection = http.client.HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
