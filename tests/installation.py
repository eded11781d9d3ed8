"""A whole installation in a folder of its own: the real processes, on free ports of loopback, to be killed at will."""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 240  # how long something may take before the test gives up; not a measurement


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for an installation, short and open enough for the database's own user; gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="courrielleur-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@dataclass
class Installation:
    """Commands and processes of one installation. `settings` are environment variables on top of the defaults."""

    var: Path
    settings: dict[str, str] = field(default_factory=dict)
    smtp_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    policy_port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return inherited | {
            "COURRIELLEUR_VAR_DIR": str(self.var),
            "COURRIELLEUR_INTAKE_SMTP": f"127.0.0.1:{self.smtp_port}",
            "COURRIELLEUR_LISTEN": f"127.0.0.1:{self.web_port}",
            "COURRIELLEUR_POLICY_LISTEN": f"127.0.0.1:{self.policy_port}",
            "COURRIELLEUR_PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
            "COURRIELLEUR_LOG_LEVEL": "WARNING",
            **self.settings,
        }

    def run(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run a command to its end and return its standard output; its words are in the failure."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr.decode()[-3000:]}"
        return done.stdout.decode()

    def prepare(self) -> None:
        self.run("migrate", "--verbosity", "0")
        self.run("createcachetable")
        self.run("sync_schedules")

    def start(self, name: str, *arguments: str) -> None:
        """Start a process of its own session, so that it can be killed with all its children."""
        self.running[name] = subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, start_new_session=True
        )

    def start_intake(self) -> None:
        self.start("intake", "run_intake")
        wait_for(self.takes_mail, "the intake to answer")

    def start_worker(self) -> None:
        self.start("worker", "qcluster")

    def takes_mail(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5):
                return True
        except OSError:
            return False

    def kill_everything(self) -> None:
        """Kill -9 every process of this installation: intake, worker, guardian, PostgreSQL."""
        while pids := pids_of(self.var):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        for process in self.running.values():
            process.wait(PATIENCE_SECONDS)
        self.running.clear()


def pids_of(var: Path) -> list[int]:
    """Return the processes that work in *var*, found by their environment or their command line."""
    needle = str(var).encode()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            told = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if needle in told and state != "Z":
            found.append(int(folder.name))
    return found


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)
