"""Read delivery status notifications (RFC 3464, RFC 6533) and their deviants."""

import re
from dataclasses import replace
from functools import cached_property

from fbl.core.classify import classify
from fbl.core.classify.codes import reply_in
from fbl.core.classify.verdict import Reason
from fbl.core.dates import read_date
from fbl.core.headers import Headers, addresses, clean_address, decode_words, domain_of, fields, unfold
from fbl.core.mime import MAX_TEXT, Part
from fbl.core.original import copied_headers, original_recipients, references, returned_headers
from fbl.core.prose import blocks, one_line, split_copy, without_titles
from fbl.core.report import BounceClass, Kind, Recipient, Report, Unreadable

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_STATUS_IN_TEXT = re.compile(
    r"^(?:Reporting-MTA|Final-Recipient|Original-Recipient)[ \t]*:[^\n]*\n(?=(?:[^\n]*\n){0,12}?Action[ \t]*:)",
    re.IGNORECASE | re.MULTILINE,
)
_DELIMITER = re.compile(r"^--\S", re.MULTILINE)
_NAMES_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")
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
_OF_RECIPIENT = frozenset({"status", "diagnostic-code"})
_SUCCESS = frozenset({"delivered", "relayed", "expanded", "deliverable"})
_ACTIONS = {
    "error": "failed",
    "failure": "failed",
    "fail": "failed",
    "delay": "delayed",
}  # as OpenSMTPD and others write
_LONGEST_TYPE = 40
_TYPED = re.compile(r"^\s*[\w./+-]{1,40}\s*;\s*")
_TRANSCRIPT = re.compile(r"-{3,} Transcript of session follows -{3,}[^\n]*\n", re.IGNORECASE)
_NOT_THE_REASON = re.compile(r"^<<< 503[^\n]*$|^>>>[^\n]*$", re.MULTILINE)
_MAX_RECIPIENTS = 100_000


def read(mail: Part) -> Report | None:
    status = _status_text(mail)
    if not status:
        return None
    message, entries = _entries(status)
    prose = _Prose(mail)
    original = returned_headers(mail) or copied_headers(prose.copy)
    if not entries:
        if not prose.words.strip() and not original:
            raise Unreadable("This delivery status notification names no recipient.")
        # The status part is empty; the human text may still name the recipient, for a format that reads texts.
        return None
    is_alone = len(entries) == 1
    recipients = tuple(_recipient(entry, prose, is_alone=is_alone) for entry in entries[:_MAX_RECIPIENTS])
    if not any(one.address for one in recipients):
        recipients = _addressed(recipients, prose, original, mail)
    is_bounce = any(one.action == "failed" for one in recipients)
    return Report(
        kind=Kind.BOUNCE if is_bounce else Kind.DELIVERY_NOTICE,
        format="dsn",
        reporter=_reporter(message, mail),
        arrived_at=read_date(message.get("arrival-date", "")),
        recipients=recipients,
        references=references(original, mail, envelope_id=message.get("original-envelope-id", ""), is_bounce=True),
    )


class _Prose:
    """The human text of the report, read only when the fields say too little."""

    def __init__(self, mail: Part) -> None:
        self.mail = mail

    @cached_property
    def text(self) -> str:
        """The parts before the status part, plain preferred to HTML."""
        plain, rich = "", ""
        for part in self.mail.leaves:
            if part.content_type == "text/plain" and not plain:
                plain = part.text
            elif part.content_type == "text/html" and not rich:
                rich = part.text
        return plain or rich

    @cached_property
    def split(self) -> tuple[str, str]:
        words, copy = split_copy(self.text)
        return without_titles(words), copy

    @property
    def words(self) -> str:
        return self.split[0]

    @property
    def copy(self) -> str:
        """The mail, or its header, that old MTAs give back in their own text."""
        return self.split[1]

    @cached_property
    def told(self) -> dict[str, str]:
        return {block.address.lower(): block.text for block in blocks(self.words)}

    @cached_property
    def session(self) -> str:
        """What the other server said in the SMTP session that Sendmail copies into its report."""
        transcript = _TRANSCRIPT.search(self.words)
        if transcript is None:
            return ""
        session = self.words[transcript.end() :][:8000]
        return _NOT_THE_REASON.sub("", session).replace("<<< ", "").strip()


def _status_text(mail: Part) -> str:
    """Return the status part; when no part is typed so, the status fields in a text (a forwarded or torn report)."""
    for part, content_type in zip(mail.leaves, mail.types, strict=True):
        if content_type in _STATUS_TYPES:
            return part.decoded() or "\n"
    for part in mail.leaves[:5]:
        if not part.content_type.startswith("text/") or "-recipient" not in part.body[:MAX_TEXT].lower():
            continue
        if match := _STATUS_IN_TEXT.search(part.text):
            text = part.text[match.start() :]
            end = _DELIMITER.search(text)
            return text[: end.start()] if end else text
    return ""


def _entries(status: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the fields of the message, and those of each recipient.

    Writers forget the blank line between recipients, or put one inside: a recipient starts where a field
    that every recipient has stands again, not where a blank line is.
    """
    message: dict[str, str] = {}
    entries: list[dict[str, str]] = []
    current = message
    ahead: dict[str, str] = {}  # of the next recipient, when its address does not come first
    for written, value in fields(status):
        name, value = written.lower(), unfold(value)
        if name in _OF_MESSAGE:
            message.setdefault(name, value)
            continue
        if name in _NAMES_RECIPIENT or name == "action":
            if current is message or ahead or name in current:
                current, ahead = ahead, {}
                entries.append(current)
        elif name in _OF_RECIPIENT and current is message:
            current = {}
            entries.append(current)
        elif ahead or (name in _OF_RECIPIENT and name in current):
            ahead.setdefault(name, value)
            continue
        current.setdefault(name, value)
    return message, entries


def _recipient(entry: dict[str, str], prose: _Prose, *, is_alone: bool) -> Recipient:
    address = _address(entry)
    original = _untyped(entry.get("original-recipient", ""))
    status = entry.get("status", "")
    action = entry.get("action", "").lower().partition(" ")[0].rstrip(";.,")
    action = _ACTIONS.get(action, action) or _action_of(status)
    diagnostic = one_line(decode_words(_untyped(entry.get("diagnostic-code", ""))))
    if action in _SUCCESS:
        code = diagnostic[:3] if diagnostic[:3].isdecimal() else ""
        return Recipient(
            address, BounceClass.OTHER, Reason.DELIVERED.value, status[:9].strip(), code, action, diagnostic
        )
    remote = entry.get("remote-mta", "")
    comment = status.partition("(")[2].rstrip(") ")  # "5.2.1 (mailbox disabled)"
    verdict = classify(diagnostic or comment, status=status, remote=remote)
    if not verdict.is_told:
        session = prose.session if is_alone or not diagnostic else ""
        told = prose.told.get((address or "").lower(), "") or prose.told.get(original.lower(), "")
        # Without a field for it, the answer of the other server may be quoted in the words for people.
        diagnostic = diagnostic or one_line(session) or (one_line(told).lstrip(": ") if reply_in(told) else "")
        told = told or (prose.words if is_alone else "")
        verdict = classify(diagnostic or comment, status=status, remote=remote, prose=f"{session}\n{told}".strip())
        diagnostic = diagnostic or comment or one_line(told, 500)
    one = Recipient(
        address=address,
        bounce_class=verdict.bounce_class,
        reason=verdict.reason.value,
        status=verdict.status,
        reply_code=verdict.reply_code,
        action=action,
        diagnostic=diagnostic or comment,
        blocklists=verdict.blocklists,
        basis=verdict.basis.value,
        rule=verdict.rule,
        original=clean_address(original) or None,
    )
    if action != "delayed":
        return one
    reason = verdict.reason if verdict.bounce_class is BounceClass.SOFT else Reason.DELAYED
    return replace(one, bounce_class=BounceClass.SOFT, reason=reason.value)


def _address(entry: dict[str, str]) -> str | None:
    """Return the address at which the mail failed: the one it was sent on to when that is given."""
    for name in ("final-recipient", "original-recipient", "x-actual-recipient", "to", "x-original-to"):
        if name not in entry:
            continue
        value = _untyped(decode_words(entry[name]))
        if value.startswith(("|", "@")) and name != "original-recipient":
            continue  # "|/path/of/a/program", "@relay.example.com:a@host": no address one could write to
        if address := clean_address(value):
            return address
    for name in ("final-recipient", "original-recipient"):
        if found := addresses(entry.get(name, "")):
            return found[0]
    return None


def _untyped(value: str) -> str:
    """Return the value of a field without the type before it: "rfc822; ", "smtp; "."""
    before, semicolon, after = value.partition(";")
    if not semicolon:
        return value
    if before.isalnum() and len(before) <= _LONGEST_TYPE:
        return after.lstrip()
    return _TYPED.sub("", value)


def _addressed(
    recipients: tuple[Recipient, ...], prose: _Prose, original: Headers, mail: Part
) -> tuple[Recipient, ...]:
    """Return the recipients with an address found elsewhere, when the status part gives none."""
    found = (
        [block.address for block in blocks(prose.words)]
        or addresses(mail.headers.get("x-failed-recipients"))
        or original_recipients(original)
    )
    if len(found) < len(recipients):
        return recipients
    return tuple(replace(one, address=address) for one, address in zip(recipients, found, strict=False))


def _action_of(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _reporter(message: dict[str, str], mail: Part) -> str:
    name = _untyped(message.get("reporting-mta", "")).partition(" ")[0].lower()
    return name[:255] or domain_of(mail.headers.get("from"))
