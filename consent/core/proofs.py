"""What a client may answer for one sampled recipient: a few fields, or a file whose type its bytes tell."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from consent.core.questionnaire import question_set

LARGEST_FILE = 5 * 1024**2  # bytes
LONGEST = {"method": 24, "consented_on": 10, "ip": 45, "url": 500, "text": 2_000}  # characters, by field
FIELDS = tuple(LONGEST)

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_HEADER = re.compile(rb"[!-9;-~]{1,60}:[ \t]?[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n")
_MAIL_HEADERS = {b"from", b"received", b"date", b"message-id", b"return-path", b"delivered-to"}


def tidy_proof(given: Mapping[str, object]) -> dict[str, str]:
    """Return the known fields of an answer, trimmed, without the empty ones."""
    texts = {name: str(given.get(name) or "").strip() for name in FIELDS}
    return {name: text for name, text in texts.items() if text}


def check_proof(proof: Mapping[str, str], *, has_file: bool, today: date) -> dict[str, str]:
    """Return what is wrong with a tidied answer: a code by field; `proof_text` of the caller puts it in words."""
    if not has_file and not {"consented_on", "text", "url"} & set(proof):
        return {"text": "proof_needed"}
    wrong = {name: "too_long" for name, text in proof.items() if len(text) > LONGEST[name]}
    if "method" in proof and proof["method"] not in {method.key for method in question_set().methods}:
        wrong.setdefault("method", "method_unknown")
    if "consented_on" in proof and (code := _wrong_day(proof["consented_on"], today)):
        wrong["consented_on"] = code
    if "ip" in proof and not _is_ip(proof["ip"]):
        wrong["ip"] = "ip_bad"
    if "url" in proof and not _is_url(proof["url"]):
        wrong.setdefault("url", "url_bad")
    return wrong


def file_type(data: bytes) -> str:
    """Return the media type that the bytes tell, empty for one that we don't take. Names and promises count nothing.

    >>> file_type(b"%PDF-1.7 ...")
    'application/pdf'
    """
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    return "message/rfc822" if _is_mail(data) else ""


def _is_mail(data: bytes) -> bool:
    """Whether the bytes begin as a mail does: several header fields, one at least that only mails have."""
    names: set[bytes] = set()
    position = 0
    while len(names) < 8 and (match := _HEADER.match(data, position, position + 10_000)):
        names.add(match[0].partition(b":")[0].lower())
        position = match.end()
    return len(names) >= 2 and bool(names & _MAIL_HEADERS)


def _wrong_day(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "date_bad"
    return "date_in_future" if day > today else ""


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and not any(c.isspace() for c in text)
