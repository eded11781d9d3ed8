"""The `postgres` process of one cluster: started, asked whether it answers, and explained when it ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from courrielleur.database.cluster import ENVIRONMENT, USER
from courrielleur.database.place import Owner, Place

# A start that failed for this will do a little later: the last server's processes are still leaving.
_LEAVING = ("pre-existing shared memory block", "lock file", "another postmaster")
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LOG_READ_BYTES = 100_000


@dataclass
class Server:
    place: Place
    owner: Owner
    bin_dir: Path
    settings: dict[str, str]
    listen: str
    port: int
    started_at: float = 0.0  # monotonic
    log_start: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start `postgres` as a child that stops (fast shutdown) when this process dies."""
        place = self.place
        self.log_start = place.server_log.stat().st_size if place.server_log.exists() else 0
        self.started_at = time.monotonic()
        where = {"unix_socket_directories": str(place.run), "listen_addresses": self.listen, "port": str(self.port)}
        command = [str(self.bin_dir / "postgres"), "-D", str(place.data)]
        for name, value in {**self.settings, **where}.items():
            command += ["-c", f"{name}={value}"]
        log = os.open(place.server_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(  # noqa: S603  # our own binary, our own arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
                cwd="/",
                user=self.owner.switch_uid,
                group=self.owner.switch_gid,
                extra_groups=self.owner.switch_groups,
                preexec_fn=die_with_parent(signal.SIGINT),  # safe: the guardian has one thread
            )
        finally:
            os.close(log)

    def exit_status(self) -> int | None:
        return self.process.poll() if self.process else None

    def send(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def answers(self) -> bool:
        """Say whether the server answers SELECT 1; make our database when it is the first time."""
        try:
            with psycopg.connect(
                host=str(self.place.run),
                port=self.port,
                user=USER,
                passfile=str(self.place.passfile),
                dbname="postgres",
                connect_timeout=5,
                autocommit=True,
            ) as connection:
                connection.execute("SELECT 1")
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [USER]).fetchone():
                    connection.execute(f"CREATE DATABASE {USER}")
        except psycopg.OperationalError:
            return False
        return True

    def log_lines(self) -> list[str]:
        """Return what it has logged since its start, without time and process id."""
        try:
            with self.place.server_log.open("rb") as log:
                log.seek(self.log_start)
                text = log.read(_LOG_READ_BYTES).decode(errors="replace")
        except FileNotFoundError:
            return []
        return [line.split("] ", 1)[-1].strip() for line in text.splitlines() if line.strip()]

    def waits_for_the_last_one(self) -> bool:
        return any(hint in line for line in self._complaints() for hint in _LEAVING)

    def why_it_ended(self) -> str:
        """Return what went wrong, and what to do, from what it logged."""
        lines = self._complaints() or self.log_lines()[-3:]
        text = " ".join(lines)
        if "No space left on device" in text:
            return f"{self.place.home}: the disk is full. Make room, then start again; nothing is lost."
        if "could not create any TCP/IP sockets" in text or "Address already in use" in text:
            return f"Port {self.port} on {self.listen} is taken by another server. Choose another port."
        if "Permission denied" in text:
            return f"{self.place.data}: user {self.owner.name} may not read or write all of it. {lines[-1]}"
        said = f"It says: {text}" if text else "It says nothing."
        return f"{self.place.home}: the database server does not start. {said} (More in {self.place.server_log}.)"

    def _complaints(self) -> list[str]:
        return [line for line in self.log_lines() if "FATAL" in line or "PANIC" in line or "could not" in line]


def stale_pid(data: Path) -> int | None:
    """Return the process id in postmaster.pid while such a process lives, whoever's it is by now."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        return pid
    return pid


def is_server_of(pid: int, data: Path) -> bool:
    """Say whether process *pid* is a `postgres` that serves *data*: it works in that folder."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        return name == "postgres" and os.readlink(f"/proc/{pid}/cwd") == str(data.resolve())
    except OSError:
        if Path("/proc/self").exists():
            return False
    command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # a number, no words
    return "postgres" in shown.stdout and f"-D {data}" in shown.stdout


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return a function for a child to run before exec: Linux then sends it *number* when the parent dies."""
    parent = os.getpid()
    libc = ctypes.CDLL(None)

    def ask() -> None:
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:  # it died in between
                os.kill(os.getpid(), number)

    return ask
