"""Read the notifications Amazon SES sends through SNS as JSON inside a mail: bounces, complaints, deliveries.

Source: docs.aws.amazon.com/ses/latest/dg/notification-contents.html.
"""

import json
from typing import Any

from fbl.core.classify import classify
from fbl.core.dates import read_date
from fbl.core.headers import clean_address
from fbl.core.mime import Part
from fbl.core.report import BounceClass, Kind, Recipient, References, Report, Unreadable

_MARKS = ('"notificationType"', '"eventType"')
_MAX_RECIPIENTS = 10_000
_MAX_NESTING = 100


def read(mail: Part) -> Report | None:
    first = mail.leaves[0] if mail.leaves else mail  # a gateway may have put a disclaimer behind it
    if first.content_type not in ("text/plain", "application/json"):
        return None
    text = first.content
    if not any(mark in text for mark in _MARKS) and "notificationType\\" not in text:
        return None
    start = text.find("{")
    if start < 0:
        return None
    if text.count("{", start) + text.count("[", start) > _MAX_NESTING * _MAX_RECIPIENTS:
        raise Unreadable("This notification is nested too deeply.")
    try:
        data, _end = json.JSONDecoder(strict=False).raw_decode(text.replace("\n", " "), start)
        if isinstance(data, dict) and isinstance(data.get("Message"), str):
            data = json.loads(data["Message"], strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The JSON of this notification is cut or damaged.") from error
    return _report(data) if isinstance(data, dict) else None


def _report(data: dict[str, Any]) -> Report:
    what = str(data.get("notificationType") or data.get("eventType") or "").lower()
    mail = _dict(data.get("mail"))
    body = _dict(data.get(what))
    kind, feedback_type = Kind.OTHER, ""
    recipients: list[Recipient] = []
    if what == "complaint":
        feedback_type = str(body.get("complaintFeedbackType") or "abuse").lower()
        kind = Kind.NOT_SPAM if feedback_type == "not-spam" else Kind.COMPLAINT
        recipients = [
            Recipient(_address(one), BounceClass.OTHER, "feedback") for one in _list(body.get("complainedRecipients"))
        ]
    elif what == "bounce":
        kind = Kind.BOUNCE
        recipients = [_bounced(one, body) for one in _list(body.get("bouncedRecipients"))]
    elif what == "delivery":
        kind = Kind.DELIVERY_NOTICE
        said = str(body.get("smtpResponse") or "")[:2000]
        recipients = [
            Recipient(
                clean_address(str(one)) or None, BounceClass.OTHER, "delivered", action="delivered", diagnostic=said
            )
            for one in _list(body.get("recipients"))
        ]
    return Report(
        kind=kind,
        format="ses_notification",
        feedback_type=feedback_type,
        reporter="amazonses.com",
        source_ip=str(mail.get("sourceIp") or ""),
        arrived_at=read_date(str(mail.get("timestamp") or "")),
        recipients=tuple(recipients),
        references=_references(mail),
    )


def _bounced(entry: Any, body: dict[str, Any]) -> Recipient:
    one = _dict(entry)
    said = str(one.get("diagnosticCode") or "")[:2000]
    verdict = classify(said.partition(";")[2] or said, status=str(one.get("status") or ""))
    return Recipient(
        address=_address(entry),
        bounce_class=verdict.bounce_class,
        reason=verdict.reason.value,
        status=verdict.status,
        reply_code=verdict.reply_code,
        action=str(one.get("action") or "failed").lower(),
        diagnostic=said,
        blocklists=verdict.blocklists,
        basis=verdict.basis.value,
        rule=verdict.rule,
    )


def _references(mail: dict[str, Any]) -> References:
    headers = {
        str(one.get("name", "")).lower(): str(one.get("value", ""))
        for one in _list(mail.get("headers"))
        if isinstance(one, dict)
    }
    return References(
        message_id=headers.get("message-id", ""),
        return_path=clean_address(str(mail.get("source") or "")),
        feedback_id=headers.get("feedback-id", ""),
        cfbl_feedback_id="".join(headers.get("cfbl-feedback-id", "").split()),
        list_unsubscribe=headers.get("list-unsubscribe", ""),
        own="".join(headers.get("x-courrielleur-ref", "").split()),
    )


def _address(entry: Any) -> str | None:
    return clean_address(str(_dict(entry).get("emailAddress") or "")) or None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value[:_MAX_RECIPIENTS] if isinstance(value, list) else []
