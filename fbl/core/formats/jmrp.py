"""Read the legacy complaints of Microsoft's Junk Mail Reporting Program: multipart/mixed, no report part.

The newer form is a plain feedback report (RFC 5965), read as one. Source: sendersupport.olc.protection.outlook.com.
"""

import re

from fbl.core.dates import read_date
from fbl.core.headers import Headers, clean_address, domain_of
from fbl.core.mime import Part
from fbl.core.original import original_recipients, references, returned_headers
from fbl.core.report import BounceClass, Kind, Recipient, Report, Unreadable

_SUBJECT = re.compile(r"^complaint about message from\s*\[?([0-9a-f.:]{3,45})?")
_MARKS = ("x-hmxmroriginalrecipient", "x-reporter-ip", "x-sid-pra")


def read(mail: Part) -> Report | None:
    sender = mail.headers.get("from").lower()
    subject = _SUBJECT.match(mail.subject)
    if subject is None and "staff@hotmail." not in sender:
        return None
    original = returned_headers(mail)
    if not original:
        raise Unreadable("This Microsoft complaint does not contain the mail it is about.")
    if subject is None and not any(mark in original for mark in _MARKS):
        return None
    return Report(
        kind=Kind.COMPLAINT,
        format="jmrp",
        feedback_type="abuse",
        reporter=domain_of(sender),
        source_ip=(subject[1] or "").strip(".:") if subject else "",
        arrived_at=read_date(original.get("received").rpartition(";")[2]),
        recipients=_recipients(original),
        references=references(original, mail),
    )


def _recipients(original: Headers) -> tuple[Recipient, ...]:
    named = clean_address(original.get("x-hmxmroriginalrecipient"))
    found: list[str | None] = [named] if named else [*original_recipients(original)]
    return tuple(Recipient(one, BounceClass.OTHER, "feedback") for one in found or [None])
