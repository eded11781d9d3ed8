"""Consent records told one by one as people sign up. They count as evidence at once, and are never changed.

The records of one account and UTC day stand under one upload row, as if they were a file that grows; so all that
reads evidence reads them too.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from consent.core.captures import Captured
from consent.models import CapturedId, ConsentRecord, ConsentUpload
from courrielleur import vault
from courrielleur.accounts.models import Account
from fbl.core.addresses import DIGEST_BYTES, digest


@dataclass(frozen=True)
class Kept:
    """Where a record stands."""

    upload_id: UUID
    line: int
    own_id: str
    is_new: bool  # False: it was told before, with the same words


class OwnIdTaken(Exception):
    """A record of that name was told before with other words, and records are never changed. `rows` are from 1."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__(_("A record of this id was told before with other words. Records are never changed."))
        self.rows = rows


@transaction.atomic
def keep(account: Account, captured: Sequence[Captured], told_by: str, now: datetime) -> list[Kept]:
    """Store the records, all or none, and say where they stand. Told again by its own id, a record is the same.

    Raises `OwnIdTaken`.
    """
    _lock(account.pk)
    names = [_own_digest(one.own_id) if one.own_id else None for one in captured]
    known = _known(account.pk, {name for name in names if name})
    live = _live(account, told_by, now)
    kept: list[Kept] = []
    rows: list[ConsentRecord] = []
    taken: list[int] = []
    line = live.accepted
    for number, (one, name) in enumerate(zip(captured, names, strict=True), start=1):
        said = _said(one)
        before = known.get(name) if name else None
        if before is not None:
            if bytes(before.said) != said:
                taken.append(number)
            kept.append(Kept(before.upload_id, before.line, one.own_id, is_new=False))
            continue
        line += 1
        rows.append(_row(account.pk, live.pk, line, one))
        kept.append(Kept(live.pk, line, one.own_id, is_new=True))
        if name:
            known[name] = CapturedId(account_id=account.pk, own_id=name, said=said, upload_id=live.pk, line=line)
    if taken:
        raise OwnIdTaken(taken)
    ConsentRecord.stored.bulk_create(rows, batch_size=1_000)
    CapturedId.objects.bulk_create([one for one in known.values() if one._state.adding], batch_size=1_000)
    ConsentUpload.objects.filter(pk=live.pk).update(rows=F("rows") + len(rows), accepted=F("accepted") + len(rows))
    return kept


def _live(account: Account, told_by: str, now: datetime) -> ConsentUpload:
    day = now.astimezone(UTC).date()
    live, _is_new = ConsentUpload.objects.get_or_create(
        account=account,
        live_on=day,
        defaults={
            "file_name": f"consent-records {day}",
            "size": 0,
            "uploaded_by": told_by[:150],
            "uploaded_at": now,
            "read_at": now,
            "state": ConsentUpload.State.DONE,
        },
    )
    return live


def _row(account_id: int, upload_id: UUID, line: int, one: Captured) -> ConsentRecord:
    record = one.record
    told = dict(record.fields) | ({"id": one.own_id} if one.own_id else {})
    return ConsentRecord(
        account_id=account_id,
        upload_id=upload_id,
        line=line,
        recipient_digest=digest(record.email, vault.digest_key()),
        fields=vault.encrypt(orjson.dumps(told)),
        method=record.method,
        consented_at=record.consented_at,
        ip=record.ip or None,
    )


def _known(account_id: int, names: set[bytes]) -> dict[bytes, CapturedId]:
    found = CapturedId.objects.filter(account_id=account_id, own_id__in=sorted(names))
    return {bytes(one.own_id): one for one in found}


def _own_digest(own_id: str) -> bytes:
    return hmac.digest(vault.digest_key(), b"own id\0" + own_id.encode(), "sha256")[:DIGEST_BYTES]


def _said(one: Captured) -> bytes:
    told = orjson.dumps([one.record.consented_at, dict(one.record.fields)], option=orjson.OPT_SORT_KEYS)
    return hmac.digest(vault.digest_key(), b"record\0" + told, "sha256")


def _lock(account_id: int) -> None:
    """Let one request at a time number the account's records, until its transaction ends."""
    name = hmac.digest(b"consent records", str(account_id).encode(), "sha256")[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)])
