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
from dataclasses import dataclass
from pathlib import Path

from courrielleur.database import cluster
from courrielleur.database.place import (
    ALREADY_GUARDED,
    DatabaseUnavailable,
    Place,
    check_run,
    place_of,
    server_owner,
)
from courrielleur.database.process import Server, is_server_of, stale_pid

LOOK_SECONDS = 0.05  # between looks at a server that starts
LONELY_SECONDS = 20.0  # a guardian nobody greets was started by a process that died
TELL_SECONDS = 5.0
CRASHES = 5  # in a row, none followed by a minute of service: something is broken that a restart won't mend
LOG_BYTES = 10_000_000


@dataclass
class User:
    """A process that uses the server."""

    connection: socket.socket
    name: str = "a process that gave no name"
    buffer: bytes = b""


class Guardian:
    def __init__(self, place: Place, settings: dict[str, str], *, listen: str, port: int, sync: bool) -> None:
        self.place = place
        self.owner = server_owner(place)
        self.settings, self.listen, self.port, self.sync = settings, listen, port, sync
        self.users: dict[int, User] = {}
        self.last_user: User | None = None
        self.server: Server | None = None
        self.state: dict[str, object] = {"phase": "starting"}
        self.stops_asked = 0
        self.crashes = 0
        self.told_at = time.monotonic()
        self.selector = selectors.DefaultSelector()
        self.control = self._open_control()
        self.wake, self.wake_end = socket.socketpair()  # a signal makes the selector look up
        for end in (self.wake, self.wake_end):
            end.setblocking(False)
        self.selector.register(self.wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(self.wake_end.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Serve until nobody uses the server any more, or a signal asks to stop."""
        try:
            self.server = self._prepare()
            self.server.start()
            self._watch(self.server)
        except DatabaseUnavailable as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{self.place.home}: {error} (More in {self.place.guardian_log}.)")
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
        self.selector.register(listener, selectors.EVENT_READ)
        return listener

    def _prepare(self) -> Server:
        place = self.place
        bin_dir = cluster.programs(place, self.owner)
        if not place.data.exists():
            self._tell(phase="creating", text=f"Making the database in {place.home}.")
            cluster.create(place, self.owner, bin_dir, sync=self.sync)
        if not place.passfile.exists():
            raise DatabaseUnavailable(f"{place.passfile}: the database's password is gone. Restore that file.")
        if place.server_log.exists() and place.server_log.stat().st_size > LOG_BYTES:
            place.server_log.rename(place.server_log.with_suffix(".log.1"))
        self._clear_stale_pid()
        return Server(place, self.owner, bin_dir, self.settings, self.listen, self.port)

    def _clear_stale_pid(self) -> None:
        """See off what a killed guardian left. Only a verified server of our own folder ever gets a signal."""
        data = self.place.data
        pid = stale_pid(data)
        if pid is None:
            return
        if not is_server_of(pid, data):
            # The number belongs to somebody else by now, and PostgreSQL would wait for them to leave.
            (data / "postmaster.pid").unlink()
            return
        self._tell(phase="starting", text=f"Stopping the server a killed process left behind (process {pid}).")
        os.kill(pid, signal.SIGINT)
        while stale_pid(data) == pid and is_server_of(pid, data) and not self.stops_asked:
            time.sleep(LOOK_SECONDS)

    # Serving --------------------------------------------------------------------------------------------------------

    def _watch(self, server: Server) -> None:
        greeted = False
        born = time.monotonic()
        while not self.stops_asked:
            ready = self.state["phase"] == "ready"
            self._listen_for(LOOK_SECONDS if not ready else None if greeted else LONELY_SECONDS)
            greeted = greeted or bool(self.users)
            if not self.users and (greeted or time.monotonic() - born > LONELY_SECONDS):
                return
            status = server.exit_status()
            if status is not None:
                self._restart(server, status)
            elif self.state["phase"] != "ready":
                self._await(server)

    def _await(self, server: Server) -> None:
        if server.answers():
            self._tell(phase="ready", host=str(self.place.run), port=self.port)
        elif time.monotonic() - self.told_at > TELL_SECONDS:
            seconds = int(time.monotonic() - server.started_at)
            last = (server.log_lines() or ["no word from the server yet"])[-1]
            self._tell(phase="starting", text=f"The database is still starting ({seconds} s): {last}")

    def _restart(self, server: Server, status: int) -> None:
        """Start a server anew that crashed or was killed; give up on one that refuses to start."""
        was_ready, was_killed = self.state["phase"] == "ready", status < 0
        self.crashes = 1 if time.monotonic() - server.started_at > 60 else self.crashes + 1
        waits = server.waits_for_the_last_one()
        if not waits and (self.crashes > CRASHES or not (was_ready or was_killed)):
            raise DatabaseUnavailable(server.why_it_ended())
        self._tell(phase="starting", text=f"The database server ended by itself (status {status}); starting it again.")
        time.sleep(1.0 if waits else min(0.2 * self.crashes, 1.0))
        self._clear_stale_pid()
        server.start()

    # Users ----------------------------------------------------------------------------------------------------------

    def _listen_for(self, seconds: float | None) -> None:
        for key, _ in self.selector.select(seconds):
            if key.fileobj is self.control:
                self._greet()
            elif key.fileobj is self.wake:
                self.wake.recv(4096)
            else:
                self._hear(key.fd)

    def _greet(self) -> None:
        connection, _ = self.control.accept()
        connection.setblocking(False)
        user = self.users[connection.fileno()] = User(connection)
        self.selector.register(connection, selectors.EVENT_READ)
        self._send(user, self.state)

    def _hear(self, number: int) -> None:
        user = self.users[number]
        try:
            data = user.connection.recv(4096)
        except OSError:
            data = b""
        if data:
            user.buffer += data
            user.name = user.buffer.split(b"\n", 1)[0].decode(errors="replace")
            return
        self.selector.unregister(user.connection)
        del self.users[number]
        if self.users:
            self._send(user, {"phase": "kept", "users": [other.name for other in self.users.values()]})
            user.connection.close()
        else:
            self.last_user = user  # closed by the end of this process, which that user may be waiting for

    def _tell(self, **state: object) -> None:
        self.state, self.told_at = state, time.monotonic()
        for user in self.users.values():
            self._send(user, state)

    def _send(self, user: User, state: dict[str, object]) -> None:
        try:
            user.connection.send(json.dumps(state).encode() + b"\n")
        except OSError:
            return  # gone, and _hear will notice; or not reading, and then it does not want to know

    # Stopping -------------------------------------------------------------------------------------------------------

    def _ask_to_stop(self, *_: object) -> None:
        self.stops_asked += 1

    def _fail(self, text: str) -> None:
        """Tell the users; the one who started us may be about to greet."""
        sys.stderr.write(f"{text}\n")
        deadline = time.monotonic() + TELL_SECONDS
        while not self.users and time.monotonic() < deadline and not self.stops_asked:
            self._listen_for(0.2)
        self._tell(phase="failed", text=text)

    def _stop(self) -> None:
        self.control.close()
        self.place.control.unlink(missing_ok=True)
        if not self.server:
            return
        asked_before = self.stops_asked
        self.server.send(signal.SIGINT)  # fast: transactions are rolled back, a checkpoint is written
        while self.server.exit_status() is None and self.server.process:
            if self.stops_asked > asked_before:
                self.server.send(signal.SIGQUIT)  # asked again: at once; the next start recovers
                asked_before = self.stops_asked
            try:
                self.server.process.wait(0.2)
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
    try:
        guardian = Guardian(place, asked["settings"], listen=asked["listen"], port=asked["port"], sync=asked["sync"])
    except (DatabaseUnavailable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    guardian.run()
    return 1 if guardian.state["phase"] == "failed" else 0


if __name__ == "__main__":
    sys.exit(main())
