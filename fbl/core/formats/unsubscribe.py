"""Read requests to unsubscribe that mail programs send to a List-Unsubscribe address (RFC 2369, Apple Mail).

The address the request was sent to is the reference: it stands in `list_unsubscribe`.
"""

import re

from fbl.core.headers import clean_address, domain_of
from fbl.core.mime import Part
from fbl.core.original import report_recipients
from fbl.core.report import BounceClass, Kind, Recipient, References, Report

_SUBJECT = re.compile(
    r"^\s*(?:unsubscribe|désabonnement|desabonnement|se désabonner|remove|opt-?out)[\s.!]*$", re.IGNORECASE
)


def read(mail: Part) -> Report | None:
    is_apple = mail.headers.get("x-apple-unsubscribe").lower() == "true"
    if not is_apple and not _SUBJECT.match(mail.headers.text("subject")):
        return None
    if mail.content_type.startswith("multipart/report"):
        return None
    sender = clean_address(mail.headers.get("from"))
    target = next(iter(report_recipients(mail)), "")
    return Report(
        kind=Kind.UNSUBSCRIBE,
        format="apple_unsubscribe" if is_apple else "unsubscribe",
        feedback_type="opt-out",
        reporter=domain_of(sender),
        recipients=(Recipient(sender or None, BounceClass.OTHER, "feedback"),),
        references=References(
            message_id=mail.headers.get("in-reply-to"),
            list_unsubscribe=f"<mailto:{target}>" if target else "",
        ),
    )
