"""`manage.py up` with its real processes: one command starts all, one signal ends all, and a kill leaves nothing."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import PATIENCE_SECONDS, ROOT, Installation, pids_of, wait_for

pytestmark = pytest.mark.slow


class Up:
    """A running `up`, with what it has said so far."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.words = folder / "up.txt"
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=installation.environment,
                stderr=words,
                stdout=words,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.words.read_text()

    def wait_for(self, words: str) -> None:
        wait_for(lambda: words in self.said() or self.process.poll() is not None, words)
        assert words in self.said(), self.said()

    def child(self, command: str) -> int:
        """Return the process id of the main process whose command line holds *command*."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if parent == self.process.pid and command in line:
                found.append(int(folder.name))
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def installation(var) -> Iterator[Installation]:
    installation = Installation(var)
    yield installation
    installation.kill_everything()


@pytest.fixture
def up(installation, var) -> Up:
    var.mkdir()
    up = Up(installation, var.parent)
    up.wait_for("Ctrl-C stops everything")
    return up


def healthz(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/healthz")
    return connection.getresponse().status


def test_up_starts_everything_and_ctrl_c_leaves_no_process(up, installation, var):
    assert healthz(installation.web_port) == 200
    wait_for(installation.takes_mail, "the intake to answer")

    second = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=installation.environment, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert f"Courrielleur already runs here: process {up.process.pid}, since " in second.stderr

    installation.run("check", "--database", "default")  # a command joins the server that runs
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(PATIENCE_SECONDS) == 0, up.said()
    assert up.said().rstrip().endswith("Stopped.")
    assert pids_of(var) == []


def test_a_killed_up_takes_everything_with_it(up, var):
    up.process.kill()
    up.process.wait()
    wait_for(lambda: pids_of(var) == [], "all processes to end")


def test_a_killed_child_and_a_killed_database_come_back(up, installation):
    worker = up.child("qcluster")
    os.kill(worker, signal.SIGKILL)
    up.wait_for("worker was killed by signal 9; it starts again in 1 s.")
    wait_for(lambda: _is_other(up, "qcluster", worker), "another worker")
    postgres = (installation.var / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
    os.kill(int(postgres), signal.SIGKILL)
    wait_for(lambda: healthz(installation.web_port) == 200, "the web process to answer")
    installation.run("check", "--database", "default")


def test_a_taken_port_is_named_with_its_owner_and_the_setting(installation):
    with socket.create_server(("127.0.0.1", installation.smtp_port)):
        done = subprocess.run(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=installation.environment, capture_output=True, text=True
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{installation.smtp_port} is taken by process {os.getpid()} (" in done.stderr
    assert "set COURRIELLEUR_INTAKE_SMTP to another host:port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_made_is_said_without_a_traceback(installation, var):
    var.parent.joinpath("var").write_text("in the way")
    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=installation.environment, capture_output=True, text=True
    )
    var.unlink()
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert str(var) in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence(free_port):
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"postgres://ana@127.0.0.1:{free_port}/mail"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert done.stderr.startswith("The database: ")


def test_a_command_before_the_first_migration_says_what_to_run(installation):
    done = subprocess.run(
        [sys.executable, "manage.py", "sync_schedules"],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("Run: python manage.py migrate")


def _is_other(up: Up, command: str, old: int) -> bool:
    try:
        return up.child(command) != old
    except AssertionError:
        return False
