"""Follow an mbox file (RFC 4155) that grows: each mail once, through rotation, truncation and restarts.

The offset is kept in a small file of the installation, written after the commit: a process killed in between reads
some mails again, and they are stored once. The offset belongs to a file by device, inode and first bytes.
"""

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO

from fbl.adapters.files import MAX_MAIL_BYTES, MBOX_START
from fbl.adapters.mailbox_list import Mbox
from fbl.adapters.taking import take

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
BATCH = 50
BATCH_BYTES = 32 * 1024 * 1024
HEAD_BYTES = 256  # by which a file is known again


@dataclass(frozen=True)
class Place:
    """Up to where a file was read: all before *offset* is on disk here."""

    device: int = 0
    inode: int = 0
    offset: int = 0
    head: str = ""  # digest of the first `head_bytes` bytes
    head_bytes: int = 0


class MboxDoor:
    def __init__(self, mbox: Mbox, state_dir: Path, *, max_bytes: int, stop: Event) -> None:
        self.mbox, self.max_bytes, self.stop = mbox, min(max_bytes, MAX_MAIL_BYTES), stop
        self.path = Path(mbox.path)
        self.state = state_dir / f"{mbox.key}.json"

    def turn(self) -> bool:
        """Take in what is whole; with nothing new, wait a second. Return whether there was something."""
        found = self.take_all()
        if not found:
            self.stop.wait(LOOK_SECONDS)
        return found

    def take_all(self) -> bool:
        """Take in all whole mails: first of the file that was rotated away, to its end, then of the one at the path."""
        place = self._load()
        found = False
        if place.inode and not self._is_at_path(place):
            old = self._rotated(place)
            if old is not None:
                with old.open("rb") as file:
                    found = self._read(file, place, is_ended=True)
            else:
                logger.warning("mailbox %s: the file read before is gone, or was cut", self.mbox.key)
            place = Place()
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return found  # between two rotations
        with file:
            return self._read(file, place, is_ended=False) or found

    def _read(self, file: BinaryIO, place: Place, *, is_ended: bool) -> bool:
        """Take in the mails after the place. The last one of a file that may grow is left while it may grow."""
        status = os.fstat(file.fileno())
        is_whole = is_ended or self._is_at_rest(file, status)
        offset = place.offset
        batch: list[bytes] = []
        size = 0
        for raw, end in mails_from(file, offset, max_bytes=self.max_bytes, is_whole=is_whole):
            batch.append(raw)
            size += len(raw)
            offset = end
            if len(batch) >= BATCH or size >= BATCH_BYTES:
                self._take(file, batch, offset)
                batch, size = [], 0
                if self.stop.is_set():
                    break
        if batch:
            self._take(file, batch, offset)
        elif not place.inode:
            self._save(file, offset)  # known from now on, in case it is rotated before a mail is whole
        return offset > place.offset

    def _take(self, file: BinaryIO, batch: list[bytes], offset: int) -> None:
        take(batch, "mbox", self.mbox.recipient_header)
        self._save(file, offset)

    def _is_at_rest(self, file: BinaryIO, status: os.stat_result) -> bool:
        """Say whether nobody is in the middle of writing: no lock of a deliverer, and no byte for a while."""
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
        fcntl.lockf(file, fcntl.LOCK_UN)
        return time.time() - status.st_mtime >= self.mbox.settle_seconds

    def _is_at_path(self, place: Place) -> bool:
        return _is_same(self.path, place)

    def _rotated(self, place: Place) -> Path | None:
        """Return the file of the place under its new name beside the old one, such as mbox.1."""
        with suppress(FileNotFoundError):
            for other in sorted(self.path.parent.iterdir()):
                if other.name.startswith(self.path.name) and _is_same(other, place):
                    return other
        return None

    def _load(self) -> Place:
        try:
            return Place(**json.loads(self.state.read_text()))
        except FileNotFoundError:
            return Place()
        except (ValueError, TypeError):
            logger.warning("mailbox %s: its place was lost, the file is read again", self.mbox.key)
            return Place()

    def _save(self, file: BinaryIO, offset: int) -> None:
        status = os.fstat(file.fileno())
        length = min(HEAD_BYTES, offset)
        place = Place(status.st_dev, status.st_ino, offset, _head(file, length), length)
        self.state.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.state.with_suffix(".new")
        with fresh.open("w") as state:
            json.dump(asdict(place), state)
            state.flush()
            os.fsync(state.fileno())
        fresh.replace(self.state)


def mails_from(file: BinaryIO, offset: int, *, max_bytes: int, is_whole: bool) -> Iterator[tuple[bytes, int]]:
    """Yield each mail after *offset* and the offset at which it ends.

    The last one only when *is_whole* says that nothing will be added to it. A mail longer than *max_bytes* is cut.
    """
    file.seek(offset)
    mail: list[bytes] = []
    size, position, is_in_mail, after_empty = 0, offset, False, True
    while line := file.readline(MAX_MAIL_BYTES):
        if after_empty and line.startswith(MBOX_START):
            if is_in_mail:
                yield b"".join(mail), position
            mail, size, is_in_mail = [], 0, True
        elif is_in_mail and size < max_bytes:
            size += len(line)
            # mboxrd quotes such lines with ">"; one is taken off (qmail's mbox(5)).
            mail.append(line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(MBOX_START) else line)
        position += len(line)
        after_empty = not line.strip(b"\r\n")
    if is_in_mail and is_whole:
        yield b"".join(mail), position


def _is_same(path: Path, place: Place) -> bool:
    """Say whether the file at *path* is the one of the place, and not cut since (copytruncate)."""
    try:
        status = path.stat()
        if (status.st_dev, status.st_ino) != (place.device, place.inode) or status.st_size < place.offset:
            return False
        with path.open("rb") as file:
            return _head(file, place.head_bytes) == place.head
    except OSError:
        return False


def _head(file: BinaryIO, length: int) -> str:
    file.seek(0)
    return hashlib.sha256(file.read(length)).hexdigest()
