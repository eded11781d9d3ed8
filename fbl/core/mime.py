"""A light reader of MIME mails (RFC 2045, RFC 2046): on demand, bounded, linear, and never shocked.

Python's own parser reads every part before one is asked for. Reports need a header here and a part
there, so this one finds parts by `str.find` and decodes only what is looked at. Whatever is malformed
is read as far as it can be: no input raises.
"""

import binascii
import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from fbl.core.headers import Headers, addresses, decode_base64, decode_bytes, parameters
from fbl.core.prose import html_as_text

MAX_DEPTH = 8  # multiparts within multiparts
MAX_PARTS = 100  # leaves looked at in one mail
MAX_HEAD = 1 << 20  # characters of one header block
MAX_TEXT = 1 << 18  # characters of a text part that are decoded

_SENT_TO = ("x-original-to", "delivered-to", "envelope-to", "to")
_TYPE = re.compile(r"\s*([\w.+-]{1,60}/[\w.+-]{1,60})")
_TYPE_FIELD = re.compile(r"^content-type[ \t]*+:\s*+([\w.+-]{1,60}/[\w.+-]{1,60})", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(r';\s*boundary="([^"]{1,200})"', re.IGNORECASE)
_FIRST_DELIMITER = re.compile(r"(?:^|\n)--([^\s]{1,200})[ \t]*\n[A-Za-z-]{1,40}:")
_START = 200  # characters of the body in which its first part begins
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


_Value = TypeVar("_Value")


class _lazy(Generic[_Value]):  # noqa: N801 - used as a decorator, like property
    """A property computed once. functools.cached_property takes a lock each time (until Python 3.12)."""

    def __init__(self, compute: Callable[[Any], _Value]) -> None:
        self.compute, self.name = compute, compute.__name__

    @overload
    def __get__(self, part: None, owner: type) -> "_lazy[_Value]": ...
    @overload
    def __get__(self, part: object, owner: type) -> _Value: ...
    def __get__(self, part: object | None, owner: type) -> "_lazy[_Value] | _Value":
        if part is None:
            return self
        value = self.compute(part)
        part.__dict__[self.name] = value
        return value


class Part:
    """A mail, or one part of it."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self.depth = depth
        end = text.find("\n\n")
        if 0 < end < MAX_HEAD and text[0] != "\n":  # as nearly all are
            self.head, self.body = text[:end], text[end + 2 :]
        else:
            self.head, self.body = split_head(text)

    @_lazy
    def headers(self) -> Headers:
        return Headers(self.head)

    @_lazy
    def content_type(self) -> str:
        """The type in lower case; "text/plain" when there is none or it cannot be read."""
        # The head of a part is short: looking through it is quicker than taking its fields apart.
        match = _TYPE_FIELD.search(self.head) if self.depth else _TYPE.match(self.headers.get("content-type"))
        if not match and not self.depth and "content-type" not in self.headers:
            # A relay may have lost the field; the parts are there.
            return "multipart/mixed" if _FIRST_DELIMITER.search(self.body[:_START]) else "text/plain"
        return match[1].lower() if match else "text/plain"

    @_lazy
    def subject(self) -> str:
        """The subject as people read it, in lower case, at most 500 characters."""
        return self.headers.text("subject")[:500].strip().lower()

    @property
    def is_receipt(self) -> bool:
        """Whether it tells what became of a mail in somebody's hands (RFC 8098): read, deleted, sent on."""
        return self.content_type == "multipart/report" and "disposition-notification" in self.headers.get(
            "content-type"
        )

    @_lazy
    def sent_to(self) -> list[str]:
        """The addresses the mail was sent to; of a report, those are the return path of the mail it is about."""
        headers = self.headers
        return [one for name in _SENT_TO if name in headers for value in headers.all(name) for one in addresses(value)]

    @_lazy
    def parameters(self) -> dict[str, str]:
        return parameters(self.headers.get("content-type"))

    @_lazy
    def children(self) -> list["Part"]:
        if self.depth >= MAX_DEPTH:
            return []
        boundary = _boundary(self.headers.get("content-type"))
        pieces = _split(self.body, boundary) if boundary else []
        if not pieces and (guess := _FIRST_DELIMITER.search(self.body[:MAX_TEXT])):
            pieces = _split(self.body, guess[1])
        return [Part(piece, self.depth + 1) for piece in pieces]

    @property
    def leaves(self) -> list["Part"]:
        """The parts that hold something, in order; message/rfc822 is a leaf, its content another mail's."""
        # A part that held a list of itself would stay in memory until the collector of cycles comes by.
        return self._leaves_within or [self]

    @_lazy
    def _leaves_within(self) -> list["Part"]:
        if not self.content_type.startswith("multipart/"):
            return []
        found: list[Part] = []
        waiting = self.children[::-1]
        while waiting and len(found) < MAX_PARTS:
            part = waiting.pop()
            if part.content_type.startswith("multipart/") and part.children:
                waiting.extend(reversed(part.children))
            else:
                found.append(part)
        return found

    @_lazy
    def types(self) -> list[str]:
        """The content types of the leaves."""
        return [part.content_type for part in self.leaves]

    @_lazy
    def content(self) -> str:
        """The body with its transfer encoding undone, as Latin-1 carried bytes."""
        if "ransfer-" not in self.head and "RANSFER-" not in self.head:
            return self.body
        encoding = self.headers.get("content-transfer-encoding").lower()
        if encoding.startswith("base64"):
            raw = self.body.encode("latin-1", "replace")
            return normalised(decode_base64(raw).decode("latin-1"))
        if encoding.startswith("quoted"):
            raw = self.body.encode("latin-1", "replace")
            return normalised(binascii.a2b_qp(raw).decode("latin-1"))
        return self.body

    @_lazy
    def text(self) -> str:
        """The content as people read it: charset applied, HTML taken off; at most `MAX_TEXT` characters."""
        text = self.decoded(MAX_TEXT)
        return html_as_text(text) if self.content_type == "text/html" else text

    def decoded(self, limit: int | None = None) -> str:
        """Return the content with its charset applied, at most `limit` bytes of it."""
        text = self.content[:limit] if limit else self.content
        if text.isascii() and "\x1b" not in text:
            return text
        return decode_bytes(text, self.parameters.get("charset", ""))


def read_mail(raw: bytes) -> Part:
    """Return the mail in these bytes: any line ends, an mbox "From " line before it or not."""
    text = normalised(raw.decode("latin-1").lstrip("\r\n"))
    start = 0
    while text.startswith(("From ", ">From "), start):
        start = text.find("\n", start) + 1 or len(text)
    return Part(text[start:] if start else text)


def split_head(text: str) -> tuple[str, str]:
    """Return the header block and the body."""
    end, start = _head_end(text)
    return text[: end if end < MAX_HEAD else MAX_HEAD], text[start:]


def head_of(text: str) -> str:
    """Return the header block alone."""
    end = _head_end(text)[0]
    return text[: end if end < MAX_HEAD else MAX_HEAD]


def _head_end(text: str) -> tuple[int, int]:
    """Return where the header block ends, and where the body starts."""
    if text.startswith("\n"):
        return 0, 1
    end = text.find("\n\n")
    if end >= 0:
        return end, end + 2
    # A line of blanks ends the block too. Ends of lines with blanks are rare, and quicker to rule out.
    blank = _BLANK_LINE.search(text) if " \n" in text or "\t\n" in text else None
    return blank.span() if blank else (len(text), len(text))


def _boundary(content_type: str) -> str:
    # The usual way of writing it first: to read all parameters takes longer than to split the mail by one.
    plain = _BOUNDARY.search(content_type) if "*" not in content_type else None
    return plain[1] if plain else parameters(content_type).get("boundary", "")


def normalised(text: str) -> str:
    if "\r" not in text:
        return text
    if "\r\r\n" in text:  # a gateway took each line end for a bare one, and mended it
        text = text.replace("\r\r\n", "\r\n")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(body: str, boundary: str) -> list[str]:
    """Return the text of each part between the delimiter lines of the boundary."""
    delimiter = "\n--" + boundary
    body = "\n" + body
    pieces: list[str] = []
    start = -1
    at = body.find(delimiter)
    while at >= 0 and len(pieces) < MAX_PARTS:
        after = at + len(delimiter)
        line_end = body.find("\n", after)
        if line_end < 0:
            line_end = len(body)
        rest = body[after : min(line_end, after + 80)].strip()
        if rest in ("", "--"):  # else the line opens a part of another boundary that begins alike
            if start >= 0:
                pieces.append(body[start:at])
            start = line_end + 1
            if rest:
                return pieces
        at = body.find(delimiter, line_end)
    if 0 <= start < len(body):
        pieces.append(body[start:])  # the closing delimiter is missing
    return pieces
