"""Small worlds for the tests: a reseller with its account, and mails that were sent for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from courrielleur import vault
from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account, Reseller
from courrielleur.demo.mails import Sent
from fbl.core.addresses import digest
from fbl.core.identify import Reference, campaign_digest, carriers
from fbl.services.inbox import Arrival, store

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPORT_DOMAIN = "bounce.courrielleur.example"


def hour(at: datetime) -> int:
    return int(at.timestamp() // 3600)


def make_reseller(key: str = "boreal", *, language: str = "fr") -> Reseller:
    return accounts.create_reseller(
        key=key, name=key.title(), language=language, notice_address=f"avis@{key}.example.com"
    )


def make_account(key: str = "acme", *, reseller: Reseller | None = None, language: str = "fr") -> Account:
    return accounts.create_account(
        reseller=reseller or Reseller.objects.filter(key="boreal").first() or make_reseller(),
        key=key,
        name=key.title(),
        language=language,
    )


@dataclass
class Mailing:
    """Mails of one campaign of one account, sent at one moment."""

    account_id: int
    campaign: str = "infolettre"
    sent_at: datetime = NOON - timedelta(hours=6)
    source_ip: str = "192.0.2.25"

    def to(self, recipient: str) -> Sent:
        carried = carriers(
            Reference(1, self.account_id, campaign_digest(self.campaign), hour(self.sent_at), _digest(recipient)),
            vault.reference_keys()[1],
            report_domain=REPORT_DOMAIN,
            unsubscribe_url="https://courrielleur.example/u/",
        )
        return Sent(
            recipient=recipient,
            return_path=carried.return_path,
            headers=carried.headers,
            sender="Boutique <info@boutique.example.com>",
            subject="Nouveautés",
            message_id=f"{carried.token[:24]}.{hour(self.sent_at)}@boutique.example.com",
            sent_at=self.sent_at,
            source_ip=self.source_ip,
        )


def arrive(*raws: bytes, at: datetime = NOON, envelope_to: str = "") -> None:
    """Store mails as a door does; for a bounce, at the address it came to."""
    store([Arrival(raw, "smtp", at, envelope_to=envelope_to or _delivered_to(raw)) for raw in raws])


def _delivered_to(raw: bytes) -> str:
    line = next((line for line in raw.split(b"\r\n") if line.startswith(b"To: ")), b"To: ")
    return parseaddr(line[4:].decode())[1]


def _digest(recipient: str) -> bytes:
    return digest(recipient, vault.digest_key())
