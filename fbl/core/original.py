"""The mail a report gives back, in whole or as headers, and the references found in its header fields."""

import re

from fbl.core.headers import Headers, addresses, clean_address
from fbl.core.mime import Part, head_of
from fbl.core.report import References

_WHOLE = frozenset({"message/rfc822", "message/global", "message/partial", "application/octet-stream"})
# RFC 3462 has text/rfc822-headers; the others are seen in the wild.
_HEADERS_ONLY = frozenset(
    {"text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers", "text/rfc822"}
)
_RETURNED = _WHOLE | _HEADERS_ONLY
NO_HEADERS = Headers("")
# A return path made for one recipient: BATV, VERP with the recipient in it, or a long token.
_VERP = re.compile(r"^(?:prvs=|[^@]*[+=][^@]*@|(?=[^@]{16})(?=[^@]*\d)[^@]*[-_.][^@]*@)", re.IGNORECASE)


def returned_headers(mail: Part) -> Headers:
    """Return the header fields of the mail the report is about; empty when no part of it gives it back."""
    texts = 0
    for part, content_type in zip(mail.leaves, mail.types, strict=True):
        if content_type in _RETURNED:
            found = copied_headers(part.content)
            if "message-id" in found or len(found.fields) >= 2:
                return found
        elif content_type == "text/plain":
            texts += 1
    return _attached_headers(mail) if texts > 1 else NO_HEADERS


def copied_headers(copy: str) -> Headers:
    """Return the header fields with which the copy of a mail begins."""
    return Headers(head_of(copy.lstrip("\n"))) if copy else NO_HEADERS


def _attached_headers(mail: Part) -> Headers:
    """Return the header fields of the mail the report is about from one of its texts ("mailheaders.txt")."""
    for part in [part for part in mail.leaves if part.content_type == "text/plain"][1:]:
        found = copied_headers(part.content)
        if "message-id" in found or ("received" in found and "from" in found):
            return found
    return NO_HEADERS


def references(
    original: Headers, mail: Part, *, mail_from: str = "", envelope_id: str = "", is_bounce: bool = False
) -> References:
    """Return what may identify the original mail.

    Its return path is the one the reporter names (`mail_from`), else the one in the returned headers, else,
    for a bounce, the address the bounce was sent to, when that looks like one made for a single mail.
    """
    path = (clean_address(mail_from) if mail_from else "") or clean_address(original.get("return-path"))
    if is_bounce and not _VERP.match(path):
        for one in mail.sent_to:
            if _VERP.match(one):
                path = one
                break
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
    found = original.all(name)
    return " ".join(["".join(value.split()) for value in found]) if found else ""


def original_recipients(original: Headers) -> list[str]:
    """Return the recipient the returned headers name, when it is one alone; else nothing: never a guess."""
    for name in ("x-original-to", "envelope-to", "delivered-to", "to"):
        found = addresses(original.get(name))
        if len(found) == 1:
            return found
        if found:
            return []
    return []
