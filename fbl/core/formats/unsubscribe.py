"""Read requests to unsubscribe that mail programs send to a List-Unsubscribe address (RFC 2369, Apple Mail).

The address the request was sent to is the reference: it stands in `list_unsubscribe`.
"""

import re

from fbl.core.headers import clean_address, domain_of
from fbl.core.mime import Part
from fbl.core.report import BounceClass, Kind, Recipient, References, Report

_SUBJECT = re.compile(
    r"(?:re: )?(?:unsubscribe(?: me| request)?|d[ée]sabonnement|d[ée]sabonner|(?:me|se) d[ée]sabonner|d[ée]sinscription"
    r"|remove(?: me)?|opt-?out|abmelden|abbestellen|darse de baja|cancelar suscripci[óo]n|baja|cancella(?:mi|zione)"
    r"|disiscrizione|descadastrar|cancelar inscri[çc][ãa]o|uitschrijven|afmelden)[\s.!]*"
)


def read(mail: Part) -> Report | None:
    is_apple = mail.headers.get("x-apple-unsubscribe").lower() == "true"
    if not is_apple and not _SUBJECT.fullmatch(mail.subject):
        return None
    if mail.content_type.startswith("multipart/report"):
        return None
    sender = clean_address(mail.headers.get("from"))
    target = next(iter(mail.sent_to), "")
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
