"""Read a stored file chunk by chunk; each chunk and the line behind it are committed together.

A worker that dies takes at most its open chunk with it: the next one goes on behind the last that was committed, so
no row is stored twice and none is missed. Until the end, nothing of the file counts (`ConsentRecord.objects`).
"""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from time import monotonic

import orjson
from django.conf import settings
from django.db import connection, transaction

from consent.core.asks import DOUBTS, is_worth_asking
from consent.core.packing import Limits, UnreadableFile
from consent.core.tables import Form, Line, Plan, lines_of
from consent.models import ConsentRecord, ConsentRejects, ConsentUpload
from consent.services import copying, helpers, inspection, parts
from consent.services.chunks import Task, Worked, without_collector

logger = logging.getLogger(__name__)

State = ConsentUpload.State
CHUNK = 5_000  # rows; with helpers, half a dozen chunks are in memory at a time
COUNTED = ("rows", "accepted", "undated", "day_only", "rejected", "last_line", "read_bytes")  # with each chunk
ERRORS_KEPT = 1_000  # in the open, for the page; all of them are in the reject file


class ReadingMoved(Exception):
    """Another process has read on in this file meanwhile; what was read here was not kept."""


class _Doubtful(Exception):
    """Rows far down have two meanings, where the first ones had not."""


def read(upload: ConsentUpload, now: datetime, *, seconds: float | None = None) -> ConsentUpload:
    """Read a stored file, for about *seconds*, and return the upload with what became of its rows so far.

    One in which something has two meanings needs an answer first. One that was read stays as it is, and so does one
    that another process is reading.
    """
    until = monotonic() + seconds if seconds is not None else None
    with _held(upload) as is_ours:
        waiting = ConsentUpload.objects.get(pk=upload.pk)
        if not is_ours or waiting.state not in {State.STORED, State.READING}:
            return waiting
        try:
            if waiting.state == State.STORED and not inspection.begin(waiting, limits()):
                return waiting
            try:
                is_at_end = _read_on(waiting, now, until)
            except _Doubtful:
                _take_back(waiting)
                if not inspection.begin(waiting, limits()):
                    return waiting
                is_at_end = _read_on(waiting, now, until)
            if is_at_end:
                _end(waiting, now)
        except UnreadableFile as error:
            _fail(waiting, error, now)
        logger.info("consent upload %s is %s: %s of %s rows", waiting.pk, waiting.state, waiting.accepted, waiting.rows)
        return waiting


def limits() -> Limits:
    return Limits(
        rows=settings.CONSENT_MAX_ROWS,
        unpacked_bytes=settings.CONSENT_MAX_UNPACKED_BYTES,
        workbook_bytes=settings.CONSENT_MAX_WORKBOOK_BYTES,
    )


def _read_on(upload: ConsentUpload, now: datetime, until: float | None) -> bool:
    """Read from where the last chunk ended. Return whether the end was reached."""
    plan = Plan.from_json(upload.plan)
    file = parts.StoredFile(upload)
    lines = lines_of(file.buffered(), plan, after=upload.last_line, limits=limits())
    task = Task(upload.account_id, upload.pk, plan, now)
    # A workbook is slow to open, not to read on, and takes the memory that helpers would.
    number = 0 if plan.form is Form.WORKBOOK else helpers.number_for(upload.size - upload.read_bytes)
    with closing(helpers.in_order(task, _chunks(lines, file), helpers=number)) as worked:
        for chunk, done in worked:
            if upload.rows + done.rows > settings.CONSENT_MAX_ROWS:
                raise UnreadableFile("too_many_rows")
            if plan.is_sampled and _raises_doubt(done):
                raise _Doubtful
            _store(upload, chunk, done)
            if until is not None and monotonic() > until:
                return False
    return True


def _raises_doubt(done: Worked) -> bool:
    doubts = sum(error["code"] in DOUBTS for error in done.refused)
    return bool(doubts) and is_worth_asking(doubts, done.accepted - done.undated + doubts)


def _take_back(upload: ConsentUpload) -> None:
    """Forget the rows that were stored so far: the file is inspected anew, all of it."""
    upload.state, upload.last_line, upload.read_bytes = State.STORED, 0, 0
    _forget_rows(upload)


def _forget_rows(upload: ConsentUpload) -> None:
    upload.rows = upload.accepted = upload.rejected = upload.undated = upload.day_only = 0
    upload.errors = []
    with transaction.atomic():
        upload.save()
        ConsentRecord.stored.filter(account_id=upload.account_id, upload_id=upload.pk).delete()
        upload.rejects.all().delete()


def _chunks(lines: Iterator[Line], file: parts.StoredFile) -> Iterator[helpers.Chunk]:
    while True:
        with without_collector():
            chunk = list(islice(lines, CHUNK))
        if not chunk:
            return
        yield helpers.Chunk(chunk, chunk[-1].end, file.position)


def _store(upload: ConsentUpload, chunk: helpers.Chunk, done: Worked) -> None:
    """Store the rows of one chunk and where it ended, in one transaction."""
    before = upload.last_line
    upload.rows += done.rows
    upload.accepted += done.accepted
    upload.undated += done.undated
    upload.day_only += done.day_only
    upload.rejected = upload.rows - upload.accepted
    upload.last_line, upload.read_bytes = chunk.end, chunk.position
    changed: dict[str, object] = {name: getattr(upload, name) for name in COUNTED}
    if done.refused and len(upload.errors) < ERRORS_KEPT:
        upload.errors += done.refused[: ERRORS_KEPT - len(upload.errors)]
        changed["errors"] = upload.errors
    with transaction.atomic(), connection.cursor() as cursor:
        # A chunk that a power cut takes is read again. The end of the file waits for the disk, and for all of them.
        cursor.execute("SET LOCAL synchronous_commit TO off")
        ours = ConsentUpload.objects.filter(pk=upload.pk, state=State.READING, last_line=before)
        if not ours.update(**changed):
            raise ReadingMoved(f"consent upload {upload.pk} was read on by another process")
        with cursor.copy(copying.COPY) as copy:
            copy.write(done.packed)
        if done.refused:
            told = b"\n".join(map(orjson.dumps, done.refused))
            ConsentRejects.objects.create(upload=upload, line=done.refused[0]["line"], sealed=parts.sealed(told))


def _end(upload: ConsentUpload, now: datetime) -> None:
    if not upload.rows:
        raise UnreadableFile("no_rows")
    upload.state, upload.read_at, upload.raw, upload.read_bytes = State.DONE, now, None, upload.size
    with transaction.atomic():
        upload.save(update_fields=["state", "read_at", "raw", "read_bytes"])
        parts.forget(upload)


def _fail(upload: ConsentUpload, error: UnreadableFile, now: datetime) -> None:
    """Take back all that was stored of a file that turned out to be none; say why."""
    upload.state, upload.error, upload.read_at, upload.raw = State.FAILED, error.code, now, None
    upload.columns = upload.columns or dict.fromkeys(error.headings, "")
    with transaction.atomic():
        _forget_rows(upload)
        parts.forget(upload)


@contextmanager
def _held(upload: ConsentUpload) -> Iterator[bool]:
    """Hold the right to read this file, whichever process asks. Yields False when another has it."""
    key = upload.pk.int % 2**63
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        row = cursor.fetchone()
    is_ours = bool(row and row[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
