"""Files of consent records: taken once, read whole or not at all, in one transaction."""

import hashlib
import itertools
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from consent.core.records import Record, Row, read_records
from consent.core.tables import UnreadableFile
from consent.models import ConsentUpload
from courrielleur import vault
from courrielleur.accounts.models import Account
from fbl.core.addresses import digest

logger = logging.getLogger(__name__)

LARGEST_FILE = 10 * 1024 * 1024  # bytes
ERRORS_KEPT = 1_000

_COPY = (
    "COPY consent_consentrecord (account_id, upload_id, line, recipient_digest, fields, method, consented_at, ip,"
    " created_at) FROM STDIN"
)


class FileTooLarge(Exception):
    """The file is larger than one upload may be. Nothing was stored."""


@dataclass
class _Counts:
    accepted: int = 0
    rejected: int = 0
    errors: list[dict[str, object]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.accepted + self.rejected


def store(account: Account, data: bytes, file_name: str, uploaded_by: str, now: datetime) -> tuple[ConsentUpload, bool]:
    """Keep a file until it is read, and say whether it is new. The same bytes again are the same upload.

    Raises `FileTooLarge`.
    """
    if len(data) > LARGEST_FILE:
        raise FileTooLarge(
            _("This file is larger than %(n)s MB. Split it and send the parts one by one.")
            % {"n": LARGEST_FILE // 1024**2}
        )
    upload, is_new = ConsentUpload.objects.get_or_create(
        account=account,
        sha256=hashlib.sha256(data).digest(),
        defaults={
            "file_name": file_name.replace("\0", "")[:255],
            "size": len(data),
            "uploaded_by": uploaded_by[:150],
            "uploaded_at": now,
            "raw": vault.encrypt(data),
        },
    )
    return upload, is_new


def read(upload: ConsentUpload, now: datetime) -> ConsentUpload:
    """Read a stored file and return the upload with what became of its rows; one that was read stays as it is."""
    with transaction.atomic():
        waiting = ConsentUpload.objects.select_for_update().select_related(None).get(pk=upload.pk)
        if waiting.state == ConsentUpload.State.STORED:
            _read(waiting, now)
            logger.info(
                "consent upload %s is %s: %s of %s rows", waiting.pk, waiting.state, waiting.accepted, waiting.rows
            )
    return waiting


def read_waiting(now: datetime, limit: int = 10) -> int:
    """Read the files that wait, oldest first: those whose request ended before they were read. Return how many."""
    waiting = ConsentUpload.objects.filter(state=ConsentUpload.State.STORED).defer("raw").order_by("uploaded_at")
    done = 0
    for upload in waiting[:limit]:
        try:
            read(upload, now)
        except Exception:  # whatever is wrong with one file, the others must not wait for it
            logger.exception("consent upload %s could not be read; it is tried again", upload.pk)
        else:
            done += 1
    return done


def _read(upload: ConsentUpload, now: datetime) -> None:
    data = vault.decrypt(bytes(upload.raw or b""))
    try:
        file = read_records(data)
        upload.columns = dict(file.columns)
        counts = _copy(upload, file.rows, now)
        if not counts.rows:
            raise UnreadableFile("no_rows")
    except UnreadableFile as error:
        upload.state = ConsentUpload.State.FAILED
        upload.error = error.code
        upload.columns = upload.columns or dict.fromkeys(error.headings, "")
    else:
        upload.state = ConsentUpload.State.DONE
        upload.rows, upload.accepted, upload.rejected = counts.rows, counts.accepted, counts.rejected
        upload.errors = counts.errors
    upload.raw = None
    upload.read_at = now
    upload.save(update_fields=["state", "columns", "rows", "accepted", "rejected", "errors", "error", "raw", "read_at"])


def _copy(upload: ConsentUpload, rows: Iterator[Row], now: datetime) -> _Counts:
    counts = _Counts()
    key = vault.digest_key()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            if row.record is None:
                counts.rejected += 1
                room = ERRORS_KEPT - len(counts.errors)
                counts.errors.extend(asdict(error) for error in itertools.islice(row.errors, room))
            else:
                counts.accepted += 1
                copy.write_row(_columns(upload.account_id, upload.pk, row.record, key, now))
    return counts


def _columns(account_id: int, upload_id: UUID, record: Record, key: bytes, now: datetime) -> tuple[object, ...]:
    return (
        account_id,
        upload_id,
        record.line,
        digest(record.email, key),
        vault.encrypt_text(json.dumps(dict(record.fields), ensure_ascii=False)),
        record.method,
        record.consented_at,
        record.ip or None,
        now,
    )
