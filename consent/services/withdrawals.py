"""Consent taken back: kept for ever as a row of its own, in force at once, and on the list of whom not to mail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from consent.models import ConsentRecord, ConsentWithdrawal
from courrielleur import vault
from fbl.services import unsubscribes


@transaction.atomic
def withdraw(
    account_id: int,
    recipients: Mapping[bytes, str],
    *,
    withdrawn_at: datetime,
    how: str,
    told_by: str,
    now: datetime,
    record: ConsentRecord | None = None,
) -> int:
    """Take back the consent of *recipients*, addresses (or nothing) by digest. Return how many were new.

    *record* is the one that it was told about, if it was one. The same moment again is the same withdrawal.
    """
    known = ConsentWithdrawal.objects.filter(
        account_id=account_id, recipient_digest__in=sorted(recipients), withdrawn_at=withdrawn_at
    )
    before = {bytes(one) for one in known.values_list("recipient_digest", flat=True)}
    rows = [
        ConsentWithdrawal(
            account_id=account_id,
            recipient_digest=recipient,
            withdrawn_at=withdrawn_at,
            told_at=now,
            told_by=told_by[:150],
            fields=vault.encrypt(orjson.dumps(_told(how, address))),
            upload_id=record.upload_id if record else None,
            line=record.line if record else None,
        )
        for recipient, address in recipients.items()
        if recipient not in before
    ]
    ConsentWithdrawal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    _suppress(account_id, recipients.items(), now)
    return len(rows)


def _told(how: str, address: str) -> dict[str, Any]:
    return {name: value for name, value in (("how", how), ("email", address)) if value}


def _suppress(account_id: int, recipients: Iterable[tuple[bytes, str]], now: datetime) -> None:
    sealed = {digest: vault.encrypt_text(address) if address else None for digest, address in recipients}
    unsubscribes.suppress(account_id, sealed, now)
