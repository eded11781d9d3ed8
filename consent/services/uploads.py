"""Files of consent records: taken once, read in chunks by a job, counted as evidence only when read to the end."""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from consent.models import ConsentUpload
from consent.services import asking, parts
from consent.services.reading import read
from courrielleur.accounts.models import Account
from courrielleur.jobs.queue import nudge

__all__ = ["FileTooLarge", "complete", "read", "read_soon", "read_waiting", "receive", "store", "too_large"]

logger = logging.getLogger(__name__)

State = ConsentUpload.State
STEP = "consent"  # of the pipeline
READ_AT_ONCE = 1024**2  # bytes; a file of this size is read while its sender waits
ABANDONED_AFTER = timedelta(days=1)  # a file whose sending broke off


class FileTooLarge(Exception):
    """The file is larger than one upload may be. Nothing was stored."""


def store(account: Account, data: bytes, file_name: str, uploaded_by: str, now: datetime) -> tuple[ConsentUpload, bool]:
    """Keep a file that is in memory already; else as `receive`."""
    return receive(account, [data], file_name, uploaded_by, now)


def receive(
    account: Account,
    pieces: Iterable[bytes],
    file_name: str,
    uploaded_by: str,
    now: datetime,
    *,
    answers: Mapping[str, Any] | None = None,
) -> tuple[ConsentUpload, bool]:
    """Keep a file until it is read, and say whether it is new. The same bytes again are the same upload.

    The pieces are stored as they come, none is held. *answers* say beforehand what could be asked about it
    (`asking.checked`); with `confirm` false its sender wants to see how it is understood before it is read. Raises
    `FileTooLarge`, and what *pieces* raises; then nothing of the file stays.
    """
    upload = ConsentUpload.objects.create(
        account=account,
        file_name=file_name.replace("\0", "")[:255],
        size=0,
        uploaded_by=uploaded_by[:150],
        uploaded_at=now,
        answers=dict(answers or {}),
        state=State.RECEIVING,
    )
    hasher = hashlib.sha256()
    try:
        is_kept = parts.append(upload, pieces, most=settings.CONSENT_MAX_BYTES, hasher=hasher)
    except BaseException:
        upload.delete()
        raise
    if not is_kept:
        upload.delete()
        raise too_large()
    return complete(upload, hasher.digest())


def too_large() -> FileTooLarge:
    return FileTooLarge(
        _("This file is larger than %(n)s MB. Split it and send the parts one by one.")
        % {"n": settings.CONSENT_MAX_BYTES // 1024**2}
    )


def read_soon(upload: ConsentUpload, now: datetime) -> ConsentUpload:
    """Read a small file now, and let the worker read a large one."""
    if upload.size <= READ_AT_ONCE:
        return read(upload, now)
    if upload.state == State.STORED:
        nudge(STEP)
    return upload


def read_waiting(now: datetime, seconds: float | None = None) -> int:
    """Read the files that wait, oldest first, for about *seconds*. Return how many were read to their end.

    A file that takes longer is read on when this is called again.
    """
    forget_abandoned(now)
    waiting = ConsentUpload.objects.filter(state__in=[State.STORED, State.READING]).defer("raw").order_by("uploaded_at")
    done = 0
    for upload in waiting[:100]:
        try:
            done += read(upload, now, seconds=seconds).state not in {State.STORED, State.READING}
        except Exception:  # whatever is wrong with one file, the others must not wait for it
            logger.exception("consent upload %s could not be read; it is tried again", upload.pk)
    return done


def has_waiting() -> bool:
    return ConsentUpload.objects.filter(state__in=[State.STORED, State.READING]).exists()


def complete(upload: ConsentUpload, sha256: bytes) -> tuple[ConsentUpload, bool]:
    """Let a file that is here as a whole wait for its reading; the same bytes again give the first upload.

    One that could not be read is tried anew when its sender now answers for it, or wants to say what its columns mean.
    """
    whole = ConsentUpload.objects.filter(pk=upload.pk, state=State.RECEIVING)
    if upload.answers:
        failed = ConsentUpload.objects.filter(account=upload.account_id, sha256=sha256, state=State.FAILED)
        failed.update(sha256=None)
    try:
        with transaction.atomic():
            is_ours = whole.update(size=parts.size_of(upload), sha256=sha256, state=State.STORED)
    except IntegrityError:
        first = ConsentUpload.objects.defer("raw").get(account=upload.account_id, sha256=sha256)
        _send_on_to(first, upload)
        return first, False
    upload.refresh_from_db()
    return upload, bool(is_ours)


def forget_abandoned(now: datetime) -> None:
    """Forget files whose sending broke off, and those whose questions nobody answered."""
    asking.forget_abandoned(now)
    unfinished = Q(expires_at__lt=now) | Q(expires_at=None, uploaded_at__lt=now - ABANDONED_AFTER)
    ConsentUpload.objects.filter(unfinished, state=State.RECEIVING).delete()


def _send_on_to(first: ConsentUpload, upload: ConsentUpload) -> None:
    """Let a file that was here before lead to the *first* one, for a day, if its sender knows its address."""
    if upload.declared_size is None:
        upload.delete()
    else:
        ConsentUpload.objects.filter(pk=upload.pk).update(same_as=first)
        parts.forget(upload)
