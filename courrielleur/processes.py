"""Run a few programs side by side: start them again when they crash, stop them in good order, leave none behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from courrielleur.database.process import die_with_parent
from courrielleur.watchdog import end_session

LOOK_SECONDS = 0.2
STEADY_SECONDS = 60.0  # a program that ran this long has not crashed at its start
LONGEST_PAUSE_SECONDS = 30.0
BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Program:
    """A command to keep running. *stop_seconds*: how long it may take to finish what it has in hand."""

    name: str
    command: Sequence[str]
    stop_seconds: float = 20.0
    may_end: bool = False  # its end without an error is its success, not a crash


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic
    crashes: int = 0
    start_again_at: float | None = None  # monotonic; None while it runs or has done its work


@dataclass
class Supervisor:
    """Runs *programs* until asked to stop. *say* tells the operator; *look* is called about once a second."""

    programs: Sequence[Program]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    look: Callable[[], None] = lambda: None
    stop_asked: bool = False
    stop_reason: str = ""
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        self.watchdog = subprocess.Popen(
            [sys.executable, "-m", "courrielleur.watchdog"],
            stdin=subprocess.PIPE,
            cwd=BASE_DIR,
            start_new_session=True,
        )

    def run(self) -> None:
        """Start everything and return once asked to stop; `stop` then ends what runs."""
        self.children += [Child(program) for program in self.programs]
        for child in self.children:
            self._start(child)
        looked_at = 0.0
        while not self.stop_asked:
            time.sleep(LOOK_SECONDS)
            for child in self.children:
                self._tend(child)
            if time.monotonic() - looked_at > 1:
                looked_at = time.monotonic()
                self.look()

    def stop(self) -> None:
        """Ask each main process to end, wait for it, and kill what does not listen."""
        running = [child for child in self.children if child.process and child.process.poll() is None]
        for child in running:
            # Only the main process: django-q2 hangs when its whole group is told.
            child.process.terminate()  # type: ignore[union-attr]  # selected by that above
        begun = time.monotonic()
        for child in running:
            patience = child.program.stop_seconds - (time.monotonic() - begun)
            try:
                child.process.wait(max(patience, 0.1))  # type: ignore[union-attr]  # as above
            except subprocess.TimeoutExpired:
                self.say(f"{child.program.name} did not end within {child.program.stop_seconds:.0f} s and is killed.")
        for child in self.children:
            self._bury(child)
        if self.watchdog.stdin:
            self.watchdog.stdin.close()
        self.watchdog.wait()

    def _start(self, child: Child) -> None:
        child.start_again_at = None
        child.started_at = time.monotonic()
        child.process = subprocess.Popen(  # noqa: S603  # our own programs
            child.program.command,
            stdin=subprocess.DEVNULL,
            cwd=BASE_DIR,
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # safe: `up` has one thread
        )
        self._tell_watchdog(f"+{child.process.pid}")

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.start_again_at is not None:
            if now >= child.start_again_at:
                self._start(child)
            return
        if not child.process or child.process.poll() is None:
            return
        status = child.process.returncode
        self._bury(child)
        if status == 0 and child.program.may_end:
            return
        child.crashes = 1 if now - child.started_at > STEADY_SECONDS else child.crashes + 1
        pause = min(2.0 ** (child.crashes - 1), LONGEST_PAUSE_SECONDS)
        child.start_again_at = now + pause
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        self.say(f"{child.program.name} {how}; it starts again in {pause:.0f} s.")

    def _bury(self, child: Child) -> None:
        """End what a main process left behind in its session, and forget it."""
        if not child.process:
            return
        end_session(child.process.pid)
        child.process.wait()
        self._tell_watchdog(f"-{child.process.pid}")
        child.process = None

    def _tell_watchdog(self, line: str) -> None:
        if self.watchdog.stdin and self.watchdog.poll() is None:
            self.watchdog.stdin.write(f"{line}\n".encode())
            self.watchdog.stdin.flush()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True
        self.stop_reason = signal.Signals(number).name
