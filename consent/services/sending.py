"""Files of consent records that are sent in pieces: begun with their size, gone on with behind whatever came through.

Two requests may send to one file at once, when a connection is dead and only its client knows. Each piece stands at
the place where the one before it ended, and a place is taken once, so one of them loses and asks how far the file is.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _

from consent.models import ConsentUpload
from consent.services import asking, parts, uploads
from courrielleur.accounts.models import Account

MOST_UNFINISHED = 10  # files of one account at the same time
OTHER_BYTES = "other_bytes"  # what came is not what was announced

State = ConsentUpload.State


class SendingRefused(Exception):
    """No further file may be begun now. The message says why."""


class WrongOffset(Exception):
    """The bytes do not begin where the file ends so far: at `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__(_("The file goes on at byte %(n)s. Send what follows it.") % {"n": offset})
        self.offset = offset


def begin(
    account: Account,
    *,
    size: int,
    file_name: str,
    uploaded_by: str,
    now: datetime,
    sha256: bytes | None = None,
    answers: Mapping[str, Any] | None = None,
) -> tuple[ConsentUpload, bool]:
    """Return a file to send *size* bytes to, and whether it is new: by its *sha256* it may be here already.

    *answers* as in `uploads.receive`.

    Raises `FileTooLarge` and `SendingRefused`.
    """
    if size > settings.CONSENT_MAX_BYTES:
        raise uploads.too_large()
    theirs = ConsentUpload.objects.filter(account=account).defer("raw")
    known = theirs.filter(sha256=sha256).first() if sha256 is not None else None
    if known is not None and not (answers and known.state == State.FAILED):  # with answers that one is tried anew
        return known, False
    if theirs.filter(state=State.RECEIVING, same_as=None, expires_at__gt=now).count() >= MOST_UNFINISHED:
        raise SendingRefused(
            _("%(n)s files are being sent already. Finish or delete one of them first.") % {"n": MOST_UNFINISHED}
        )
    begun = ConsentUpload.objects.create(
        account=account,
        file_name=file_name.replace("\0", "")[:255],
        size=0,
        declared_size=size,
        declared_sha256=sha256,
        uploaded_by=uploaded_by[:150],
        uploaded_at=now,
        answers=dict(answers or {}),
        expires_at=now + uploads.ABANDONED_AFTER,
        state=State.RECEIVING,
    )
    return begun, True


def offset_of(upload: ConsentUpload) -> int:
    """Return how many bytes of the file came through, by now or before it was read."""
    if upload.state == State.RECEIVING and upload.same_as_id is None:
        return parts.size_of(upload)
    return upload.declared_size if upload.declared_size is not None else upload.size


def send_on(
    upload: ConsentUpload, offset: int, pieces: Iterable[bytes], now: datetime, *, coming: int
) -> ConsentUpload:
    """Keep what comes of *pieces*, even if their connection breaks, and return the file; whole, it can be read.

    Raises `WrongOffset`, `FileTooLarge` when *coming* bytes are more than were announced, and
    `ConsentUpload.DoesNotExist` when it was deleted meanwhile.
    """
    size = upload.declared_size
    if offset != offset_of(upload) or size is None:
        raise WrongOffset(offset_of(upload))
    if coming > size - offset:
        raise uploads.FileTooLarge(_("More bytes come than Upload-Length announced."))
    if offset == size:  # the last answer did not arrive
        return upload
    received = _Received()
    try:
        parts.append(upload, _until_broken(pieces), most=size, hasher=received)
    except IntegrityError as error:  # its place was taken meanwhile, or the file is gone
        raise WrongOffset(offset_of(ConsentUpload.objects.get(pk=upload.pk))) from error
    here = parts.size_of(upload)
    ConsentUpload.objects.filter(pk=upload.pk).update(expires_at=now + uploads.ABANDONED_AFTER)
    if here < size:
        return upload
    return _finish(upload, received.sha256() if received.size == size else parts.sha256_of(upload), now)


class _Received:
    """What one request brought, counted and digested."""

    def __init__(self) -> None:
        self.size = 0
        self._hasher = hashlib.sha256()

    def update(self, data: bytes, /) -> None:
        self.size += len(data)
        self._hasher.update(data)

    def sha256(self) -> bytes:
        return self._hasher.digest()


def withdraw(upload: ConsentUpload, by: str, now: datetime) -> None:
    """Forget a file before anything of it is kept. Raises `asking.NothingAsked` when its rows are read already."""
    if upload.declared_size is not None:
        gone, _tables = ConsentUpload.objects.filter(pk=upload.pk, state=State.RECEIVING).delete()
        if gone:
            return
    asking.withdraw(upload, by, now)


def _finish(upload: ConsentUpload, sha256: bytes, now: datetime) -> ConsentUpload:
    if upload.declared_sha256 is None or bytes(upload.declared_sha256) == sha256:
        return uploads.complete(upload, sha256)[0]
    failed = {"state": State.FAILED, "error": OTHER_BYTES, "read_at": now, "size": upload.declared_size}
    if ConsentUpload.objects.filter(pk=upload.pk, state=State.RECEIVING).update(**failed):
        parts.forget(upload)
    return ConsentUpload.objects.get(pk=upload.pk)


def _until_broken(pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except OSError:  # the connection; its client comes again
        return
