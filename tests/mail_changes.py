"""Change a mail without changing what it says: other names, wrapping and encodings, parts missing.

Each change returns None where it can't be made.
"""

import base64
import email
import email.policy
import re
import textwrap
from collections.abc import Callable, Iterator
from email.message import Message
from html import escape

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_OPTIONAL = re.compile(
    rb"^(?:arrival-date|reporting-mta|remote-mta|last-attempt-date|received-from-mta|original-envelope-id|final-log-id"
    rb"|will-retry-until|x-[a-z-]+)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n",
    re.IGNORECASE | re.MULTILINE,
)
_DIAGNOSTIC = re.compile(rb"^diagnostic-code[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(rb"boundary=(?:\"([^\"\n]{6,})\"|([^\s;\"]{6,}))", re.IGNORECASE)
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*")
_BANNER = "CAUTION: This message came from outside of our organization. Be careful with links and attachments."

Change = Callable[[bytes], bytes | None]


def other_names(raw: bytes) -> bytes:
    return raw.replace(b"example", b"courier-post")


def other_boundaries(raw: bytes) -> bytes | None:
    found = sorted({quoted or bare for quoted, bare in _BOUNDARY.findall(raw)}, key=len, reverse=True)
    for number, one in enumerate(found):
        raw = raw.replace(one, f"=_part_{number}_of_mail".encode())
    return raw if found else None


def other_line_ends(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def fields_reversed(raw: bytes) -> bytes:
    head, fields, body = _head(raw)
    return b"".join(reversed(fields)) + b"\n" + body if len(b"".join(fields)) == len(head) else raw


def names_in_capitals(raw: bytes) -> bytes:
    _head_block, fields, body = _head(raw)
    return b"".join(one[: one.find(b":")].upper() + one[one.find(b":") :] for one in fields) + b"\n" + body


def through_a_gateway(raw: bytes) -> bytes:
    """As a scanning gateway hands it on: more header fields, a tag before the subject."""
    raw = re.sub(rb"(?im)^subject:[ \t]*", b"Subject: [EXTERNAL] ", raw, count=1)
    return (
        b"Received: from gate.example.org (gate.example.org [192.0.2.77])\n\tby mx.example.org with ESMTPS id 4abc;\n"
        b"\tTue, 03 Mar 2026 14:02:11 +0000\nX-Spam-Status: No, score=-1.2 required=5.0\n"
        b"X-Virus-Scanned: clean\nX-Quarantine-ID: <abc>\n" + raw
    )


def with_a_banner(raw: bytes) -> bytes | None:
    return _texts(raw, lambda text, _kind: f"{_BANNER}\n\n{text}")


def in_base64(raw: bytes) -> bytes | None:
    return _texts(raw, lambda text, _kind: text)


def wrapped(raw: bytes) -> bytes | None:
    """Lines of prose folded at 66 columns, as a relay with a narrow screen would; an address alone stays whole."""
    return _texts(raw, lambda text, kind: text if kind == "text/html" else "\n".join(_folded(text)))


def in_html(raw: bytes) -> bytes | None:
    return _texts(raw, lambda text, kind: text if kind == "text/html" else _as_html(text), kind="text/html")


def fewer_fields(raw: bytes) -> bytes | None:
    return _status(raw, lambda text: _OPTIONAL.sub(b"", text + b"\n"))


def no_diagnostic(raw: bytes) -> bytes | None:
    """The status part without the answer of the other server: the words for people must do."""
    return _status(raw, lambda text: _DIAGNOSTIC.sub(b"", text + b"\n"))


def words_only(raw: bytes) -> bytes | None:
    """The words for people, nothing else: as a ticket system or an anonymous relay hands it on."""
    mail = email.message_from_bytes(raw)
    if not any(part.get_content_type() in _STATUS_TYPES for part in _parts(mail)):
        return None
    words = [_text(part) for part in _parts(mail) if part.get_content_type() == "text/plain"]
    if not words or "@" not in words[0]:
        return None
    return _single(mail, words[0], "text/plain")


def status_only(raw: bytes) -> bytes | None:
    """The status part alone, without words and without the mail returned."""
    mail = email.message_from_bytes(raw)
    parts = [part for part in _parts(mail) if part.get_content_type() in _STATUS_TYPES]
    if len(parts) != 1 or not mail.is_multipart():
        return None
    mail.set_payload(parts)
    return _bytes(mail)


def doubled_returns(raw: bytes) -> bytes:
    """As a Windows gateway that takes every line end for a bare one."""
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\r\n")


def with_a_footer(raw: bytes) -> bytes | None:
    """The report as the first part of a mail with a disclaimer behind it."""
    head, fields, body = _head(raw)
    if len(b"".join(fields)) != len(head):
        return None
    inner = [one for one in fields if one.lower().startswith(b"content-")]
    outer = [one for one in fields if not one.lower().startswith((b"content-", b"mime-version"))]
    return (
        b"".join(outer)
        + b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="outer-of-two"\n\n--outer-of-two\n'
        + b"".join(inner)
        + b"\n"
        + body
        + b"\n--outer-of-two\nContent-Type: text/plain\n\nThis e-mail is confidential. Ask help@footer.example.org.\n"
        + b"--outer-of-two--\n"
    )


def type_lost(raw: bytes) -> bytes | None:
    """Without the field that says of what parts the mail is made."""
    _head_block, fields, body = _head(raw)
    kept = [one for one in fields if not one.lower().startswith((b"content-type", b"mime-version"))]
    if len(kept) == len(fields) or b"base64" in raw.lower():
        return None
    return b"".join(kept) + b"\n" + body


CHANGES: tuple[Change, ...] = (
    doubled_returns,
    with_a_footer,
    type_lost,
    other_names,
    other_boundaries,
    other_line_ends,
    fields_reversed,
    names_in_capitals,
    through_a_gateway,
    with_a_banner,
    in_base64,
    wrapped,
    in_html,
    fewer_fields,
    no_diagnostic,
    words_only,
    status_only,
)


def _head(raw: bytes) -> tuple[bytes, list[bytes], bytes]:
    head, _blank, body = raw.partition(b"\n\n")
    head += b"\n"
    return head, _FIELD.findall(head), body


def _parts(mail: Message) -> Iterator[Message]:
    """The leaves of the report itself; a mail within it is one of them."""
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in mail.get_payload():
            yield from _parts(part)
    else:
        yield mail


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "latin-1"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return ""


def _texts(raw: bytes, change: Callable[[str, str], str], kind: str = "") -> bytes | None:
    """Return the mail with the words of its first text changed and encoded anew, in UTF-8 and base64."""
    mail = email.message_from_bytes(raw)
    part = next((one for one in _parts(mail) if one.get_content_maintype() == "text"), None)
    if part is None or (mail.is_multipart() and "content-type" not in part):
        return None
    text = change(_text(part), part.get_content_type())
    if not text.strip():
        return None
    if kind:  # no plain words beside the HTML
        for other in _parts(mail):
            if other is not part and other.get_content_type() == "text/plain" and other.get_filename() is None:
                return None
    _fill(part, text, kind or part.get_content_type())
    return _bytes(mail)


def _single(mail: Message, text: str, kind: str) -> bytes:
    _fill(mail, text, kind)
    return _bytes(mail)


def _fill(part: Message, text: str, kind: str) -> None:
    for name in ("content-type", "content-transfer-encoding", "content-disposition"):
        del part[name]
    part["Content-Type"] = f"{kind}; charset=utf-8"
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(text.encode("utf-8", "replace")).decode())


def _status(raw: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    at = raw.lower().find(b"content-type: message/delivery-status")
    start = raw.find(b"\n\n", at)
    end = raw.find(b"\n--", start)
    if at < 0 or start < 0 or end < 0 or b"base64" in raw[at:start].lower():
        return None
    return raw[:start] + b"\n\n" + change(raw[start + 2 : end]) + raw[end:]


def _folded(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if len(line) <= 66 or line.startswith((">", "<<<", ">>>")):
            yield line
        else:
            yield from textwrap.wrap(line, 66, break_long_words=False, break_on_hyphens=False) or [""]


def _as_html(text: str) -> str:
    lines = "<br>\n".join(escape(text).split("\n"))
    return f"<html><head><title>x</title></head><body><p>{lines}</p></body></html>"


def _bytes(mail: Message) -> bytes:
    return mail.as_bytes(policy=email.policy.compat32.clone(max_line_length=0))
