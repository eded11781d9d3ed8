"""Tell the documents that may be added to an answer by their content: PDF, images, mails. Names prove nothing.

Beginnings of files: PDF (ISO 32000-1, 7.5.2), PNG (W3C PNG, 5.2), JPEG (ITU-T T.81, B.1.1.3), GIF89a, WebP (RFC 9649).
"""

import re
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import default
from enum import StrEnum

LARGEST = 10 * 1024 * 1024  # bytes
MOST_PER_ANSWER = 10
_PDF_BEGINS_WITHIN = 1024  # bytes; some writers put a line before the heading
_HEADERS_WITHIN = 64 * 1024  # bytes
_FIELD = re.compile(rb"[!-9;-~]{1,76}:")  # a header's name (RFC 5322, 2.2)
_MAIL_FIELDS = frozenset({"date", "message-id", "received", "subject", "to"})


class DocumentKind(StrEnum):
    PDF = "pdf"
    IMAGE = "image"
    MAIL = "mail"


@dataclass(frozen=True)
class Recognised:
    kind: DocumentKind
    media_type: str


def recognise(data: bytes) -> Recognised | None:
    """Return what *data* is, None for everything that an answer doesn't take.

    >>> recognise(b"%PDF-1.7").media_type
    'application/pdf'
    >>> recognise(b"<html>") is None
    True
    """
    for beginning, media_type in _IMAGES:
        if data.startswith(beginning):
            return Recognised(DocumentKind.IMAGE, media_type)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Recognised(DocumentKind.IMAGE, "image/webp")
    if b"%PDF-" in data[:_PDF_BEGINS_WITHIN]:
        return Recognised(DocumentKind.PDF, "application/pdf")
    if _is_mail(data[:_HEADERS_WITHIN]):
        return Recognised(DocumentKind.MAIL, "message/rfc822")
    return None


def safe_name(name: str, recognised: Recognised) -> str:
    """Return a name to keep: its last part, without what no file is called, ending as its content says.

    >>> safe_name("C:\\\\scans\\\\preuve.exe", Recognised(DocumentKind.PDF, "application/pdf"))
    'preuve.exe.pdf'
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '"<>|:*?').strip(". ")[:120]
    endings = _ENDINGS[recognised.media_type]
    return kept if kept.lower().endswith(endings) else f"{kept or 'document'}{endings[0]}"


def _is_mail(head: bytes) -> bool:
    """Whether this is the beginning of a mail: a header field at once, a sender, and another field that mails have."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in head or not _FIELD.match(head):
        return False
    names = {name.lower() for name in BytesHeaderParser(policy=default).parsebytes(head)}
    return "from" in names and not names.isdisjoint(_MAIL_FIELDS)


_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_ENDINGS = {
    "application/pdf": (".pdf",),
    "message/rfc822": (".eml",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
}
