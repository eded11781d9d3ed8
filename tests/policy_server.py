"""The real policy server in a process of its own, someone who asks it, and a line to the database that can be cut."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from tests.installation import PATIENCE_SECONDS, ROOT, free_port, wait_for


class Bridge:
    """Stands between a process and the database: `cut` is the database's loss, `mend` its return."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        options = parse_qs(parts.query)
        self._folder = Path(tempfile.mkdtemp(prefix="bridge-"))
        port = options.get("port", [str(parts.port or 5432)])[0]
        if "host" in options:  # a socket
            self._beyond: object = f"{options['host'][0]}/.s.PGSQL.{port}"
        else:
            self._beyond = (parts.hostname, int(port))
        self._path = self._folder / f".s.PGSQL.{port}"
        rest = "".join(
            f"&{name}={quote(values[0])}" for name, values in options.items() if name not in ("host", "port")
        )
        who = parts.netloc.rpartition("@")[0]
        self.url = f"postgres://{who}@{parts.path}?host={quote(str(self._folder))}&port={port}{rest}"
        self._lines: list[socket.socket] = []
        self._server: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(self._path))
        server.listen(16)
        self._server = server
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def cut(self) -> None:
        """Close the door and every line at once."""
        if self._server is not None:
            self._path.unlink()
            self._end(self._server)
            self._server = None
        for line in self._lines:
            self._end(line)
        self._lines.clear()

    def close(self) -> None:
        self.cut()
        shutil.rmtree(self._folder)

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = server.accept()
                family = socket.AF_UNIX if isinstance(self._beyond, str) else socket.AF_INET
                there = socket.socket(family)
                there.connect(self._beyond)
                self._lines += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for end in (source, target):
            self._end(end)

    @staticmethod
    def _end(line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()


@dataclass
class PolicyServer:
    """`manage.py run_policy_server` on a port of its own."""

    database_url: str
    var: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = (self.var / "words.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run_policy_server"],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": self.database_url,
                "COURRIELLEUR_VAR_DIR": str(self.var),
                "COURRIELLEUR_POLICY_LISTEN": f"127.0.0.1:{self.port}",
                "COURRIELLEUR_POLICY_NAME": "mx1.example.com",
                **self.settings,
            },
            stderr=words,
        )
        words.close()
        wait_for(self.listens, f"the policy server to listen; it said: {self.said()}")

    def listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True
        return False

    def said(self) -> str:
        words = self.var / "words.txt"
        return words.read_text() if words.exists() else ""

    def ask(self, **attributes: str) -> str:
        lines = "".join(f"{name}={value}\n" for name, value in {"request": "smtpd_access_policy", **attributes}.items())
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(f"{lines}\n".encode())
            return line.makefile().readline().strip().removeprefix("action=")

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@contextlib.contextmanager
def policy_server(database_url: str, **settings: str) -> Iterator[PolicyServer]:
    place = Path(tempfile.mkdtemp(prefix="policy-"))
    server = PolicyServer(database_url, place, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)
