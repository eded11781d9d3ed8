"""Mail that answers a letter: its words go into the case whose address it was sent to."""

import re
from collections.abc import Sequence
from datetime import datetime

from abuse.core import reply_address
from abuse.models import Case, CaseEvent
from abuse.services import history
from courrielleur import vault
from courrielleur.accounts.actors import Actor
from fbl.core.formats import auto_reply
from fbl.core.headers import clean_address, decode_words, parameters
from fbl.core.mime import MAX_TEXT, Part, read_mail
from fbl.core.prose import html_as_text

LONGEST_MESSAGE = 20_000  # characters; of a case's messages, however they come
LONGEST_NAME, MOST_NAMES = 100, 20  # of attached files: characters, and how many are named

# `html_as_text` leaves "<marie@example.com>" alone; a link to an address is a tag all the same.
_TAG_WITH_ADDRESS = re.compile(r"<[A-Za-z][A-Za-z0-9]{0,20}\s[^<>@]*@[^<>]*>")


class UnknownReplyAddress(Exception):
    """No case has this address: it was mistyped, or guessed."""


def record_reply(
    address: str,
    from_address: str,
    text: str,
    now: datetime,
    *,
    is_automatic: bool = False,
    attachments: Sequence[str] = (),
) -> CaseEvent:
    """Record words sent to a case's reply address. Raises `UnknownReplyAddress`.

    Who wrote is taken from the mail and can be forged: the line shows the address, and moves nothing. An
    automatic answer is seen by the abuse team only.
    """
    case_key = reply_address.case_key_of(address, vault.reply_keys())
    case = Case.objects.filter(key=case_key).first() if case_key else None
    if case is None:
        raise UnknownReplyAddress(address)
    return history.tell(
        case,
        "auto_reply" if is_automatic else "message",
        actor=Actor(label=_stored(from_address) or "<>"),
        now=now,
        text=_stored(text).strip()[:LONGEST_MESSAGE],
        data={"by": "mail", "attachments": list(attachments)},
        is_internal=is_automatic,
    )


def record_mail(envelope_to: str, envelope_from: str, raw: bytes, now: datetime) -> str:
    """Record a whole mail as `record_reply` does. Return why it belongs to no case, or nothing.

    Anybody may write to the case domain, so the mail is read by the reader of reports: bounded, and never shocked.
    """
    mail = read_mail(raw)
    is_automatic = not envelope_from.strip("<> ") or auto_reply.read(mail) is not None
    author = clean_address(mail.headers.text("from")) or envelope_from
    try:
        record_reply(
            envelope_to, author, text_of(mail), now, is_automatic=is_automatic, attachments=attachments_of(mail)
        )
    except UnknownReplyAddress:
        return "no case has this reply address"
    return ""


def text_of(mail: Part) -> str:
    """Return the words of *mail*: its plain text, or what its HTML shows. Damaged mail gives what can be read."""
    bodies = [part for part in mail.leaves if not _is_file(part)]
    for wanted in ("text/plain", "text/html"):
        for part in bodies:
            if part.content_type == wanted and (words := _words_of(part)):
                return words
    return ""


def attachments_of(mail: Part) -> list[str]:
    """Return the names of the files that came along: they are not kept, and whoever reads the case is told."""
    return [_stored(_name_of(part))[:LONGEST_NAME] for part in mail.leaves if _is_file(part)][:MOST_NAMES]


def _is_file(part: Part) -> bool:
    disposition = part.headers.get("content-disposition").lower()
    if disposition.startswith("inline") and part.content_type.startswith("image/"):
        return False  # the logo of a signature
    return disposition.startswith("attachment") or not part.content_type.startswith(("text/", "multipart/"))


def _name_of(part: Part) -> str:
    name = parameters(part.headers.get("content-disposition")).get("filename") or part.parameters.get("name", "")
    return decode_words(name) or part.content_type


def _words_of(part: Part) -> str:
    text = part.decoded(MAX_TEXT)
    if part.content_type == "text/html":
        first, *others = text.split("<!--")
        shown = first + "".join(other.partition("-->")[2] for other in others)
        text = "\n".join(line.strip() for line in html_as_text(_TAG_WITH_ADDRESS.sub(" ", shown)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", _stored(text)).strip()


def _stored(text: str) -> str:
    """Return *text* without what PostgreSQL refuses: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
