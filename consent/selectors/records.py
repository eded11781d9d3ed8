"""Single consent records, their recipients' withdrawals, and what they say."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from consent.models import ConsentRecord, ConsentWithdrawal
from courrielleur import vault
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.selectors import accounts_for

MOST_SHOWN = 1_000  # records of one recipient
_OWN = frozenset({"email", "id", "method", "consented_at", "ip"})  # shown on their own


@dataclass(frozen=True)
class RecordShown:
    """A record in clear, for its own account."""

    id: str
    account: str  # its key
    own_id: str
    digest: str
    email: str
    method: str
    consented_at: datetime | None
    ip: str | None
    told_at: datetime
    details: dict[str, str]  # everything else it says
    withdrawn_at: datetime | None  # the first withdrawal behind it


def record_for(actor: Actor, record_id: str) -> tuple[ConsentRecord, str]:
    """Return the record of that id and its account's key. Raises `ConsentRecord.DoesNotExist` for a stranger too."""
    upload, _point, line = record_id.partition(".")
    try:
        upload_id = UUID(upload)
    except ValueError:
        raise ConsentRecord.DoesNotExist from None
    if not line.isascii() or not line.isdigit() or len(line) > 9:
        raise ConsentRecord.DoesNotExist
    accounts = dict(accounts_for(actor).filter(consent_uploads=upload_id).values_list("pk", "key"))
    record = ConsentRecord.objects.get(account_id__in=list(accounts), upload_id=upload_id, line=int(line))
    return record, accounts[record.account_id]


def id_of(upload_id: UUID, line: int) -> str:
    return f"{upload_id}.{line}"


def records_of(account_id: int, recipient: bytes) -> list[ConsentRecord]:
    """Return what the account has on record of one recipient, the newest first."""
    found = ConsentRecord.objects.filter(account_id=account_id, recipient_digest=recipient)
    return list(found.order_by("-created_at", "-upload_id", "-line")[:MOST_SHOWN])


def shown(record: ConsentRecord, account_key: str, withdrawals: Collection[datetime]) -> RecordShown:
    told: dict[str, str] = orjson.loads(vault.decrypt(record.fields))
    behind = [at for at in withdrawals if record.consented_at is None or at >= record.consented_at]
    return RecordShown(
        id=id_of(record.upload_id, record.line),
        account=account_key,
        own_id=told.get("id", ""),
        digest=bytes(record.recipient_digest).hex(),
        email=told.get("email", ""),
        method=record.method,
        consented_at=record.consented_at,
        ip=record.ip,
        told_at=record.created_at,
        details={name: value for name, value in told.items() if name not in _OWN},
        withdrawn_at=min(behind, default=None),
    )


def withdrawals_of(account_id: int, recipients: Collection[bytes]) -> dict[bytes, tuple[datetime, ...]]:
    """Return the moments, in order, at which any of *recipients* took their consent back."""
    rows = ConsentWithdrawal.objects.filter(account_id=account_id, recipient_digest__in=sorted(recipients))
    found: dict[bytes, list[datetime]] = defaultdict(list)
    for recipient, at in rows.order_by("withdrawn_at").values_list("recipient_digest", "withdrawn_at"):
        found[bytes(recipient)].append(at)
    return {recipient: tuple(moments) for recipient, moments in found.items()}
