"""Mint references in bulk, for MTAs that don't mint them themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from courrielleur import vault
from fbl.core.addresses import digest
from fbl.core.identify import Carriers, Reference, campaign_digest, carriers
from fbl.services.ledger import remember_campaigns


@dataclass(frozen=True)
class ReferenceRow:
    recipient: str
    campaign: str
    send_hour: int


@transaction.atomic
def mint_many(account_id: int, rows: Sequence[ReferenceRow], now: datetime) -> list[Carriers]:
    """Return the carriers of each row, in order, and remember the names of the campaigns."""
    keys = vault.reference_keys()
    key_id = max(keys)
    digest_key = vault.digest_key()
    remember_campaigns({(account_id, row.campaign) for row in rows}, now)
    return [
        carriers(
            Reference(
                key_id=key_id,
                account_id=account_id,
                campaign=campaign_digest(row.campaign),
                send_hour=row.send_hour,
                recipient=digest(row.recipient, digest_key),
            ),
            keys[key_id],
            report_domain=settings.REPORT_DOMAIN,
            unsubscribe_url=f"{settings.PUBLIC_URL}/u/",
        )
        for row in rows
    ]
