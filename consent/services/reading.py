"""Read a stored file chunk by chunk; each chunk and the line behind it are committed together.

A worker that dies takes at most its open chunk with it: the next one goes on behind the last that was committed, so
no row is stored twice and none is missed. Until the end, nothing of the file counts (`ConsentRecord.objects`).
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from time import monotonic

import orjson
from django.conf import settings
from django.db import connection, transaction

from consent.core.packing import Limits, UnreadableFile
from consent.core.records import Row, check_plan, rows_of
from consent.core.tables import Plan, inspect, lines_of
from consent.models import ConsentRecord, ConsentRejects, ConsentUpload
from consent.services import copying, parts

logger = logging.getLogger(__name__)

State = ConsentUpload.State
CHUNK = 10_000  # rows
ERRORS_KEPT = 1_000  # in the open, for the page; all of them are in the reject file


class ReadingMoved(Exception):
    """Another process has read on in this file meanwhile; what was read here was not kept."""


def read(upload: ConsentUpload, now: datetime, *, seconds: float | None = None) -> ConsentUpload:
    """Read a stored file, for about *seconds*, and return the upload with what became of its rows so far.

    One that was read stays as it is, and so does one that another process is reading.
    """
    until = monotonic() + seconds if seconds is not None else None
    with _held(upload) as is_ours:
        waiting = ConsentUpload.objects.get(pk=upload.pk)
        if not is_ours or waiting.state not in {State.STORED, State.READING}:
            return waiting
        try:
            if waiting.state == State.STORED:
                _begin(waiting)
            if _read_on(waiting, now, until):
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


def _begin(upload: ConsentUpload) -> None:
    plan = inspect(lambda: parts.StoredFile(upload).buffered(), limits())
    upload.columns = plan.columns
    check_plan(plan)
    upload.plan, upload.state, upload.last_line = plan.as_json(), State.READING, plan.first
    upload.save(update_fields=["plan", "columns", "state", "last_line"])


def _read_on(upload: ConsentUpload, now: datetime, until: float | None) -> bool:
    """Read from where the last chunk ended. Return whether the end was reached."""
    plan = Plan.from_json(upload.plan)
    file = parts.StoredFile(upload)
    lines = lines_of(file.buffered(), plan, after=upload.last_line, limits=limits())
    rows = rows_of(lines, plan)
    while chunk := _next(rows):
        if upload.rows + len(chunk) > settings.CONSENT_MAX_ROWS:
            raise UnreadableFile("too_many_rows")
        _store(upload, chunk, file.position, now)
        if until is not None and monotonic() > until:
            return False
    return True


def _next(rows: Iterator[Row]) -> list[Row]:
    """Return the next chunk. Rows hold no cycles, and the collector would search them for some a dozen times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return list(islice(rows, CHUNK))
    finally:
        if was_on:
            gc.enable()


def _store(upload: ConsentUpload, chunk: list[Row], position: int, now: datetime) -> None:
    """Store the rows of one chunk and where it ended, in one transaction."""
    before = upload.last_line
    records = [row.record for row in chunk if row.record is not None]
    refused = [asdict(error) for row in chunk for error in row.errors]
    upload.rows += len(chunk)
    upload.accepted += len(records)
    upload.rejected = upload.rows - upload.accepted
    upload.last_line, upload.read_bytes = chunk[-1].end, position
    changed: dict[str, object] = {
        name: getattr(upload, name) for name in ("rows", "accepted", "rejected", "last_line", "read_bytes")
    }
    if refused and len(upload.errors) < ERRORS_KEPT:
        upload.errors += refused[: ERRORS_KEPT - len(upload.errors)]
        changed["errors"] = upload.errors
    with transaction.atomic():
        ours = ConsentUpload.objects.filter(pk=upload.pk, state=State.READING, last_line=before)
        if not ours.update(**changed):
            raise ReadingMoved(f"consent upload {upload.pk} was read on by another process")
        copying.copy_records(upload.account_id, upload.pk, records, now)
        if refused:
            told = b"\n".join(map(orjson.dumps, refused))
            ConsentRejects.objects.create(upload=upload, line=refused[0]["line"], sealed=parts.sealed(told))


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
    upload.rows = upload.accepted = upload.rejected = 0
    upload.errors = []
    with transaction.atomic():
        upload.save()
        ConsentRecord.stored.filter(account_id=upload.account_id, upload_id=upload.pk).delete()
        upload.rejects.all().delete()
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
