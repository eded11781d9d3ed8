"""Take mails in from a Maildir: from new/ they go to cur/ when they are on disk here (cr.yp.to/proto/maildir.html)."""

import logging
from pathlib import Path
from threading import Event

from fbl.adapters.mailbox_list import Maildir
from fbl.adapters.taking import take

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
BATCH = 50
BATCH_BYTES = 32 * 1024 * 1024
SEEN, TOO_LARGE = ":2,S", ":2,FS"  # F for flagged: a person should look


class MaildirDoor:
    def __init__(self, maildir: Maildir, *, max_bytes: int, stop: Event) -> None:
        self.maildir, self.max_bytes, self.stop = maildir, max_bytes, stop

    def turn(self) -> bool:
        """Take in what is there; with nothing there, wait a second. Return whether there was something."""
        found = self.take_all()
        if not found:
            self.stop.wait(LOOK_SECONDS)
        return found

    def take_all(self) -> bool:
        """Take in all mails of new/, oldest first."""
        new = Path(self.maildir.path, "new")
        waiting = sorted(path for path in new.iterdir() if not path.name.startswith("."))
        batch: list[tuple[Path, bytes]] = []
        size = 0
        for path in waiting:
            if self.stop.is_set():
                break
            bytes_of = path.stat().st_size
            if bytes_of > self.max_bytes:
                logger.warning("mailbox %s: a mail of %d bytes is too large, put aside", self.maildir.key, bytes_of)
                self._put_aside(path, TOO_LARGE)
                continue
            batch.append((path, path.read_bytes()))
            size += bytes_of
            if len(batch) >= BATCH or size >= BATCH_BYTES:
                self._take(batch)
                batch, size = [], 0
        self._take(batch)
        return bool(waiting)

    def _take(self, batch: list[tuple[Path, bytes]]) -> None:
        take([raw for _, raw in batch], "maildir", self.maildir.recipient_header)
        for path, _raw in batch:
            self._put_aside(path, SEEN)

    def _put_aside(self, path: Path, flags: str) -> None:
        name = path.name.partition(":2,")[0]
        path.rename(Path(self.maildir.path, "cur", f"{name}{flags}"))
