"""Take a one-click unsubscription (RFC 8058): suppressed at once, never a complaint."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from courrielleur import vault
from courrielleur.accounts.models import Account
from fbl.core.identify import read_token
from fbl.models import CampaignName, Suppression
from fbl.services.ledger import unnamed


class UnknownToken(Exception):
    """The address was not minted by us, or its key was withdrawn."""


@transaction.atomic
def unsubscribe(token: str, now: datetime) -> None:
    """Suppress the recipient that *token* was minted for. Twice is once. Raises `UnknownToken`."""
    reference = read_token(token, vault.reference_keys()).reference
    if reference is None or not Account.objects.filter(pk=reference.account_id).exists():
        raise UnknownToken(token[:8])
    named = CampaignName.objects.filter(account_id=reference.account_id, digest=reference.campaign).first()
    campaign = named.name if named else unnamed(reference.campaign)
    suppress(reference.account_id, {reference.recipient: None}, now, campaign=campaign)


def suppress(account_id: int, recipients: Mapping[bytes, bytes | None], now: datetime, *, campaign: str = "") -> None:
    """Suppress recipients who want no more mail: encrypted addresses, where they are known, by digest."""
    Suppression.objects.bulk_create(
        [
            Suppression(
                account_id=account_id,
                recipient_digest=digest,
                reason=Suppression.Reason.UNSUBSCRIBE,
                recipient=recipient,
                campaign=campaign,
                since=now,
            )
            for digest, recipient in recipients.items()
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )
