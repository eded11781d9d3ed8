"""The bytes of a log file, of its compressed copies, or of standard input; and whether the file was rotated away."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

STDIN = "-"
KEPT = 64 * 1024  # bytes of the beginning that are kept, where going back is not possible
_SKIPPED = 1024 * 1024


class LogUnreadable(Exception):
    """The bytes can't be had; the message says why, without the name."""


_MAGIC: tuple[tuple[bytes, Callable[[BinaryIO], BinaryIO]], ...] = (
    (b"\x1f\x8b", lambda file: cast(BinaryIO, gzip.GzipFile(fileobj=file))),
    (
        b"\x28\xb5\x2f\xfd",
        # KumoMTA ends a frame whenever it flushes: a file has many.
        lambda file: cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)),
    ),
)
_ERRORS = (OSError, EOFError, zstandard.ZstdError)  # zlib's errors reach us as OSError or EOFError


class LogFile:
    """A source (`fbl.services.log_imports.Source`), from a path or from standard input."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._standing = 0
        self._kept = b""  # of standard input: what was read before its turn, or may be read again
        try:
            self._raw: BinaryIO = sys.stdin.buffer if path == STDIN else open(path, "rb")  # noqa: SIM115 - see `close`
            self._is_plain, self._file = self._open()
        except _ERRORS as error:
            raise LogUnreadable(_words(error)) from error

    @property
    def name(self) -> str:
        return self._path if self._path == STDIN else Path(self._path).name

    @property
    def is_stdin(self) -> bool:
        return self._path == STDIN

    @property
    def modified_at(self) -> datetime | None:
        """When the file was last written; None for standard input: it is being written now."""
        return None if self.is_stdin else datetime.fromtimestamp(os.fstat(self._raw.fileno()).st_mtime, UTC)

    def progress(self) -> tuple[int, int | None]:
        """Return bytes read and bytes in all, as they lie on the disk."""
        if self.is_stdin:
            return self._standing, None
        return self._raw.tell(), os.fstat(self._raw.fileno()).st_size

    def was_replaced(self) -> bool:
        """Whether the path means another file now (rotated), or the file was cut (copied and truncated)."""
        if self.is_stdin:
            return False
        opened = os.fstat(self._raw.fileno())
        try:
            named = os.stat(self._path)
        except FileNotFoundError:
            return False  # renamed, and the new one not made yet
        is_same = (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
        return not is_same or (self._is_plain and opened.st_size < self._standing)

    def head(self, size: int) -> bytes:
        if self.is_stdin:
            while len(self._kept) < min(size, KEPT) and (piece := self._from_file(min(size, KEPT) - len(self._kept))):
                self._kept += piece
            return self._kept[:size]
        self.move_to(0)
        data = b""
        while len(data) < size and (piece := self.read(size - len(data))):
            data += piece
        self.move_to(0)
        return data

    def move_to(self, position: int) -> None:
        """Let the next `read` begin there, or at the end when the file is shorter."""
        if self._is_plain and not self.is_stdin:
            self._file.seek(position)
            self._standing = position
            return
        if position < self._standing:
            if not self.is_stdin:
                self._raw.seek(0)
                self._is_plain, self._file = self._open()
            elif self._standing > len(self._kept):
                raise LogUnreadable("standard input has another content than the log that began like it.")
            self._standing = 0
        while self._standing < position and self.read(min(_SKIPPED, position - self._standing)):
            pass

    def read(self, size: int) -> bytes:
        if self.is_stdin and self._standing < len(self._kept):
            piece = self._kept[self._standing : self._standing + size]
        else:
            piece = self._from_file(size)
        self._standing += len(piece)
        return piece

    def close(self) -> None:
        if not self.is_stdin:
            self._raw.close()

    def _from_file(self, size: int) -> bytes:
        try:
            if self.is_stdin and self._is_plain:
                return cast(io.BufferedReader, self._file).read1(size)  # what is there: a pipe may be slow
            return self._file.read(size)
        except _ERRORS as error:
            raise LogUnreadable(_words(error)) from error

    def _open(self) -> tuple[bool, BinaryIO]:
        start = cast(io.BufferedReader, self._raw).peek(4)[:4]
        for magic, opened in _MAGIC:
            if start.startswith(magic):
                return False, opened(self._raw)
        return True, self._raw


def _words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or "can't be read"
