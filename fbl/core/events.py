"""What a read report says, as events: one for each recipient it speaks of, each with a digest of its identity.

The same message, recipient and kind gives the same digest, however often and by whatever door it arrives
(docs: domain of "one complaint = one message, recipient and feed").
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fbl.core.addresses import digest as address_digest
from fbl.core.addresses import domain_of
from fbl.core.identify import NO_CAMPAIGN, Confidence, Identification, Method, doubtful_methods, find
from fbl.core.providers import OTHER, provider_of
from fbl.core.report import BounceClass, Kind, Recipient, References, Report

EVENT_DIGEST_BYTES = 16
UNKNOWN_SEND_DAY = 0  # 1970-01-01: the send hour is not known; shown, never scored

# Kinds that say something of a recipient. The others are read, and nothing is recorded.
RECORDED = frozenset({Kind.COMPLAINT, Kind.BOUNCE, Kind.UNSUBSCRIBE, Kind.NOT_SPAM, Kind.TRAP, Kind.FRAUD, Kind.VIRUS})


class Lane(StrEnum):
    """Where a report goes (`InboundReport.State`)."""

    RECORDED = "recorded"
    UNIDENTIFIED = "unidentified"
    UNVERIFIED = "unverified"
    UNREADABLE = "unreadable"
    IGNORED = "ignored"


SOURCE_IP = "source_ip"  # identified by the sending address alone
_NOBODY = Recipient(address=None)
_NOT_FINAL = frozenset({"delayed", "delivered", "relayed", "expanded", "deliverable"})  # RFC 3464 §2.3.3, Postfix


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
    may_count: bool  # carries our valid reference and a send hour

    @property
    def send_day(self) -> int:
        """Days since 1970-01-01; `UNKNOWN_SEND_DAY` when not known."""
        return UNKNOWN_SEND_DAY if self.send_hour is None else self.send_hour // 24


@dataclass(frozen=True)
class Sorted:
    """A report on its way: its lane, why, and the events it gives."""

    lane: Lane
    why: str
    events: tuple[Event, ...] = ()


def sort(
    report: Report,
    *,
    envelope_to: str,
    keys: Mapping[int, bytes],
    digest_key: bytes,
    dedicated: Mapping[str, int],
) -> Sorted:
    """Say whose the report is and what it tells.

    *envelope_to* is the address the report itself was delivered to: for a bounce, our signed return path.
    *dedicated* gives the account by IP address, for addresses that belong to one account alone: such an
    identification names an account and counts nothing, since anybody may write a Source-IP.
    """
    if report.kind is Kind.UNREADABLE:
        return Sorted(Lane.UNREADABLE, report.error)
    if report.kind not in RECORDED:
        return Sorted(Lane.IGNORED, f"{report.kind}: nothing to count")
    references = _with_return_path(report, envelope_to)
    found = find(references, keys)
    if found is None:
        doubtful = doubtful_methods(references, keys)
        account_id = dedicated.get(report.source_ip or "")
        if account_id is None:
            why = f"forged or unknown reference in {', '.join(doubtful)}" if doubtful else "no reference of ours in it"
            return Sorted(Lane.UNIDENTIFIED, why)
        return Sorted(
            Lane.UNVERIFIED,
            "named by its source address only",
            tuple(_unverified(report, account_id, digest_key)),
        )
    if found.confidence is Confidence.WEAK:
        why = "references of two accounts in one mail" if found.conflicts else "account and campaign only, no recipient"
        return Sorted(Lane.UNVERIFIED, why, tuple(_events(report, found, digest_key, may_count=False)))
    if report.kind is Kind.BOUNCE and found.method is not Method.RETURN_PATH:
        # A bounce counts at our signed return path only; elsewhere anybody who has the mail can write one.
        return Sorted(
            Lane.UNVERIFIED,
            "a bounce that did not come to our return path",
            tuple(_events(report, found, digest_key, may_count=False)),
        )
    if report.kind is Kind.BOUNCE and _recipient_of(report, found.recipient, digest_key).action in _NOT_FINAL:
        return Sorted(Lane.IGNORED, "not a final failure for our recipient")
    return Sorted(Lane.RECORDED, "", tuple(_events(report, found, digest_key, may_count=True)))


def _with_return_path(report: Report, envelope_to: str) -> References:
    references = report.references
    if report.kind is not Kind.BOUNCE:
        return references
    # The address it came to is the one thing a bounce can't borrow from the returned copy of the mail.
    return References(return_path=envelope_to) if envelope_to else References(return_path=references.return_path)


def _events(report: Report, found: Identification, digest_key: bytes, *, may_count: bool) -> Iterator[Event]:
    """Yield one event: a reference belongs to one recipient, whatever else the report lists."""
    recipient = _recipient_of(report, found.recipient, digest_key)
    yield _event(
        report,
        recipient,
        account_id=found.account_id,
        campaign=found.campaign,
        send_hour=found.send_hour,
        recipient_digest=found.recipient,
        is_ours=found.recipient is not None
        and recipient.address is not None
        and address_digest(recipient.address, digest_key) == found.recipient,
        method=found.method.value,
        confidence=found.confidence,
        may_count=may_count and found.send_hour is not None,
    )


def _unverified(report: Report, account_id: int, digest_key: bytes) -> Iterator[Event]:
    for recipient in report.recipients or (_NOBODY,):
        address = recipient.address
        yield _event(
            report,
            recipient,
            account_id=account_id,
            campaign=NO_CAMPAIGN,
            send_hour=None,
            recipient_digest=address_digest(address, digest_key) if address else None,
            is_ours=False,
            method=SOURCE_IP,
            confidence=Confidence.WEAK,
            may_count=False,
        )


def _event(
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
) -> Event:
    bounce_class = recipient.bounce_class if report.kind is Kind.BOUNCE else None
    identity = "|".join(
        [
            report.kind,
            bounce_class or "",
            str(account_id),
            campaign.hex(),
            str(send_hour),
            recipient_digest.hex() if recipient_digest else "",
            # Without a reference the Message-ID tells the messages apart.
            "" if may_count else (report.references.message_id or ""),
        ]
    )
    return Event(
        digest=hashlib.sha256(identity.encode("utf-8", "surrogatepass")).digest()[:EVENT_DIGEST_BYTES],
        account_id=account_id,
        kind=report.kind,
        bounce_class=bounce_class,
        reason=recipient.reason or "",
        status=recipient.status or "",
        campaign=campaign,
        provider=_provider(report, recipient),
        recipient_digest=recipient_digest,
        address=(recipient.address or "") if is_ours and report.kind is not Kind.TRAP else "",
        send_hour=send_hour,
        method=method,
        confidence=confidence,
        may_count=may_count,
    )


def _recipient_of(report: Report, reference: bytes | None, digest_key: bytes) -> Recipient:
    """Return the recipient the reference was minted for; when none matches (forwarding) the first that failed."""
    if reference is not None and len(report.recipients) > 1:
        for recipient in report.recipients:
            if recipient.address and address_digest(recipient.address, digest_key) == reference:
                return recipient
    failed = (recipient for recipient in report.recipients if recipient.action not in _NOT_FINAL)
    return next(failed, report.recipients[0] if report.recipients else _NOBODY)


def _provider(report: Report, recipient: Recipient) -> str:
    """Return the provider of the mailbox; of whoever reports, when the address is withheld or unknown to us."""
    for domain in (domain_of(recipient.address or ""), report.reporter):
        provider = provider_of(domain) if domain else OTHER
        if provider != OTHER:
            return provider
    return OTHER
