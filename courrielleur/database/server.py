"""Use the embedded server: attach to it, starting it when it does not run, and leave it."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courrielleur.database.cluster import USER, settings_from
from courrielleur.database.place import ALREADY_GUARDED, DatabaseUnavailable, Place, check_run, make_home, place_of

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORT = 5432  # names the socket; nothing listens on the network unless asked to
RETRY_SECONDS = 0.02
MOST_NEWS = 20  # kept for whoever asks


@dataclass(frozen=True)
class Address:
    """Where a server answers: *host* is its socket folder, *passfile* holds the password of *user*."""

    host: Path
    port: int
    user: str
    passfile: Path


class EmbeddedServer:
    """The server of one `var` folder, as one process sees it.

    *settings* go over the product's (the tests switch fsync off); *listen* opens TCP on that address. They count
    when this process is the one that starts the server.
    """

    def __init__(
        self, var_dir: Path, settings: Mapping[str, str] | None = None, *, listen: str = "", port: int = DEFAULT_PORT
    ) -> None:
        self.var_dir = var_dir
        self.settings = dict(settings or {})
        self.listen = listen
        self.port = port
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._address: Address | None = None
        self._news: list[str] = []
        self._unheard = b""  # the beginning of a message
        self._pid = os.getpid()

    def attach(self) -> Address:
        """Return the server's address once it answers; keep it alive until `leave` or the end of this process.

        Tells on stderr what takes long. Recovery after a crash has no time limit. Raises `DatabaseUnavailable`.
        """
        with self._lock:
            if not (self._address and self._is_alive()):
                was_lost = self._address is not None
                self._address = self._attach()
                if was_lost:
                    self._news.append("The database's guardian was gone; another one has taken its place.")
            return self._address

    def news(self) -> list[str]:
        """Return what was healed since this was last asked: restarts of the server, and of its guardian."""
        with self._lock:
            news, self._news = self._news, []
            return news

    def leave(self) -> list[str]:
        """Give the server up; the last user stops it and waits for that. Return the other users, by name."""
        with self._lock:
            connection, self._connection, self._address = self._connection, None, None
            if not connection or self._pid != os.getpid():
                return []
            others: list[str] = []
            try:
                connection.setblocking(True)
                connection.shutdown(socket.SHUT_WR)
                for message in _messages(connection):
                    if message["phase"] == "kept":
                        others = list(message["users"])
            except OSError:
                pass  # the guardian is gone already
            connection.close()
            if self._guardian and not others:
                self._guardian.wait()
            return others

    def _attach(self) -> Address:
        place = place_of(self.var_dir)
        make_home(self.var_dir, place)
        if os.geteuid() not in (0, place.home.stat().st_uid):
            raise DatabaseUnavailable(_foreign(place))
        while True:
            connection = self._connect(place) or self._start(place)
            if connection:
                address = self._wait_until_ready(connection, place)
                if address:
                    self._connection = connection
                    atexit.register(self.leave)
                    return address
                connection.close()  # that guardian was just leaving
            time.sleep(RETRY_SECONDS)

    def _connect(self, place: Place) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX)
        try:
            check_run(place)
            connection.connect(str(place.control))
            connection.sendall(f"{os.getpid()} {_command()}\n".encode())
        except PermissionError as error:
            connection.close()
            raise DatabaseUnavailable(_foreign(place)) from error
        except OSError:
            connection.close()
            return None
        return connection

    def _start(self, place: Place) -> socket.socket | None:
        """Start a guardian and connect to it; None when another one is just ending or was quicker."""
        if not os.access(place.home, os.W_OK):
            raise DatabaseUnavailable(_foreign(place))
        owner = place.home.stat()
        asked = {
            "var_dir": str(self.var_dir),
            "settings": {**settings_from(dict(os.environ)), **self.settings},
            "listen": self.listen,
            "port": self.port,
            "sync": self.settings.get("fsync") != "off",
        }
        # What root starts in the folder of a plain user runs as that user, who will want to use it again.
        as_owner = os.geteuid() == 0 and owner.st_uid != 0
        try:
            self._guardian = self._launch(asked, place, owner if as_owner else None)
        except PermissionError as error:
            raise DatabaseUnavailable(_foreign(place)) from error
        while not (connection := self._connect(place)):
            status = self._guardian.poll()
            if status == ALREADY_GUARDED:
                return None
            if status is not None:
                lines = place.guardian_log.read_text(errors="replace").strip().splitlines()
                raise DatabaseUnavailable(
                    lines[-1] if lines else f"The database's guardian ended with status {status}."
                )
            time.sleep(RETRY_SECONDS)
        return connection

    def _launch(self, asked: dict[str, object], place: Place, owner: os.stat_result | None) -> subprocess.Popen[bytes]:
        place.guardian_log.unlink(missing_ok=True)
        with place.guardian_log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603  # this interpreter, our module
                [sys.executable, "-m", "courrielleur.database.guardian", json.dumps(asked)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=BASE_DIR,
                start_new_session=True,
                user=owner.st_uid if owner else None,
                group=owner.st_gid if owner else None,
                extra_groups=[] if owner else None,
            )

    def _wait_until_ready(self, connection: socket.socket, place: Place) -> Address | None:
        try:
            for message in _messages(connection):
                if message["phase"] == "ready":
                    connection.setblocking(False)
                    return Address(Path(message["host"]), int(message["port"]), USER, place.passfile)
                if message["phase"] == "failed":
                    raise DatabaseUnavailable(message["text"])
                if message.get("text"):
                    sys.stderr.write(f"{message['text']}\n")
        except ConnectionError:
            pass
        return None

    def _is_alive(self) -> bool:
        """Say whether the guardian still holds the other end."""
        if not self._connection:
            return False
        try:
            while data := self._connection.recv(4096):
                self._hear(data)
        except BlockingIOError:
            return True
        except OSError:
            pass
        self._connection.close()
        self._connection = None
        return False

    def _hear(self, data: bytes) -> None:
        """Keep what the guardian tells of a restart; connecting will show how it went."""
        *lines, self._unheard = (self._unheard + data).split(b"\n")
        for line in lines:
            if text := json.loads(line).get("text"):
                self._news = [*self._news, text][-MOST_NEWS:]


_servers: dict[str, EmbeddedServer] = {}
_servers_lock = threading.Lock()


def server_in(var_dir: Path, settings: Mapping[str, str] | None = None) -> EmbeddedServer:
    """Return this process's one `EmbeddedServer` for *var_dir*."""
    with _servers_lock:
        return _servers.setdefault(str(var_dir), EmbeddedServer(var_dir, settings))


def _forget() -> None:
    """A forked child attaches for itself: it may outlive its parent."""
    global _servers_lock
    _servers_lock = threading.Lock()
    _servers.clear()


os.register_at_fork(after_in_child=_forget)


def _messages(connection: socket.socket) -> Iterator[dict[str, Any]]:
    """Yield what the guardian tells until it ends."""
    buffer = b""
    while data := connection.recv(65536):
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            yield json.loads(line)


def _command() -> str:
    """Return how this process is called, for the eyes of whoever wants the server stopped."""
    words = [Path(sys.argv[0]).name if sys.argv else "python", *sys.argv[1:3]]
    return " ".join(words).replace("\n", " ")[:200]


def _foreign(place: Place) -> str:
    try:
        owner = place.home.owner()
    except KeyError:
        owner = f"user id {place.home.stat().st_uid}"
    return (
        f"{place.home}: the embedded database belongs to {owner} and this user may not use it. "
        f"Run the command as {owner}, or name another folder in COURRIELLEUR_VAR_DIR."
    )
