"""Weigh this process together with those it starts, as Linux tells it.

Not by getrusage: there a child weighs what its parent did when it was started, even after it became another program.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.2  # seconds
_PROC = Path("/proc/self/task")


@dataclass
class Weight:
    peak: float = 0.0  # megabytes: the largest sum of the peaks of processes that lived at one time

    def look(self) -> None:
        children = {pid for task in _PROC.glob("*/children") for pid in task.read_text().split()}
        self.peak = max(self.peak, sum(map(_peak_of, ["self", *children])))


@contextmanager
def weighed() -> Iterator[Weight]:
    """Yield what is known at the end."""
    weight, is_over = Weight(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_EVERY):
            weight.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield weight
    finally:
        is_over.set()
        watcher.join()
        weight.look()


def _peak_of(pid: str) -> float:
    try:
        lines = Path("/proc", pid, "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
