"""Bring e-mail addresses to one spelling, and digest them so that they can be matched without being kept.

The MTA that mints our references does the same (docs/references.md), so every rule here is a published one.
"""

import hmac
import unicodedata

import idna

DIGEST_BYTES = 16


def normalise(address: str) -> str:
    """Return *address* as it is matched: trimmed, without angle brackets, case-folded, its domain as an A-label.

    Dots and plus tags are kept: two spellings may be two people. Never raises; what is not an address
    is folded and returned.

    >>> normalise(" <Zoe+News@Exämple.COM.> ")
    'zoe+news@xn--exmple-cua.com'
    """
    bare = address.strip().removeprefix("<").removesuffix(">").strip()
    if bare.isascii():
        folded = bare.lower()
        return folded.rstrip(".") if "@" in folded else folded
    local, at, domain = bare.rpartition("@")
    if not at:
        return _fold(bare)
    return f"{_fold(local)}@{_a_label(domain)}"


def digest(address: str, key: bytes) -> bytes:
    """Return the keyed digest of *address*: HMAC-SHA-256 of its normalised UTF-8, first 16 bytes."""
    text = normalise(address).encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, "sha256")[:DIGEST_BYTES]


def domain_of(address: str) -> str:
    """Return the domain of *address*, normalised; empty when it has none.

    >>> domain_of("Marie@Example.NET")
    'example.net'
    """
    return normalise(address).rpartition("@")[2] if "@" in address else ""


def _fold(text: str) -> str:
    # Unicode's canonical caseless form (Unicode 15, D145), composed again: é in one or two code points is one person.
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())
    return unicodedata.normalize("NFC", folded)


def _a_label(domain: str) -> str:
    bare = domain.rstrip(".")
    try:
        return idna.encode(bare, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return _fold(bare)  # not a domain that DNS could hold; still one spelling
