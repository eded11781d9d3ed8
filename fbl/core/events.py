"""One thing said of one message to one recipient, with a digest of its identity.

The same message, recipient and kind gives the same digest, however often and by whatever door it arrives
(docs: domain of "one complaint = one message, recipient and feed").
"""

import hashlib
from dataclasses import dataclass

from fbl.core.addresses import domain_of
from fbl.core.identify import Confidence
from fbl.core.providers import OTHER, provider_of
from fbl.core.report import BounceClass, Kind, Recipient, Report

EVENT_DIGEST_BYTES = 16
UNKNOWN_SEND_DAY = 0  # 1970-01-01: the send hour is not known; shown, never scored


@dataclass(frozen=True)
class Event:
    """One thing said of one message to one recipient."""

    digest: bytes
    account_id: int
    kind: Kind
    bounce_class: BounceClass | None
    reason: str
    status: str
    campaign: bytes  # digest; zeros when unknown
    provider: str
    recipient_digest: bytes | None
    address: str  # empty unless the report names our recipient in clear
    send_hour: int | None
    method: str
    confidence: Confidence
    may_count: bool  # somebody vouches for it, and its send hour is known
    suppresses: bool = True  # the recipient's digest is of an address, not of a feed's token
    mta_category: str = ""  # what our own MTA's log called a bounce

    @property
    def send_day(self) -> int:
        """Days since 1970-01-01; `UNKNOWN_SEND_DAY` when not known."""
        return UNKNOWN_SEND_DAY if self.send_hour is None else self.send_hour // 24


def make_event(
    report: Report,
    recipient: Recipient,
    *,
    account_id: int,
    campaign: bytes,
    send_hour: int | None,
    recipient_digest: bytes | None,
    is_ours: bool,
    method: str,
    confidence: Confidence,
    may_count: bool,
    apart_by: str,
) -> Event:
    """Return the event that *report* tells of *recipient*.

    *is_ours*: the address named is the one our reference was minted for. *apart_by* tells messages apart that no
    reference of ours tells apart.
    """
    bounce_class = recipient.bounce_class if report.kind is Kind.BOUNCE else None
    return Event(
        digest=event_digest(report.kind, bounce_class, account_id, campaign, send_hour, recipient_digest, apart_by),
        account_id=account_id,
        kind=report.kind,
        bounce_class=bounce_class,
        reason=recipient.reason or "",
        status=recipient.status or "",
        campaign=campaign,
        provider=_provider(report, recipient),
        recipient_digest=recipient_digest,
        address=(recipient.sent_to or "") if is_ours and report.kind is not Kind.TRAP else "",
        send_hour=send_hour,
        method=method,
        confidence=confidence,
        may_count=may_count,
    )


def event_digest(
    kind: Kind,
    bounce_class: BounceClass | None,
    account_id: int,
    campaign: bytes,
    send_hour: int | None,
    recipient_digest: bytes | None,
    apart_by: str = "",
) -> bytes:
    """Return what makes two reports the same event; by mail or from the MTA's log, a bounce is one."""
    identity = "|".join(
        [
            kind,
            bounce_class or "",
            str(account_id),
            campaign.hex(),
            str(send_hour),
            recipient_digest.hex() if recipient_digest else "",
            apart_by,
        ]
    )
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).digest()[:EVENT_DIGEST_BYTES]


def _provider(report: Report, recipient: Recipient) -> str:
    """Return the provider of the mailbox; of whoever reports, when the address is withheld or unknown to us."""
    for domain in (domain_of(recipient.sent_to or ""), report.reporter):
        provider = provider_of(domain) if domain else OTHER
        if provider != OTHER:
            return provider
    return OTHER
