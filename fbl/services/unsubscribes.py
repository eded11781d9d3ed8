"""Take a one-click unsubscription (RFC 8058): suppressed at once, never a complaint."""

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
    Suppression.objects.bulk_create(
        [
            Suppression(
                account_id=reference.account_id,
                recipient_digest=reference.recipient,
                reason=Suppression.Reason.UNSUBSCRIBE,
                campaign=named.name if named else unnamed(reference.campaign),
                since=now,
            )
        ],
        ignore_conflicts=True,
    )
