"""Programs are kept running, told to stop one by one, and never left behind."""

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from courrielleur.processes import Program, Supervisor
from courrielleur.watchdog import members

pytestmark = pytest.mark.slow
# Deaf to SIGTERM, with a child that would outlive it.
DEAF = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "600"])
pathlib.Path(sys.argv[1]).write_text("deaf")
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def python(name: str, text: str, *arguments: str, **how: object) -> Program:
    return Program(name, [sys.executable, "-c", text, *arguments], **how)


def supervise(programs: list[Program], until) -> tuple[list[str], Supervisor]:
    """Run *programs* until the fact *until* is true, then stop; return what was said, and the supervisor."""
    said: list[str] = []
    supervisor = Supervisor(programs, os.environ, said.append)
    deadline = time.monotonic() + 60

    def look() -> None:
        assert time.monotonic() < deadline, said
        supervisor.stop_asked = supervisor.stop_asked or until(said, supervisor)

    supervisor.look = look
    try:
        supervisor.run()
    finally:
        supervisor.sessions = [child.process.pid for child in supervisor.children if child.process]
        supervisor.stop()
    return said, supervisor


def test_a_program_that_crashes_starts_again_after_longer_and_longer_pauses():
    said, _ = supervise([python("frail", "raise SystemExit(3)")], lambda said, _: len(said) >= 3)
    assert said[:3] == [f"frail ended with status 3; it starts again in {pause} s." for pause in (1, 2, 4)]


def test_a_program_that_may_end_ends_once_and_one_that_may_not_is_started_again():
    said, _ = supervise([python("done", "", may_end=True), python("gone", "")], lambda said, _: bool(said))
    assert said == ["gone ended with status 0; it starts again in 1 s."]


def test_a_program_deaf_to_sigterm_is_killed_with_what_it_started(tmp_path):
    flag = tmp_path / "flag"
    said, supervisor = supervise(
        [python("deaf", DEAF, str(flag), stop_seconds=1.0)], lambda said, _: flag.exists() and bool(flag.read_text())
    )
    assert said == ["deaf did not end within 1 s and is killed."]
    assert [members(session) for session in supervisor.sessions] == [[]]


def test_the_stop_of_one_is_not_the_stop_of_its_group(tmp_path):
    flag = tmp_path / "flag"
    # The child writes when it gets SIGTERM; only the main process may.
    text = (
        "import os, pathlib, signal, sys, time\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    signal.signal(signal.SIGTERM, lambda *_: pathlib.Path(sys.argv[1]).write_text('told'))\n"
        "signal.signal(signal.SIGTERM, lambda *_: os._exit(0)) if child else None\n"
        "pathlib.Path(sys.argv[1] + '.up').touch()\n"
        "time.sleep(600)\n"
    )
    supervise([python("parent", text, str(flag))], lambda *_: (tmp_path / "flag.up").exists())
    assert not flag.exists()
