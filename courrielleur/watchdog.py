"""End what `up` started when `up` itself was killed: the last to leave, and plain enough to always work.

On standard input it hears `+PID` for a process that leads a session of its own and `-PID` when that one has ended.
When the input closes with processes left, `up` died: each gets SIGTERM, which goes to the main process only
(django-q2 hangs when its whole group gets it), and after a while its session is killed.
"""

import os
import signal
import sys
import time
from pathlib import Path

GRACE_SECONDS = 15.0


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leaders: set[int] = set()
    for line in sys.stdin:
        sign, pid = line[:1], int(line[1:])
        (leaders.add if sign == "+" else leaders.discard)(pid)
    for pid in leaders:
        if pid in members(pid):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(members(pid) for pid in leaders) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in leaders:
        end_session(pid)


def members(session: int) -> list[int]:
    """Return the living processes of *session*, which one of our children leads or led."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, sid = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(sid) == session and state != "Z":
            found.append(int(folder.name))
    return found


def end_session(session: int) -> None:
    """Kill what is left of *session*."""
    for pid in members(session):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
