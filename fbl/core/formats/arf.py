"""Read Abuse Reporting Format mails (RFC 5965, RFC 6430, RFC 6591, RFC 9477) and their deviants."""

import re

from fbl.core.dates import read_date
from fbl.core.headers import Headers, clean_address, domain_of, read_ip
from fbl.core.mime import Part
from fbl.core.original import original_recipients, references, returned_headers
from fbl.core.report import BounceClass, Kind, Recipient, Report, Unreadable

_KINDS: dict[str, Kind] = {
    "abuse": Kind.COMPLAINT,
    "complaint": Kind.COMPLAINT,
    "spam": Kind.COMPLAINT,
    "junk": Kind.COMPLAINT,
    "fraud": Kind.FRAUD,
    "phishing": Kind.FRAUD,
    "virus": Kind.VIRUS,
    "not-spam": Kind.NOT_SPAM,
    "notspam": Kind.NOT_SPAM,
    "auth-failure": Kind.AUTH_FAILURE,
    "dmarc": Kind.AUTH_FAILURE,
    "opt-out": Kind.UNSUBSCRIBE,
    "opt-out-list": Kind.UNSUBSCRIBE,
    "optout": Kind.UNSUBSCRIBE,
    "unsubscribe": Kind.UNSUBSCRIBE,
}
_TRAP_AGENT = re.compile(r"\babusix|spamtrap|\btrap-", re.IGNORECASE)
_TRAP_SUBJECT = re.compile(r"spam ?trap")
_NAMES_RECIPIENT = (
    "original-rcpt-to",
    "original-recipient",
    "original-rcpt",
    "final-recipient",
    "removal-recipient",
    "redacted-address",
)
_ODD_NAME = re.compile(r"^[A-Za-z]{1,20}(?:[_ ][A-Za-z]{1,20}){1,4}(?=:)", re.MULTILINE)
_MAX_RECIPIENTS = 100_000
_START = 2000  # characters within which the fields of a feedback part begin


def read(mail: Part) -> Report | None:
    part = _feedback_part(mail)
    original = Headers("")
    if part is None:
        if "feedback-report" not in mail.headers.get("content-type").lower():
            return None
        original = returned_headers(mail)
        if not original:
            raise Unreadable("This feedback report has no message/feedback-report part.")
    fields = _fields(part.content if part else "")
    original = original or returned_headers(mail)
    feedback_type = fields.get("feedback-type").partition(";")[0].strip(" \"'").lower().replace("_", "-")
    if not feedback_type and not original:
        raise Unreadable("The feedback part names no Feedback-Type, and the mail reported is missing.")
    return Report(
        kind=_kind(feedback_type, fields, mail),
        format="arf",
        feedback_type=feedback_type,
        reporter=domain_of(mail.headers.get("from")) or fields.get("reporting-mta").rpartition(";")[2].strip(),
        source_ip=read_ip(fields.get("source-ip") or fields.get("sourceip")),
        arrived_at=read_date(fields.get("arrival-date") or fields.get("received-date")),
        recipients=_recipients(fields, original, mail),
        references=references(
            original,
            mail,
            mail_from=fields.get("original-mail-from"),
            envelope_id=fields.get("original-envelope-id"),
        ),
        incidents=_incidents(fields.get("incidents")),
    )


def _feedback_part(mail: Part) -> Part | None:
    if not mail.content_type.startswith(("multipart/", "message/feedback-report")):
        return None
    types = mail.types
    if "message/feedback-report" in types:
        return mail.leaves[types.index("message/feedback-report")]
    # The type may be wrong; the fields are not.
    for part, content_type in zip(mail.leaves[:5], types, strict=False):
        if content_type in ("text/plain", "message/delivery-status"):
            if part.body.find("eedback-", 0, _START) < 0 and "base64" not in part.head:
                continue
            start = part.content.lstrip()[:_START].lower()
            if start.startswith(("feedback-type:", "user-agent:")) and "feedback-type:" in start:
                return part
    return None


def _fields(text: str) -> Headers:
    text = text.strip("\n ")
    # Some writers put blank lines between the fields, and underscores or spaces into their names.
    while "\n\n" in text:
        text = text.replace("\n\n", "\n")
    return Headers(_ODD_NAME.sub(_usual, text))


def _usual(name: re.Match[str]) -> str:
    return name[0].replace("_", "-").replace(" ", "-")


def _kind(feedback_type: str, fields: Headers, mail: Part) -> Kind:
    kind = _KINDS.get(feedback_type, Kind.OTHER)
    if not feedback_type and (not fields or fields.get("abuse-type").lower() == "complaint"):
        kind = Kind.COMPLAINT  # what feedback loops are for; it counts only with our reference, as any
    if kind is Kind.COMPLAINT and (_TRAP_AGENT.search(fields.get("user-agent")) or _TRAP_SUBJECT.search(mail.subject)):
        return Kind.TRAP
    return kind


def _recipients(fields: Headers, original: Headers, mail: Part) -> tuple[Recipient, ...]:
    found: dict[str, None] = {}
    for name in _NAMES_RECIPIENT:
        for value in fields.all(name):
            if address := clean_address(value.rpartition(";")[2]):
                found[address] = None
        if found:
            break
    if not found:
        hotmail = clean_address(original.get("x-hmxmroriginalrecipient"))
        found = dict.fromkeys([hotmail] if hotmail else original_recipients(original))
    if not found:
        return (Recipient(None, BounceClass.OTHER, "feedback"),)
    return tuple(Recipient(one, BounceClass.OTHER, "feedback") for one in list(found)[:_MAX_RECIPIENTS])


def _incidents(text: str) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() and 0 < len(text) < 7 and int(text) else 1
