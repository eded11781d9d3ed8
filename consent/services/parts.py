"""The bytes of an uploaded file while it waits: pieces, each compressed and encrypted, in rows of the database.

In rows and not in a folder: every web process and worker reaches them, a backup holds them, and they vanish in the
transaction that ends their reading.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

import zstandard
from django.db import transaction
from django.db.models import Sum

from consent.models import ConsentPart, ConsentUpload
from courrielleur import vault

PART_BYTES = 1024**2


class Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...


def sealed(data: bytes, *, purpose: bytes | None = None) -> bytes:
    return vault.encrypt(zstandard.ZstdCompressor(level=1).compress(data), purpose=purpose)


def opened(data: bytes, *, purpose: bytes | None = None) -> bytes:
    return zstandard.ZstdDecompressor().decompress(vault.decrypt(data, purpose=purpose))


def append(upload: ConsentUpload, pieces: Iterable[bytes], *, most: int, hasher: Hasher) -> bool:
    """Keep *pieces* behind what is there already. False when the file would have more than *most* bytes.

    Each part is committed on its own, so that what came through before a connection broke is kept. Raises
    `IntegrityError` when another request has put something there meanwhile.
    """
    position = size_of(upload)
    for part in _of_one_size(pieces):
        if position + len(part) > most:
            return False
        with transaction.atomic():
            ConsentPart.objects.create(upload=upload, position=position, size=len(part), sealed=sealed(part))
        hasher.update(part)
        position += len(part)
    return True


def size_of(upload: ConsentUpload) -> int:
    """Return how many bytes of the file are here."""
    return upload.parts.aggregate(size=Sum("size"))["size"] or 0


def sha256_of(upload: ConsentUpload) -> bytes:
    """Return the digest of the file, read from its parts."""
    hasher = hashlib.sha256()
    for part in _parts(upload):
        hasher.update(part)
    return hasher.digest()


def forget(upload: ConsentUpload) -> None:
    upload.parts.all().delete()


class StoredFile(io.RawIOBase):
    """The file's bytes from the beginning, one part in memory at a time."""

    def __init__(self, upload: ConsentUpload) -> None:
        self._parts = _parts(upload)
        self._rest = memoryview(b"")
        self.position = 0  # bytes read so far

    def buffered(self) -> BinaryIO:
        return io.BufferedReader(self, PART_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # every buffer we are given is one
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(part)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self.position += size
        return size


def _parts(upload: ConsentUpload) -> Iterator[bytes]:
    if upload.raw is not None:  # of a release that kept the file in one piece
        yield vault.decrypt(bytes(upload.raw))
        return
    position = 0
    while row := upload.parts.filter(position=position).values_list("size", "sealed").first():
        yield opened(bytes(row[1]))
        position += row[0]


def _of_one_size(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while len(rest) >= PART_BYTES:
            yield bytes(rest[:PART_BYTES])
            del rest[:PART_BYTES]
    if rest:
        yield bytes(rest)
