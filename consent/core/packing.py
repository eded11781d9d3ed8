"""Unpack what was sent compressed, as it goes, and never more of it than was allowed (RFC 1952)."""

import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO

GZIP = b"\x1f\x8b"

_PIECE = 256 * 1024  # bytes read at once
_WITHOUT_SUSPICION = 16 * 1024**2  # bytes; below this even the densest file does no harm
_GZIP_FORMAT = 31  # zlib's window bits for "gzip only"


class UnreadableFile(Exception):
    """The whole file can't be read; `code` is a key of [file.*] in `consent/data/file_messages.toml`."""

    def __init__(self, code: str, headings: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.headings = headings


@dataclass(frozen=True)
class Limits:
    """How much of a file is read. What goes beyond is refused as a whole."""

    rows: int = 10_000_000
    unpacked_bytes: int = 8 * 1024**3
    ratio: int = 250  # unpacked to packed; a table of people packs 5 to 30 to 1, nothing but zeros 1,000 to 1
    workbook_bytes: int = 64 * 1024**2  # as sent: a workbook is held in memory
    workbook_unpacked_bytes: int = 1024**3
    workbook_cells: int = 12_000_000  # of the rectangle around all that is written on the sheet
    columns: int = 1_000
    line_bytes: int = 1024**2  # of one line of text


class Gunzip(io.RawIOBase):
    """The bytes inside a gzip stream, of several members if there are. Reading raises `UnreadableFile`."""

    def __init__(self, packed: BinaryIO, limits: Limits) -> None:
        self._packed, self._limits = packed, limits
        self._member = zlib.decompressobj(_GZIP_FORMAT)
        self._taken = self._given = 0
        self._rest = b""
        self._is_begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # every buffer we are given is one
        while True:
            if not self._rest and not self._member.eof:
                self._rest = self._packed.read(_PIECE)
                self._taken += len(self._rest)
                if not self._rest:
                    if self._is_begun:
                        raise UnreadableFile("damaged")  # cut off inside a member
                    return 0
            if self._member.eof and not self._next_member():
                return 0
            try:
                piece = self._member.decompress(self._rest, len(buffer))
            except zlib.error as error:
                raise UnreadableFile("damaged") from error
            self._is_begun = not self._member.eof
            self._rest = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                self._count(len(piece))
                buffer[: len(piece)] = piece
                return len(piece)

    def _next_member(self) -> bool:
        """Begin the next member. False at the end of the file, of which zeros may be left (RFC 1952 says nothing)."""
        rest = self._rest.lstrip(b"\0")
        while not rest:
            more = self._packed.read(_PIECE)
            if not more:
                return False
            self._taken += len(more)
            rest = more.lstrip(b"\0")
        self._rest = rest
        self._member = zlib.decompressobj(_GZIP_FORMAT)
        self._is_begun = True
        return True

    def _count(self, size: int) -> None:
        self._given += size
        dense = self._given > _WITHOUT_SUSPICION and self._given > self._limits.ratio * self._taken
        if dense or self._given > self._limits.unpacked_bytes:
            raise UnreadableFile("bomb")


def unpacked(stream: BinaryIO, limits: Limits, *, is_packed: bool) -> BinaryIO:
    """Return the plain bytes of *stream*."""
    return io.BufferedReader(Gunzip(stream, limits), _PIECE) if is_packed else stream
