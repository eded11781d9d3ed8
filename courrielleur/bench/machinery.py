"""Start the real processes on the database of the measurement, and end them."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from courrielleur.database.process import die_with_parent
from courrielleur.watchdog import end_session

BASE_DIR = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 15.0
MANAGE = (sys.executable, "manage.py")


@contextmanager
def intake() -> Iterator[int]:
    """Run the SMTP door; yield its port."""
    port = _port_of(settings.INTAKE_SMTP)
    with running(*MANAGE, "run_intake", port=port):
        yield port


@contextmanager
def worker() -> Iterator[None]:
    with running(*MANAGE, "qcluster"):
        yield


@contextmanager
def discarding() -> Iterator[int]:
    """Run the SMTP server that keeps nothing, where the letters go; yield its port."""
    with running(
        sys.executable, "-m", "courrielleur.bench.discard", str(settings.EMAIL_PORT), port=settings.EMAIL_PORT
    ):
        yield settings.EMAIL_PORT


@contextmanager
def everything() -> Iterator[int]:
    """Run intake, worker and a place for letters; yield the intake's port."""
    with ExitStack() as stack:
        stack.enter_context(discarding())
        stack.enter_context(worker())
        yield stack.enter_context(intake())


@contextmanager
def running(*command: str, port: int | None = None) -> Iterator[None]:
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command,
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # safe: nothing else runs in this process yet
    )
    try:
        if port is not None:
            _await_greeting(port, process)
        yield
    finally:
        process.terminate()  # the main process only: django-q2 hangs when its whole group is told
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            end_session(process.pid)
            process.wait()


def _await_greeting(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(3) == b"220":
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing greets on port {port}; see the messages above")


def _port_of(address: str) -> int:
    return int(address.rpartition(":")[2])
