"""Let other processes turn the lines of a large file into rows, while this one reads on and stores.

They are plain children with one socket each, not `multiprocessing`'s: the worker is a daemon of that module, which may
have none. They know the keys and how to read the file, but neither settings nor database, and end when their socket
closes, however the worker went. One that dies takes the reading with it; it goes on behind its last chunk.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing.connection import Pipe
from queue import SimpleQueue
from typing import NamedTuple

import orjson
from django.conf import settings

from consent.core.line import Line
from consent.services.chunks import Task, Worked, work

MOST = 2  # one process reads the lines and stores their rows while two make rows: then all have about as much to do
WORTH_HELP = 4 * 1024**2  # bytes of a file; a smaller one is read in the time that helpers take to start
KEYS = ("ENCRYPTION_KEYS", "RECIPIENT_DIGEST_KEY")  # the settings that packing a row needs


class Chunk(NamedTuple):
    lines: list[Line]
    end: int  # line of the file that it ends in
    position: int  # bytes of the file read up to there, about


class Helper:
    """A process that works on one chunk at a time."""

    def __init__(self, task: Task) -> None:
        self._socket, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "consent.services.helper", str(theirs.fileno())],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # a Ctrl-C is for the worker, who lets it end
        )
        theirs.close()
        self._socket.send(({name: getattr(settings, name) for name in KEYS}, task))

    def work(self, lines: bytes) -> Worked:
        """Return what became of the lines. Raises what went wrong with them; `EOFError`, `OSError` when it died."""
        self._socket.send_bytes(lines)
        answer = self._socket.recv()
        if isinstance(answer, Worked):
            return answer
        raise answer

    def end(self) -> None:
        self._socket.close()
        self._process.wait()


def number_for(size: int) -> int:
    """Return how many helpers a file of *size* bytes is worth on this machine."""
    cores = os.cpu_count() or 1
    return min(MOST, cores) if size >= WORTH_HELP and cores > 1 else 0


def in_order(task: Task, chunks: Iterable[Chunk], *, helpers: int) -> Generator[tuple[Chunk, Worked], None, None]:
    """Yield what became of each chunk, in their order; the helpers work ahead, by a bounded number of chunks.

    To be closed when it is left before its end.
    """
    if not helpers:
        for chunk in chunks:
            yield chunk, work(task, chunk.lines)
        return
    with ExitStack() as ending:
        threads = ending.enter_context(ThreadPoolExecutor(helpers))  # they only wait for the helpers
        free: SimpleQueue[Helper] = SimpleQueue()
        for _ in range(helpers):
            helper = Helper(task)
            ending.callback(helper.end)
            free.put(helper)
        ending.callback(threads.shutdown, cancel_futures=True)  # before the helpers end
        ahead: deque[tuple[Chunk, Future[Worked]]] = deque()
        for chunk in chunks:
            waiting = threads.submit(_work, free, orjson.dumps(chunk.lines, default=tuple))
            ahead.append((chunk._replace(lines=[]), waiting))
            if len(ahead) > helpers + 1:
                first, worked = ahead.popleft()
                yield first, worked.result()
        for first, worked in ahead:
            yield first, worked.result()


def _work(free: SimpleQueue[Helper], lines: bytes) -> Worked:
    helper = free.get()
    try:
        return helper.work(lines)
    finally:
        free.put(helper)
