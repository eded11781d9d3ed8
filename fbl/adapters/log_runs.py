"""Run imports over files: each to its end, or all of them for as long as they grow."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.utils import timezone

from fbl.adapters.log_files import STDIN, LogFile, LogUnreadable
from fbl.services.log_imports import FileImport, ImportFailed

POLL_SECONDS = 1.0
# A rotated file gets lines until its writer is told to let go of it.
GRACE_SECONDS = 10.0


@dataclass
class Watch:
    """What the one who started the runs wants to know, and may say meanwhile."""

    is_told_to_stop: Callable[[], bool]
    say: Callable[[str], None]  # words for people
    progress: Callable[[LogFile], None]


class _Run:
    """One file that is open, and its import."""

    def __init__(self, path: str, new_import: Callable[[LogFile], FileImport], watch: Watch) -> None:
        self.path, self._watch = path, watch
        self.file = LogFile(path)
        self._import = new_import(self.file)
        self._has_begun = False
        self.leaves_at: float | None = None  # monotonic; once it was rotated away

    def step(self, *, final: bool) -> bool:
        """Take what is there. Return whether all of it was taken."""
        self._has_begun = self._has_begun or self._import.begin(final=final)
        if not self._has_begun:
            return True
        is_done = self._import.advance(timezone.now, final=final, is_told_to_stop=self._is_told_to_stop)
        if is_done and final and self._import.has_rest:
            self._watch.say(f"{self.path}: its last line is incomplete, and waits for the next run.")
        return is_done

    def close(self) -> None:
        self._import.end()
        self.file.close()

    def _is_told_to_stop(self) -> bool:
        self._watch.progress(self.file)
        return self._watch.is_told_to_stop()


def import_each(paths: Sequence[str], new_import: Callable[[LogFile], FileImport], watch: Watch) -> int:
    """Import the files one after another. Return how many did not come to their end."""
    return sum(not _to_the_end(path, new_import, watch) for path in paths)


def follow(paths: Sequence[str], new_import: Callable[[LogFile], FileImport], watch: Watch) -> int:
    """Import what is there and what comes, across rotation, until told to stop. Return how many files failed."""
    failures = sum(not _to_the_end(path, new_import, watch) for path in paths if path == STDIN)
    absent = {path for path in paths if path != STDIN}
    runs: list[_Run] = []
    while not watch.is_told_to_stop() and (runs or absent):
        for path in sorted(absent):
            try:
                runs.append(_Run(path, new_import, watch))
            except LogUnreadable:
                continue  # not made yet
            except DatabaseError as error:
                watch.say(f"{path}: {error}")
                failures += 1
            absent.discard(path)
        for run in list(runs):
            try:
                if run.leaves_at is None and run.file.was_replaced():
                    run.leaves_at = time.monotonic() + GRACE_SECONDS
                    absent.add(run.path)
                is_last = run.leaves_at is not None and time.monotonic() >= run.leaves_at
                run.step(final=is_last)
            except (LogUnreadable, ImportFailed, DatabaseError) as error:
                watch.say(f"{run.path}: {error}")
                failures, is_last = failures + 1, True
            if is_last:
                run.close()
                runs.remove(run)
        if not watch.is_told_to_stop():
            time.sleep(POLL_SECONDS)
    for run in runs:
        run.close()
    return failures


def _to_the_end(path: str, new_import: Callable[[LogFile], FileImport], watch: Watch) -> bool:
    if watch.is_told_to_stop():
        return False
    try:
        run = _Run(path, new_import, watch)
    except (LogUnreadable, DatabaseError) as error:
        watch.say(f"{path}: {error}")
        return False
    try:
        return run.step(final=True)
    except (LogUnreadable, ImportFailed, DatabaseError) as error:
        watch.say(f"{path}: {error}")
        return False
    finally:
        run.close()
