"""Read delivery status notifications (RFC 3464, RFC 6533) and their deviants."""

import re
from dataclasses import replace

from fbl.core.classify import classify
from fbl.core.classify.verdict import Reason
from fbl.core.dates import read_date
from fbl.core.headers import Headers, addresses, clean_address, decode_words, domain_of
from fbl.core.mime import Part
from fbl.core.original import original_recipients, references, returned_headers
from fbl.core.prose import blocks, one_line, split_copy
from fbl.core.report import BounceClass, Kind, Recipient, Report, Unreadable

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_STATUS_IN_TEXT = re.compile(
    r"^(?:Reporting-MTA|Final-Recipient|Original-Recipient)[ \t]*:[^\n]*\n(?=(?:[^\n]*\n){0,12}?Action[ \t]*:)",
    re.IGNORECASE | re.MULTILINE,
)
_DELIMITER = re.compile(r"^--\S", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*\n\s*")
_NAMES_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")
_SUCCESS = frozenset({"delivered", "relayed", "expanded", "deliverable"})
_ACTIONS = {
    "error": "failed",
    "failure": "failed",
    "fail": "failed",
    "delay": "delayed",
}  # as OpenSMTPD and others write
_TYPED = re.compile(r"^\s*[\w./+-]{1,40}\s*;\s*")
_TRANSCRIPT = re.compile(r"-{3,} Transcript of session follows -{3,}[^\n]*\n", re.IGNORECASE)
_NOT_THE_REASON = re.compile(r"^<<< 503[^\n]*$|^>>>[^\n]*$", re.MULTILINE)
_MAX_RECIPIENTS = 100_000


def read(mail: Part) -> Report | None:
    status = _status_text(mail)
    if not status:
        return None
    message, entries = _entries(status)
    text = _words(mail)
    words, _copy = split_copy(text)
    original = returned_headers(mail, text)
    if not entries:
        if not words.strip() and not len(original):
            raise Unreadable("This delivery status notification names no recipient.")
        # The status part is empty; the human text may still name the recipient, for a format that reads texts.
        return None
    told = {block.address.lower(): block.text for block in blocks(words)}
    recipients = tuple(_recipient(entry, told, words, len(entries)) for entry in entries[:_MAX_RECIPIENTS])
    if not any(one.address for one in recipients):
        recipients = _addressed(recipients, words, original, mail)
    is_bounce = any(one.action == "failed" for one in recipients)
    return Report(
        kind=Kind.BOUNCE if is_bounce else Kind.DELIVERY_NOTICE,
        format="dsn",
        reporter=_reporter(message, mail),
        arrived_at=read_date(message.get("arrival-date")),
        recipients=recipients,
        references=references(original, mail, envelope_id=message.get("original-envelope-id"), is_bounce=True),
    )


def _words(mail: Part) -> str:
    """Return the human text: the parts before the status part, plain preferred to HTML."""
    plain, rich = "", ""
    for part in mail.leaves:
        if part.content_type == "text/plain" and not plain:
            plain = part.text
        elif part.content_type == "text/html" and not rich:
            rich = part.text
    return plain or rich


def _status_text(mail: Part) -> str:
    """Return the status part; when no part is typed so, the status fields in a text (a forwarded or torn report)."""
    for part in mail.leaves:
        if part.content_type in _STATUS_TYPES:
            return part.decoded() or "\n"
    for part in mail.leaves[:5]:
        if part.content_type.startswith("text/") and (match := _STATUS_IN_TEXT.search(part.text)):
            text = part.text[match.start() :]
            end = _DELIMITER.search(text)
            return text[: end.start()] if end else text
    return ""


def _entries(status: str) -> tuple[Headers, list[Headers]]:
    """Return the fields of the message, and those of each recipient.

    Writers forget the blank line between recipients, or put one inside: a recipient starts where its
    address stands again, not where a blank line is.
    """
    parts = [Headers(block) for block in _BLANK.split(status.strip())]
    message: list[tuple[str, str]] = []
    entries: list[list[tuple[str, str]]] = []
    for block in parts:
        current: list[tuple[str, str]] | None = None
        names = {name.lower() for name, _value in block.fields}
        if not names & {"final-recipient", "original-recipient", "action", "status", "diagnostic-code"}:
            (entries[-1] if entries and "reporting-mta" not in names else message).extend(block.fields)
            continue
        if entries and not names & set(_NAMES_RECIPIENT):
            current = entries[-1]  # the rest of the recipient before the blank line
        seen: set[str] = {name.lower() for name, _value in current} if current else set()
        is_message = "reporting-mta" in names
        for name, value in block.fields:
            lower = name.lower()
            if is_message and lower in _OF_MESSAGE:
                message.append((name, value))
                continue
            if current is None or (lower in ("final-recipient", "original-recipient", "action") and lower in seen):
                current = []
                entries.append(current)
                seen = set()
            current.append((name, value))
            seen.add(lower)
    return _headers(message), [_headers(entry) for entry in entries]


_OF_MESSAGE = frozenset(
    {
        "reporting-mta",
        "arrival-date",
        "original-envelope-id",
        "received-from-mta",
        "dsn-gateway",
        "x-original-message-id",
    }
)


def _headers(fields: list[tuple[str, str]]) -> Headers:
    return Headers("\n".join(f"{name}: {value}" for name, value in fields))


def _recipient(entry: Headers, told: dict[str, str], words: str, count: int) -> Recipient:
    address = _address(entry)
    status = entry.get("status")
    action = entry.get("action").lower().partition(" ")[0].rstrip(";.,")
    action = _ACTIONS.get(action, action) or _action_of(status)
    diagnostic = one_line(decode_words(_TYPED.sub("", entry.get("diagnostic-code"))))
    if action in _SUCCESS:
        return Recipient(
            address, BounceClass.OTHER, Reason.DELIVERED, status[:9].strip(), _reply(diagnostic), action, diagnostic
        )
    prose = told.get((address or "").lower(), "") or (words if count == 1 else "")
    session = _session(words, address) if count == 1 or not diagnostic else ""
    if not diagnostic:
        diagnostic = one_line(session) or _comment(status)
    verdict = classify(diagnostic, status=status, remote=entry.get("remote-mta"), prose=f"{session}\n{prose}".strip())
    one = Recipient(
        address=address,
        bounce_class=verdict.bounce_class,
        reason=verdict.reason,
        status=verdict.status,
        reply_code=verdict.reply_code,
        action=action,
        diagnostic=diagnostic or one_line(prose, 500),
        blocklists=verdict.blocklists,
    )
    if action != "delayed":
        return one
    reason = verdict.reason if verdict.bounce_class is BounceClass.SOFT else Reason.DELAYED
    return replace(one, bounce_class=BounceClass.SOFT, reason=reason)


def _address(entry: Headers) -> str | None:
    """Return the address the mail was sent to: the original one when given, else the last it was sent on to."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient", "to", "x-original-to"):
        value = _TYPED.sub("", decode_words(entry.get(name)))
        if value.startswith("|"):
            continue  # "|/path/of/a/program": nobody's address
        if address := clean_address(value):
            return address
    for name in ("original-recipient", "final-recipient"):
        if found := addresses(entry.get(name)):
            return found[0]
    return None


def _addressed(recipients: tuple[Recipient, ...], words: str, original: Headers, mail: Part) -> tuple[Recipient, ...]:
    """Return the recipients with an address found elsewhere, when the status part gives none."""
    found = (
        [block.address for block in blocks(words)]
        or addresses(mail.headers.get("x-failed-recipients"))
        or original_recipients(original)
    )
    if len(found) < len(recipients):
        return recipients
    return tuple(replace(one, address=address) for one, address in zip(recipients, found, strict=False))


def _action_of(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _session(words: str, address: str | None) -> str:
    """Return what the other server said in the SMTP session that Sendmail copies into its report."""
    transcript = _TRANSCRIPT.search(words)
    if transcript is None:
        return ""
    session = words[transcript.end() :][:8000]
    return _NOT_THE_REASON.sub("", session).replace("<<< ", "").strip()


def _comment(status: str) -> str:
    """Return the words some MTAs put behind the code: "5.2.1 (mailbox disabled)"."""
    return status.partition("(")[2].rstrip(") ")


def _reply(diagnostic: str) -> str:
    return diagnostic[:3] if diagnostic[:3].isdecimal() else ""


def _reporter(message: Headers, mail: Part) -> str:
    name = _TYPED.sub("", message.get("reporting-mta")).partition(" ")[0].lower()
    return name[:255] or domain_of(mail.headers.get("from"))
