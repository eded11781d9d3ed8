"""Read the documents in which events of e-mail providers are kept (fbl/core/esp.py writes them)."""

import json
from datetime import UTC, datetime
from typing import Any

from fbl.core import esp
from fbl.core.classify import classify
from fbl.core.classify.verdict import Basis
from fbl.core.dates import read_date
from fbl.core.esp import Meaning
from fbl.core.headers import clean_address
from fbl.core.mime import Part
from fbl.core.report import BounceClass, Kind, Recipient, References, Report, Unreadable

_MAX_NESTING = 1_000
_CLASSES = {
    Meaning.HARD: BounceClass.HARD,
    Meaning.SOFT: BounceClass.SOFT,
    Meaning.BLOCK: BounceClass.BLOCK,
    Meaning.OTHER: BounceClass.OTHER,
}
_KINDS = {
    Meaning.COMPLAINT: Kind.COMPLAINT,
    Meaning.NOT_SPAM: Kind.NOT_SPAM,
    Meaning.UNSUBSCRIBE: Kind.UNSUBSCRIBE,
    Meaning.WAITS: Kind.DELIVERY_NOTICE,
}


def read(mail: Part) -> Report | None:
    if mail.content_type != esp.CONTENT_TYPE:
        return None
    if mail.body.count("{") + mail.body.count("[") > _MAX_NESTING:
        raise Unreadable("This notification is nested too deeply.")
    try:
        told = json.loads(mail.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The JSON of this notification is cut or damaged.") from error
    if not isinstance(told, dict):
        raise Unreadable("The JSON of this notification is cut or damaged.")
    provider, event = _text(told, "provider"), told.get("event")
    means = esp.meaning(provider, _text(told, "event_type"), event)
    known = esp.providers().get(provider)
    kind = Kind.BOUNCE if means in _CLASSES else _KINDS.get(means, Kind.OTHER)
    sent = _moment(esp.sent_in(provider, told.get("metadata"), event))
    if sent is None and kind is Kind.BOUNCE:
        sent = _moment(_text(told, "at"))  # a bounce follows its mail within the hour, mostly; a complaint does not
    return Report(
        kind=kind,
        format="esp_event",
        feedback_type=_text(told, "description").lower()[:100] if kind is Kind.COMPLAINT else "",
        reporter=provider,
        source_ip=esp.value(event, known.source_ip) if known else "",
        arrived_at=sent,
        recipients=(_recipient(told, means, kind),),
        references=References(
            message_id=_text(told, "message_id") or _text(told, "event_id"),
            own="".join(esp.reference_in(provider, told.get("metadata"), event).split()),
        ),
    )


def _recipient(told: dict[str, Any], means: Meaning, kind: Kind) -> Recipient:
    address = clean_address(_text(told, "recipient")) or None
    if kind is not Kind.BOUNCE:
        return Recipient(address, BounceClass.OTHER, "feedback")
    said = _text(told, "mta_response") or _text(told, "description")
    verdict = classify(said)
    # The receiving server's answer first; the provider's own class where that tells nothing.
    is_told = verdict.basis is not Basis.UNCLASSIFIED
    return Recipient(
        address=address,
        bounce_class=verdict.bounce_class if is_told else _CLASSES[means],
        reason=verdict.reason.value,
        status=verdict.status,
        reply_code=verdict.reply_code,
        action="failed",
        diagnostic=said,
        blocklists=verdict.blocklists,
    )


def _moment(text: str) -> datetime | None:
    """Return the moment of a date in any form, or of Unix seconds."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return read_date(text)


def _text(told: dict[str, Any], name: str) -> str:
    found = told.get(name)
    return found if isinstance(found, str) else ""
