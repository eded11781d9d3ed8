"""Words in human text: HTML taken off, the returned copy cut off, the block about each recipient found."""

import html
import re
from dataclasses import dataclass

from fbl.core.headers import ADDRESS, clean_address
from fbl.core.vocabulary import says_any

_HIDDEN = re.compile(r"<(?=(?:style|script|head)\b)", re.IGNORECASE)
_HIDDEN_END = re.compile(r"</(?:style|script|head)[^<>]{0,20}>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|p|div|tr|hr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>@]*>")
_SPACE = re.compile(r"[ \t\xa0]+")

# Lines with which MTAs introduce the copy of the mail they give back.
_COPY = re.compile(
    r"^[ \t>*=_-]{0,80}(?:"
    r"(?:below|following) this line is a copy"
    r"|(?:this|enclosed|following|attached|here) is (?:a|the) copy of"
    r"|(?:the )?original (?:message|mail)(?: text)?(?: headers?)?(?: (?:follows?|as follows))?[ \t:.-]*$"
    r"|(?:the )?headers? of the original (?:message|mail)"
    r"|(?:un(?:sent|delivered)|returned) (?:message|mail)(?: headers?)?(?: follows)?[ \t:.-]*$"
    r"|(?:message|mail) (?:header|text|contents?)s?(?: follows?)?[ \t:.-]*$"
    r"|(?:original|returned) message header"
    r"|(?:start|beginning) of (?:the )?(?:original|returned|forwarded) message"
    r"|message d'origine"
    r"|copie du message"
    r")[^\n]{0,200}$",
    re.IGNORECASE | re.MULTILINE,
)
_COPY_HINTS = (
    "copy",
    "original",
    "unsent",
    "undelivered",
    "returned",
    "header",
    "message",
    "mail text",
    "copie",
    "origine",
)
_HEADER_HINTS = (
    "received:",
    "return-path:",
    "message-id:",
    "dkim-signature:",
    "delivered-to:",
    "received :",
    "message-id :",
)
# The same without an introduction: the header block itself.
_HEADER_BLOCK = re.compile(
    r"(?:^|\n)(?=(?:Received|Return-Path|Message-ID|DKIM-Signature|X-Received|Delivered-To)[ \t]*:[^\n]*\n"
    r"(?:[ \t][^\n]*\n){0,40}[!-9;-~]{2,60}:)",
    re.IGNORECASE,
)
_ADDRESS_LINE = re.compile(
    r"[ \t>*•-]{0,60}(?:\d{1,3}[.)][ \t]+)?(?:(?:recipient|address|for|rcpt to|destinataire|pour|à)[ \t]*:[ \t]*)?"
    r"[<(\"'«]?[ \t]?(?:mailto:)?(" + ADDRESS.pattern + r")[ \t]?[>)\"'»]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """What the text says about one recipient."""

    address: str
    text: str


def html_as_text(text: str) -> str:
    """Return the words of an HTML part, one line per block, links and styles gone; linear in its length."""
    pieces = _HIDDEN.split(text)
    kept = [pieces[0]]
    for piece in pieces[1:]:
        end = _HIDDEN_END.search(piece)
        kept.append(piece[end.end() :] if end else "")
    plain = _TAG.sub(" ", _BREAK.sub("\n", "".join(kept)))
    return _SPACE.sub(" ", html.unescape(plain))


def split_copy(text: str) -> tuple[str, str]:
    """Return the report's own words, and the copy of the mail they give back ("" when there is none)."""
    lower = text.lower()
    marked = _COPY.search(text) if says_any(lower, _COPY_HINTS) else None
    headers = _HEADER_BLOCK.search(text) if says_any(lower, _HEADER_HINTS) else None
    if marked and (headers is None or marked.start() <= headers.start()):
        return text[: marked.start()], text[marked.end() :].lstrip("\n")
    if headers:
        return text[: headers.start()], text[headers.end() :]
    return text, ""


def blocks(text: str) -> list[Block]:
    """Return a block for each line that opens with an address: that line's rest and the lines up to the next.

    This is how qmail, Exim, Postfix, Yahoo, Courier and most others lay out a bounce in plain text.
    """
    found: dict[str, list[str]] = {}
    told: list[str] = []  # lines before the first recipient are nobody's
    for line in text.split("\n"):
        opening = _ADDRESS_LINE.match(line) if "@" in line else None
        if opening and (address := clean_address(opening[1])):
            told = found.setdefault(address, [])
            line = line[opening.end() :]
        told.append(line)
    return [Block(address, "\n".join(lines)) for address, lines in found.items()]


def one_line(text: str, limit: int = 2000) -> str:
    return " ".join(text[: limit * 2].split())[:limit]
