"""The mail a report gives back, in whole or as headers, and the references found in its header fields."""

import re

from fbl.core.headers import Headers, addresses, clean_address
from fbl.core.mime import Part, split_head
from fbl.core.prose import split_copy
from fbl.core.report import References

_WHOLE = frozenset({"message/rfc822", "message/global", "message/partial", "application/octet-stream"})
# RFC 3462 has text/rfc822-headers; the others are seen in the wild.
_HEADERS_ONLY = frozenset(
    {"text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers", "text/rfc822"}
)
_RETURNED = _WHOLE | _HEADERS_ONLY
# A return path made for one recipient: BATV, VERP with the recipient in it, or a long token.
_VERP = re.compile(r"^(?:prvs=|[^@]*[+=][^@]*@|(?=[^@]{16})(?=[^@]*\d)[^@]*[-_.][^@]*@)", re.IGNORECASE)


def returned_headers(mail: Part, text: str = "") -> Headers:
    """Return the header fields of the mail the report is about; empty when it gives none back.

    `text` is the human text of the report, in which old MTAs put the copy.
    """
    texts = []
    for part in mail.leaves:
        if part.content_type in _RETURNED:
            found = _head(part.content)
            if "message-id" in found or len(found.fields) >= 2:
                return found
        elif part.content_type == "text/plain":
            texts.append(part)
    for part in texts[1:]:  # "mailheaders.txt"
        found = _head(part.content)
        if "message-id" in found or ("received" in found and "from" in found):
            return found
    copy = split_copy(text)[1] if text else ""
    return _head(copy)


def _head(text: str) -> Headers:
    return Headers(split_head(text.lstrip("\n"))[0])


def references(
    original: Headers, mail: Part, *, mail_from: str = "", envelope_id: str = "", is_bounce: bool = False
) -> References:
    """Return what may identify the original mail.

    Its return path is the one the reporter names (`mail_from`), else the one in the returned headers, else,
    for a bounce, the address the bounce was sent to, when that looks like one made for a single mail.
    """
    path = clean_address(mail_from) or clean_address(original.get("return-path"))
    if is_bounce and not _VERP.match(path):
        path = next((one for one in mail.sent_to if _VERP.match(one)), path)
    return References(
        message_id=original.get("message-id"),
        envelope_id=envelope_id.strip(),
        return_path=path,
        feedback_id=original.get("feedback-id"),
        cfbl_feedback_id=_each(original, "cfbl-feedback-id"),
        list_unsubscribe=original.get("list-unsubscribe"),
        own=_each(original, "x-courrielleur-ref"),
    )


def _each(original: Headers, name: str) -> str:
    """Return every value of the field, unfolded, with a space between: two that differ contradict each other."""
    return " ".join("".join(value.split()) for value in original.all(name))


def original_recipients(original: Headers) -> list[str]:
    """Return the recipient the returned headers name, when it is one alone; else nothing: never a guess."""
    for name in ("x-original-to", "envelope-to", "delivered-to", "to"):
        found = addresses(original.get(name))
        if len(found) == 1:
            return found
        if found:
            return []
    return []
