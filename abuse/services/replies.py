"""Mail that answers a letter: its words go into the case whose address it was sent to."""

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

from abuse.core import reply_address
from abuse.models import Case, CaseEvent
from abuse.services import history, letters
from courrielleur.accounts.actors import Actor

LONGEST_MESSAGE = 20_000  # characters; of a case's messages, however they come

_BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote"})
_UNSEEN = frozenset({"script", "style", "head", "title"})


class UnknownReplyAddress(Exception):
    """No case has this address: it was mistyped, or guessed."""


def record_reply(address: str, from_address: str, text: str, now: datetime, *, is_automatic: bool = False) -> CaseEvent:
    """Record words sent to a case's reply address. Raises `UnknownReplyAddress`.

    Who wrote is taken from the mail and can be forged: the line shows the address, and moves nothing. An
    automatic answer is seen by the abuse team only.
    """
    case_key = reply_address.case_key_of(address, letters.reply_key())
    case = Case.objects.filter(key=case_key).first() if case_key else None
    if case is None:
        raise UnknownReplyAddress(address)
    return history.tell(
        case,
        "auto_reply" if is_automatic else "message",
        actor=Actor(label=from_address or "<>"),
        now=now,
        text=text.strip()[:LONGEST_MESSAGE],
        data={"by": "mail"},
        is_internal=is_automatic,
    )


def record_mail(envelope_to: str, envelope_from: str, raw: bytes, now: datetime) -> str:
    """Record a whole mail as `record_reply` does. Return why it belongs to no case, or nothing."""
    mail = message_from_bytes(raw, policy=policy.default)
    is_automatic = not envelope_from.strip("<> ") or str(mail.get("Auto-Submitted", "no")).strip().lower() != "no"
    try:
        record_reply(envelope_to, _author(mail) or envelope_from, text_of(mail), now, is_automatic=is_automatic)
    except UnknownReplyAddress:
        return "no case has this reply address"
    return ""


def text_of(mail: EmailMessage) -> str:
    """Return the words of *mail*: its plain text, or what its HTML shows. Damaged mail gives what can be read."""
    try:
        part = mail.get_body(preferencelist=("plain", "html"))
        content = part.get_content() if part else ""
    except (LookupError, ValueError, AttributeError):
        part, content = None, _decoded(mail)
    if not isinstance(content, str):
        return ""
    if part is not None and part.get_content_subtype() == "html":
        content = _seen(content)
    # PostgreSQL keeps no NUL, and a mail may hold any byte.
    content = content.replace("\x00", "").replace("\r\n", "\n")
    return re.sub(r"\n{3,}", "\n\n", content).strip()


def _author(mail: EmailMessage) -> str:
    try:
        header = mail["From"]
        return header.addresses[0].addr_spec if header and header.addresses else ""
    except (IndexError, ValueError, AttributeError):
        return ""


def _decoded(mail: EmailMessage) -> str:
    payload = mail.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self.unseen:
            self.unseen -= 1

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)


def _seen(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)
