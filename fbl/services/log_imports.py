"""Import the log of an MTA: each record once, however often a run is cut short, repeated, or finds the file grown.

What a batch gave and the position behind it are committed together. A file is found again by its first record and
by what stands before that position, whatever its name is now.

A record that stands in two files with different beginnings is two records: bounces and complaints are still one
event each (their digest is the same), delivered mail is counted twice. docs/mta-logs.md says so to operators.
"""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from django.db import connection, transaction

from courrielleur import vault
from courrielleur.accounts.models import Account
from courrielleur.jobs.queue import nudge
from fbl.core.doors import Door
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.record import Reader, Reject, Tally
from fbl.models import LogImport
from fbl.services import inbox
from fbl.services.inbox import Arrival
from fbl.services.log_ledger import Summary, Written, write

PIECE = 64 * 1024  # bytes read at once: so few lines that their fields stay in the processor's cache
BATCH_LINES = 100_000
BATCH_RECORDS = 5_000
HEAD = 64 * 1024  # bytes in which the first record must end
TAIL = 1024  # bytes before the position that must be the same to go on
LONGEST_RECORD = 4 * 1024 * 1024
_LOCK_SPACE = 0x6C6F67  # "log"


class ImportFailed(Exception):
    """The file can't be imported, or not now; the message says why and what to do."""


class Source(Protocol):
    """The bytes of a log, decompressed."""

    @property
    def name(self) -> str: ...

    def head(self, size: int) -> bytes:
        """Return up to *size* bytes from the beginning, wherever reading stands."""
        ...

    def move_to(self, position: int) -> None: ...

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most *size*; none when there are no more now."""
        ...


def known_accounts() -> dict[str, int]:
    return dict(Account.objects.values_list("key", "pk"))


class FileImport:
    """One file on its way in: `begin` finds where to go on, `advance` takes what is there, `end` lets others at it."""

    def __init__(
        self,
        source: Source,
        reader: Reader,
        attribution: Attribution,
        *,
        format: str,  # noqa: A002 - the word of the command
        summary: Summary,
        on_rejects: Callable[[Sequence[Reject]], None],
    ) -> None:
        self._source, self._reader, self._attribution = source, reader, attribution
        self._format, self._summary, self._on_rejects = format, summary, on_rejects
        self._first_digest = b""
        self._row: LogImport | None = None
        self._position = 0
        self._tail = self._buffer = b""
        self._is_mid_line = False
        self._tally = Tally()

    @property
    def has_rest(self) -> bool:
        """Whether bytes are left of a last line that was not complete."""
        return bool(self._buffer)

    def begin(self, *, final: bool) -> bool:
        """Find where to go on. Return False when there is no record yet, or nothing new.

        Raises `ImportFailed` when another process imports the file.
        """
        opening = self._opening(final=final)
        if not opening:
            return False
        self._first_digest = hashlib.sha256(opening.rstrip(b"\r\n")).digest()
        if not _lock(self._first_digest):
            self._first_digest = b""
            raise ImportFailed(f"{self._source.name}: another process imports this file.")
        first = opening.rstrip(b"\r\n").rpartition(b"\n")[2]
        stream = self._reader.stream(first)
        for row in LogImport.objects.filter(format=self._format, first_digest=self._first_digest).order_by("-position"):
            self._source.move_to(row.position - min(TAIL, row.position))
            tail = _read_exactly(self._source, min(TAIL, row.position))
            if hashlib.sha256(tail).digest() == bytes(row.tail_digest):
                self._go_on(row, tail)
                return True
            if len(tail) < min(TAIL, row.position):  # an older copy of a file we have read further
                self._summary.lines += row.lines
                self._summary.duplicate += row.lines
                return False
        self._source.move_to(0)
        last = LogImport.objects.filter(format=self._format, stream=stream).exclude(stream="").order_by("-updated_at")
        if (before := last.first()) is not None:
            self._reader.follow_on(_opened(before.state))
        self._row = LogImport(format=self._format, stream=stream, first_digest=self._first_digest, position=0)
        return True

    def advance(
        self, now: Callable[[], datetime], *, final: bool, is_told_to_stop: Callable[[], bool] = lambda: False
    ) -> bool:
        """Take what the source has now, batch by batch. Return whether all of it was taken.

        *final*: nothing more will come, so that a complete last record needs no line end.
        """
        self._attribution.know(known_accounts())
        while True:
            self._attribution.clock.latest_hour = int(now().timestamp() // 3600) + 1
            piece = self._source.read(PIECE)
            self._take(piece, final=final and not piece)
            if not piece or is_told_to_stop():
                self._commit(now())
                return not piece
            if self._tally.lines >= BATCH_LINES or len(self._tally.records) >= BATCH_RECORDS:
                self._commit(now())

    def end(self) -> None:
        if self._first_digest:
            _unlock(self._first_digest)
            self._first_digest = b""

    def _opening(self, *, final: bool) -> bytes:
        """Return everything up to the end of the first record; empty when it is not there yet."""
        head, end, is_first = self._source.head(HEAD), 0, True
        while end < len(head):
            start, found = end, head.find(b"\n", end)
            end = found + 1 or len(head)
            line = head[start:end]
            if not line.strip():
                continue
            if not self._reader.is_heading(line, is_first=is_first):
                return head[:end] if found >= 0 or final or len(head) == HEAD else b""
            is_first = False
        return b""

    def _go_on(self, row: LogImport, tail: bytes) -> None:
        self._row, self._position, self._tail = row, row.position, tail
        self._is_mid_line = row.is_mid_line
        self._reader.restore(_opened(row.state))
        self._summary.lines += row.lines
        self._summary.duplicate += row.lines

    def _take(self, piece: bytes, *, final: bool) -> None:
        if self._is_mid_line and piece:
            # The record was taken without its line end, or was too long to be one: the rest of its line is nothing.
            _, end, rest = piece.partition(b"\n")
            self._consume(piece[: len(piece) - len(rest)])
            self._is_mid_line, piece = not end, rest
        self._buffer += piece
        used = self._reader.feed(self._buffer, self._tally, final=final) if self._buffer else 0
        self._is_mid_line = self._is_mid_line or (used > 0 and not self._buffer[:used].endswith(b"\n"))
        self._consume(self._buffer[:used])
        self._buffer = self._buffer[used:]
        if len(self._buffer) > LONGEST_RECORD:
            self._reader.skip_line(self._tally)
            self._consume(self._buffer)
            self._buffer, self._is_mid_line = b"", True

    def _consume(self, used: bytes) -> None:
        if used:
            self._position += len(used)
            self._tail = (self._tail + used[-TAIL:])[-TAIL:]

    def _commit(self, now: datetime) -> None:
        row, tally = self._row, self._tally
        if row is None or self._position == row.position:
            return
        self._on_rejects(tally.rejects)
        with transaction.atomic():
            inbox.store([Arrival(raw, Door.LOGS, now) for raw in tally.letters])
            written = write(tally.delivered, tally.records, self._attribution.take_campaigns(), now)
            self._move_on(row, written, now)
            if tally.delivered or tally.records or tally.letters:
                nudge("river")
        self._summary.add(tally.lines, written, tally.records, tally.rejects)
        self._tally = Tally()

    def _move_on(self, row: LogImport, written: Written, now: datetime) -> None:
        before, row.position = row.position, self._position
        row.name, row.updated_at = self._source.name[-255:], now
        row.tail_digest, row.is_mid_line = hashlib.sha256(self._tail).digest(), self._is_mid_line
        row.state = vault.encrypt(zlib.compress(json.dumps(self._reader.state()).encode()))
        row.lines += self._tally.lines
        for name in ("delivered", "hard", "soft", "block", "complaints", "duplicate"):
            setattr(row, name, getattr(row, name) + getattr(written, name))
        row.rejected = dict(Counter(row.rejected) + Counter(one.reason.value for one in self._tally.rejects))
        if not before:
            row.started_at = now
            row.save(force_insert=True)
        elif LogImport.objects.select_for_update().filter(pk=row.pk, position=before).exists():
            row.save(force_update=True)
        else:
            raise ImportFailed(f"{self._source.name}: another process went on with this file.")


def _opened(state: bytes | memoryview) -> dict[str, object]:
    opened: dict[str, object] = json.loads(zlib.decompress(vault.decrypt(state)))
    return opened


def _read_exactly(source: Source, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := source.read(size - len(data))):
        data += piece
    return data


def _lock(digest: bytes) -> bool:
    """Take the file for this process, until it ends or lets go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, int.from_bytes(digest[:4], signed=True)])
        return bool(cursor.fetchone()[0])


def _unlock(digest: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, int.from_bytes(digest[:4], signed=True)])
