"""Whose event of an e-mail provider is, and whether it counts: the provider is known, it signed what it sent.

The provider is to these mails what our own MTA is to the others: what it tells counts, bounces too. It remains to be
said whose mail it was: by our reference in the mail's metadata, or because the endpoint belongs to one account.
"""

from dataclasses import dataclass, replace

from fbl.core.addresses import digest as address_digest
from fbl.core.authenticity import Why, age_problem, worst
from fbl.core.events import Event, make_event
from fbl.core.identify import NO_CAMPAIGN, Confidence, Identification, doubts, find
from fbl.core.report import Kind, Recipient, Report
from fbl.core.sorting import ACCEPTED, RECORDED, UNVOUCHED, House, Lane, Sorted

ENDPOINT = "esp_endpoint"  # identified by the endpoint the event came to
_NOBODY = Recipient(address=None)


@dataclass(frozen=True)
class Endpoint:
    """What the reader must know of an endpoint."""

    account_id: int | None  # the only account that mails through it; None: several do


def sort_told(report: Report, endpoint: Endpoint, house: House, *, hour: int, is_accepted: bool = False) -> Sorted:
    """Say whose an event is and whether it counts. *hour* is when it came, in hours since 1970."""
    if report.kind is Kind.UNREADABLE:
        return Sorted(Lane.UNREADABLE, report.error)
    if report.kind not in RECORDED:
        return Sorted(Lane.IGNORED, Why.NOTHING_TO_COUNT)
    found = find(report.references, house.keys)
    owner = endpoint.account_id if endpoint.account_id is not None else found.account_id if found else None
    if owner is None:
        doubtful = worst(
            {method.value: verdict.value for method, verdict in doubts(report.references, house.keys).items()}
        )
        return Sorted(Lane.UNIDENTIFIED, doubtful or Why.NO_REFERENCE)
    why = _doubt(report, found, owner, house, hour)
    counts = why is None or is_accepted
    seal = found if why is None else None
    event = _event(report, seal, owner, house, hour, counts=counts)
    if why is not None and counts:
        event = replace(event, method=ACCEPTED)
    return Sorted(Lane.RECORDED if counts else Lane.UNVERIFIED, why or "", (event,))


def _doubt(report: Report, found: Identification | None, owner: int, house: House, hour: int) -> Why | None:
    """Return why an event must wait, though its provider is known."""
    if found is None:
        return None
    if found.conflicts:
        return Why.TWO_ACCOUNTS
    if found.account_id != owner:
        return Why.CROSS_ACCOUNT
    is_bounce = report.kind is Kind.BOUNCE
    return age_problem(sent=found.send_hour, received=hour, is_bounce=is_bounce, validity=house.validity)


def _event(report: Report, seal: Identification | None, owner: int, house: House, hour: int, *, counts: bool) -> Event:
    recipient = report.recipients[0] if report.recipients else _NOBODY
    named = address_digest(recipient.sent_to, house.digest_key) if recipient.sent_to else None
    digest: bytes | None
    if seal is not None and seal.recipient is not None:
        digest, send_hour, method, confidence = seal.recipient, seal.send_hour, seal.method.value, seal.confidence
        apart_by = ""
    else:
        digest, send_hour, method, confidence = named, _told_hour(report, hour), ENDPOINT, Confidence.STRONG
        # The provider's own id of the mail tells the mails of one hour apart.
        apart_by = ("" if counts else UNVOUCHED) + report.references.message_id
    return make_event(
        report,
        recipient,
        account_id=owner,
        campaign=seal.campaign if seal else NO_CAMPAIGN,
        send_hour=send_hour,
        recipient_digest=digest,
        is_ours=named is not None and named == digest,
        method=method,
        confidence=confidence if counts else Confidence.WEAK,
        may_count=counts and send_hour is not None,
        apart_by=apart_by,
    )


def _told_hour(report: Report, received_hour: int) -> int | None:
    """Return the hour of sending as the provider tells it; None when that can't be."""
    if report.arrived_at is None:
        return None
    hour = int(report.arrived_at.timestamp() // 3600)
    return hour if 0 <= hour <= received_hour + 1 else None
