"""The guardian: a small process that runs `postgres` for as long as any process of the installation uses it.

Users hold a connection to its control socket; the kernel closes it when they die, however they die. With the last
one gone, the guardian stops the server and ends. It tells its users in JSON lines what the server is doing.
`python -m courrielleur.database.guardian` is started by `server.EmbeddedServer`, never by hand.
"""

import fcntl
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from courrielleur.database import cluster
from courrielleur.database.place import ALREADY_GUARDED, DatabaseUnavailable, Place, check_run, place_of, server_owner

LOOK_SECONDS = 0.05  # between looks at a server that starts
LONELY_SECONDS = 20.0  # a guardian nobody greets was started by a process that died
TELL_SECONDS = 5.0
CRASHES = 5  # in a row, none followed by a minute of service: something is broken that a restart won't mend
LOG_BYTES = 10_000_000
# Another start will do: the last server's processes are still leaving.
_LEAVING = ("pre-existing shared memory block", "lock file", "is another postmaster")


@dataclass
class User:
    """A process that uses the server."""

    connection: socket.socket
    name: str = "a process that gave no name"
    buffer: bytes = b""


@dataclass
class Guardian:
    place: Place
    settings: dict[str, str]
    listen: str
    port: int
    sync: bool
    users: dict[int, User] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None
    state: dict[str, object] = field(default_factory=lambda: {"phase": "starting"})
    stop_asked: int = 0
    crashes: int = 0
    started_at: float = 0.0

    def run(self) -> None:
        """Serve until nobody uses the server any more, or a signal asks to stop."""
        self.owner = server_owner(self.place)
        self.listener = self._open_control()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        wake_read, wake_write = socket.socketpair()
        wake_write.setblocking(False)
        wake_read.setblocking(False)
        self.selector.register(wake_read, selectors.EVENT_READ)
        signal.set_wakeup_fd(wake_write.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            self._prepare()
            self._start()
            self._watch(wake_read)
        except DatabaseUnavailable as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{self.place.home}: {error} (more in {self.place.guardian_log})")
            raise
        finally:
            self._stop()

    # Starting -------------------------------------------------------------------------------------------------------

    def _open_control(self) -> socket.socket:
        run = self.place.run
        if not run.exists():
            run.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(run, self.owner.uid, self.owner.gid)
        check_run(self.place)
        self.place.control.unlink(missing_ok=True)  # left by a guardian that was killed: we hold the lock
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.place.control))
        self.place.control.chmod(0o600)
        listener.listen(128)
        listener.setblocking(False)
        return listener

    def _prepare(self) -> None:
        self.bin_dir = cluster.programs(self.place, self.owner)
        if not self.place.data.exists():
            self._tell(phase="creating", text=f"Making the database in {self.place.home}.")
            cluster.create(self.place, self.owner, self.bin_dir, sync=self.sync)
        if not self.place.passfile.exists():
            raise DatabaseUnavailable(f"{self.place.passfile}: the database's password is gone. Restore that file.")
        log = self.place.server_log
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.rename(log.with_suffix(".log.1"))
        self._clear_stale_pid()

    def _clear_stale_pid(self) -> None:
        """See off what a killed guardian left. Only a verified server of our own folder ever gets a signal."""
        data = self.place.data
        pid = cluster.stale_pid(data)
        if pid is None:
            return
        if not cluster.is_server_of(pid, data):
            # The number belongs to somebody else by now, and PostgreSQL would wait for them to leave.
            (data / "postmaster.pid").unlink()
            return
        self._tell(phase="starting", text=f"Stopping the server a killed process left behind (process {pid}).")
        os.kill(pid, signal.SIGINT)
        while cluster.stale_pid(data) == pid and cluster.is_server_of(pid, data) and not self.stop_asked:
            time.sleep(LOOK_SECONDS)

    def _start(self) -> None:
        self.log_start = self.place.server_log.stat().st_size if self.place.server_log.exists() else 0
        self.started_at = self.told_at = time.monotonic()
        self.server = cluster.serve(
            self.place, self.owner, self.bin_dir, self.settings, listen=self.listen, port=self.port
        )
        self.state = {"phase": "starting"}

    def _answers(self) -> bool:
        """Say whether the server answers SELECT 1; make our database when it is the first time."""
        try:
            with psycopg.connect(
                host=str(self.place.run),
                port=self.port,
                user=cluster.USER,
                passfile=str(self.place.passfile),
                dbname="postgres",
                connect_timeout=5,
                autocommit=True,
            ) as connection:
                connection.execute("SELECT 1")
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [cluster.USER])
                if not found.fetchone():
                    connection.execute(f"CREATE DATABASE {cluster.USER}")
        except psycopg.OperationalError:
            return False
        return True

    # Serving --------------------------------------------------------------------------------------------------------

    def _watch(self, wake: socket.socket) -> None:
        greeted = False
        born = time.monotonic()
        while not self.stop_asked:
            starting = self.state["phase"] != "ready"
            wait = LOOK_SECONDS if starting else None if greeted else LONELY_SECONDS
            for key, _ in self.selector.select(wait):
                if key.fileobj is self.listener:
                    self._greet()
                elif key.fileobj is wake:
                    wake.recv(4096)
                else:
                    self._hear(key.fd)
            greeted = greeted or bool(self.users)
            if not self.users and (greeted or time.monotonic() - born > LONELY_SECONDS):
                return
            self._look_after_server()

    def _look_after_server(self) -> None:
        assert self.server  # noqa: S101  # set by _start before the first look
        if self.server.poll() is not None:
            self._restart(self.server.returncode)
        elif self.state["phase"] != "ready":
            if self._answers():
                self._tell(phase="ready", port=self.port, host=str(self.place.run))
            elif time.monotonic() - self.told_at > TELL_SECONDS:
                self.told_at = time.monotonic()
                seconds = int(self.told_at - self.started_at)
                last = self._log_lines()[-1:] or ["no word from the server yet"]
                self._tell(phase="starting", text=f"The database is still starting ({seconds} s): {last[0]}")

    def _restart(self, status: int) -> None:
        lines = self._log_lines()
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "could not" in line]
        was_ready = self.state["phase"] == "ready"
        leaving = any(hint in line for line in fatal for hint in _LEAVING)
        self.crashes = 1 if time.monotonic() - self.started_at > 60 else self.crashes + 1
        if not leaving and (self.crashes > CRASHES or not (was_ready or status < 0)):
            raise DatabaseUnavailable(self._reason(fatal or lines))
        self._tell(phase="starting", text=f"The database server ended by itself (status {status}); starting it again.")
        time.sleep(1.0 if leaving else min(0.2 * self.crashes, 1.0))
        self._clear_stale_pid()
        self._start()

    def _reason(self, lines: list[str]) -> str:
        """Return what went wrong with what to do, from what the server logged."""
        text = " ".join(lines)
        if "No space left on device" in text:
            return f"{self.place.home}: the disk is full. Make room, then start again; nothing is lost."
        if "Address already in use" in text or "could not bind" in text:
            return f"Port {self.port} on {self.listen} is taken by another server. Choose another port."
        if "Permission denied" in text:
            return f"{self.place.data}: user {self.owner.name} may not read or write there. {lines[-1]}"
        return f"{self.place.home}: the database server does not start. It says: {text or 'nothing'} " + (
            f"(more in {self.place.server_log})"
        )

    def _log_lines(self) -> list[str]:
        """Return what this server has logged since its start, without time and process."""
        try:
            with self.place.server_log.open("rb") as log:
                log.seek(self.log_start)
                text = log.read(100_000).decode(errors="replace")
        except FileNotFoundError:
            return []
        return [line.split("] ", 1)[-1] for line in text.splitlines() if line.strip()]

    # Users ----------------------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        connection, _ = self.listener.accept()
        connection.setblocking(False)
        self.users[connection.fileno()] = User(connection)
        self.selector.register(connection, selectors.EVENT_READ)
        self._send(self.users[connection.fileno()], self.state)

    def _hear(self, number: int) -> None:
        user = self.users[number]
        try:
            data = user.connection.recv(4096)
        except OSError:
            data = b""
        if data:
            user.buffer += data
            if b"\n" in user.buffer:
                user.name = user.buffer.split(b"\n", 1)[0].decode(errors="replace")
            return
        self.selector.unregister(user.connection)
        del self.users[number]
        if self.users:
            self._send(user, {"phase": "kept", "users": [other.name for other in self.users.values()]})
            user.connection.close()
        else:
            self.last_user = user  # its connection closes with this process: the user may wait for that

    def _tell(self, **state: object) -> None:
        self.state = state
        for user in list(self.users.values()):
            self._send(user, state)

    def _send(self, user: User, state: dict[str, object]) -> None:
        try:
            user.connection.send(json.dumps(state).encode() + b"\n")
        except OSError:
            return  # it is gone, or does not listen; _hear sees to the first

    # Stopping -------------------------------------------------------------------------------------------------------

    def _ask_to_stop(self, *_: object) -> None:
        self.stop_asked += 1

    def _fail(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        deadline = time.monotonic() + 5
        while not self.users and time.monotonic() < deadline and not self.stop_asked:
            for key, _ in self.selector.select(0.2):
                if key.fileobj is self.listener:
                    self._greet()
        self._tell(phase="failed", text=text)

    def _stop(self) -> None:
        self.listener.close()
        self.place.control.unlink(missing_ok=True)
        server, asked = self.server, self.stop_asked
        if not server:
            return
        if server.poll() is None:
            server.send_signal(signal.SIGINT)  # fast: transactions are rolled back, a checkpoint is written
        while server.poll() is None:
            if self.stop_asked > asked + 1:
                server.send_signal(signal.SIGQUIT)  # asked again: at once; the next start recovers
                asked = self.stop_asked
            try:
                server.wait(0.2)
            except subprocess.TimeoutExpired:
                continue


def main() -> int:
    asked = json.loads(sys.argv[1])
    place = place_of(Path(asked["var_dir"]))
    lock = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return ALREADY_GUARDED
    guardian = Guardian(place, asked["settings"], asked["listen"], asked["port"], asked["sync"])
    try:
        guardian.run()
    except DatabaseUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 1 if guardian.state["phase"] == "failed" else 0


if __name__ == "__main__":
    sys.exit(main())
