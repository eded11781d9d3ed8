"""Read X-ARF reports: fields in a text part (0.1, 0.2) or a JSON part (3, 4), with the mail complained about.

Source: xarf.org, github.com/xarf/xarf-specification; RFC 9477 lets a receiver choose this form ("report=xarf").
"""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any

from fbl.core.dates import read_date
from fbl.core.headers import Headers, clean_address, domain_of, read_ip
from fbl.core.mime import Part, read_mail
from fbl.core.original import original_recipients, references, returned_headers
from fbl.core.report import BounceClass, Kind, Recipient, Report, Unreadable

_KINDS = {
    "spam": Kind.COMPLAINT,
    "unsolicited": Kind.COMPLAINT,
    "bulk": Kind.COMPLAINT,
    "bulk_messaging": Kind.COMPLAINT,
    "spamtrap": Kind.TRAP,
    "spam_trap": Kind.TRAP,
    "trap": Kind.TRAP,
    "phishing": Kind.FRAUD,
    "fraud": Kind.FRAUD,
    "malware": Kind.VIRUS,
    "virus": Kind.VIRUS,
}
_TRAP = re.compile(r"spam[ _-]?trap", re.IGNORECASE)
_MAX_TEXT = 1 << 20  # characters of the JSON part


def read(mail: Part) -> Report | None:
    headers = mail.headers
    is_marked = "x-xarf" in headers or "x-arf" in headers or "x-arf" in headers.get("auth").lower()
    if not is_marked and ("application/json" not in mail.types or not any(map(_is_json_report, mail.leaves[:5]))):
        return None
    told = _told(mail)
    if not told:
        return None
    original = _sample(told) or returned_headers(mail)
    what = _first(told, "report-type", "reporttype", "type").lower().replace("-", "_")
    kind = _KINDS.get(what, Kind.OTHER)
    if kind is Kind.COMPLAINT and _TRAP.search(f"{mail.subject} {_first(told, 'evidence_source', 'evidence-source')}"):
        kind = Kind.TRAP
    return Report(
        kind=kind,
        format="xarf",
        feedback_type=what,
        reporter=domain_of(_first(told, "reported-from", "reporterorgemail", "email") or mail.headers.get("from")),
        source_ip=read_ip(_first(told, "source", "sourceip", "source_identifier", "source-ip")),
        arrived_at=read_date(_first(told, "date", "timestamp")),
        recipients=_recipients(told, original),
        references=references(
            original, mail, mail_from=_first(told, "smtpmailfromaddress", "smtp_from", "original-mail-from")
        ),
    )


def _is_json_report(part: Part) -> bool:
    return part.content_type == "application/json" and (
        "xarf" in part.body[:4000] or "ReporterInfo" in part.body[:4000]
    )


def _told(mail: Part) -> dict[str, str]:
    """Return what the report part says, by lower-case name; nested JSON objects are taken as one."""
    for part in mail.leaves[:10]:
        if part.content_type == "application/json":
            try:
                data = json.loads(part.decoded(_MAX_TEXT), strict=False)
            except (ValueError, RecursionError) as error:
                raise Unreadable("The JSON of this notification is cut or damaged.") from error
            return _flat(data)
    for part in mail.leaves[1:10]:
        if part.content_type.startswith("text/"):
            fields = Headers(part.content.strip("\n -"))
            if "report-type" in fields or "reported-from" in fields:
                return {name.lower(): value.strip(" \"'") for name, value in reversed(fields.fields)}
    return {}


def _flat(data: Any) -> dict[str, str]:
    told: dict[str, str] = {}
    waiting = [data]
    for _ in range(1000):
        if not waiting:
            break
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one[:100]
        elif isinstance(one, dict):
            for name, value in one.items():
                if isinstance(value, dict | list):
                    waiting.append(value)
                elif value is not None:
                    told.setdefault(str(name).lower(), str(value))
    return told


def _sample(told: dict[str, str]) -> Headers:
    """Return the header fields of the mail that stands, often in base64, in the JSON itself."""
    text = told.get("payload", "")
    if not text:
        return Headers("")
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raw = text.encode("utf-8", "replace")
    return read_mail(raw).headers


def _recipients(told: dict[str, str], original: Headers) -> tuple[Recipient, ...]:
    named = clean_address(_first(told, "smtprcpttoaddress", "smtp_to", "original-rcpt-to"))
    found: list[str | None] = [named] if named else [*original_recipients(original)]
    return tuple(Recipient(one, BounceClass.OTHER, "feedback") for one in found or [None])


def _first(told: dict[str, str], *names: str) -> str:
    return next((told[name] for name in names if told.get(name)), "")
