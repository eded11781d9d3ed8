"""Words in human text: HTML taken off, the returned copy cut off, the block about each recipient found."""

import html
import re
from dataclasses import dataclass

from fbl.core.headers import ADDRESS, clean_address

_HIDDEN = re.compile(r"<(?=(?:style|script|head)\b)", re.IGNORECASE)
_HIDDEN_END = re.compile(r"</(?:style|script|head)[^<>]{0,20}>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|p|div|tr|hr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>@]*>")
_SPACE = re.compile(r"[ \t\xa0]+")

# Lines with which MTAs introduce the copy of the mail they give back, without the rules drawn around them.
_RULES = " \t>*=_-#~+:."
_COPY_BEGINS = (
    *(
        f"{which} {word} copy of"
        for which in ("this is", "enclosed is", "following is", "attached is", "here is")
        for word in ("a", "the")
    ),
    *("below this line is a copy", "following this line is a copy", "copy of the original message", "copie du message"),
    *("original message header", "original message follows", "original message text", "original message as follows"),
    *("original mail as follows", "original mail follows", "the header of the original m", "header of the original m"),
    *(
        "headers of the original m",
        "the headers of the original m",
        "the original message follows",
        "message d'origine",
    ),
    *("returned message header", "start of original message", "start of the original message", "start of returned"),
    *("beginning of original message", "beginning of the original message", "start of forwarded message"),
)
_COPY_LINES = frozenset(
    {"original message", "original mail", "the original message", "the original mail", "original headers"}
    | {
        f"{state} {what}{tail}"
        for state in ("unsent", "undelivered", "returned")
        for what in ("message", "mail")
        for tail in ("", " follows", " header", " headers")
    }
    | {
        f"{what} {part}{tail}"
        for what in ("message", "mail")
        for part in ("header", "headers", "text", "content", "contents")
        for tail in ("", " follows", " follow")
    }
)
# The same without an introduction: the header block itself, two fields or more.
_HEADER_BEGINS = ("received:", "return-path:", "message-id:", "dkim-signature:", "x-received:", "delivered-to:")
# A line that begins with other letters is none of these.
_FIRST = 4
_COPY_HEADS = frozenset(words[:_FIRST] for words in (*_COPY_BEGINS, *_COPY_LINES))
_HEADER_HEADS = frozenset(words[:_FIRST] for words in _HEADER_BEGINS)
_FIELD_OR_FOLD = re.compile(r"[ \t]+\S|[!-9;-~]{2,60}[ \t]*:")
# What people wrote above their mail is no reason either.
_TITLE = re.compile(
    r"^[ \t>*]{0,20}(?:subject|objet|betreff|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|тема|件名|主题|主旨)"
    r"[ \t\xa0]{0,3}:[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS_LINE = re.compile(
    r"[ \t>*•-]{0,60}(?:\d{1,3}[.)][ \t]+)?(?:(?:recipient|address|for|rcpt to|destinataire|pour|à)[ \t]*:[ \t]*)?"
    r"[<(\"'«]?[ \t]?(?:mailto:)?(" + ADDRESS.pattern + r")[ \t]?[>)\"'»]?",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(r"[ \t]{0,9}<([^\s<>()@]{1,128}@[^\s<>()@]{1,200})>:")


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
    body = "".join(kept)
    if _BREAK.search(body) and "<pre" not in body.lower():
        body = body.replace("\n", " ")  # in HTML the end of a line is a space
    plain = _TAG.sub(" ", _BREAK.sub("\n", body))
    return _SPACE.sub(" ", html.unescape(plain))


def without_titles(text: str) -> str:
    """Return the words of a report without the lines that quote the subject of the mail it is about."""
    return _TITLE.sub("", text)


def split_copy(text: str) -> tuple[str, str]:
    """Return the report's own words, and the copy of the mail they give back ("" when there is none)."""
    start = 0
    for line in text.split("\n"):
        end = start + len(line) + 1
        bare = line[:200].strip(_RULES).lower()
        head = bare[:_FIRST]
        if head in _COPY_HEADS and (bare in _COPY_LINES or bare.startswith(_COPY_BEGINS)):
            return text[:start], text[end:].lstrip("\n")
        if (
            head in _HEADER_HEADS
            and line[:16].replace(" ", "").lower().startswith(_HEADER_BEGINS)
            and _FIELD_OR_FOLD.match(text, end)
        ):
            return text[:start], text[start:]
        start = end
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
            line = line[opening.end() :]
            if named := _AFTER_NAME.match(line):  # what stands first is a name that looks like an address
                address, line = named[1], line[named.end() - 1 :]
            told = found.setdefault(address, [])
        told.append(line)
    return [Block(address, "\n".join(lines)) for address, lines in found.items()]


def one_line(text: str, limit: int = 2000) -> str:
    return " ".join(text[: limit * 2].split())[:limit]
