"""Mint and read our own keyed references, so that a redacted report still says whose mail it was.

A reference travels in several carriers at once (return path, headers, unsubscribe address). docs/references.md
describes it byte by byte for MTAs that mint it themselves; tests/fbl/core/reference_vectors.json proves both.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

TOKEN_LENGTH = 60  # characters: 37 bytes in base32 without padding
CAMPAIGN_BYTES = 5
RECIPIENT_BYTES = 16
NO_CAMPAIGN = bytes(CAMPAIGN_BYTES)
SENDER_ID = "courrielleur"  # Gmail's SenderId: 5 to 15 characters, the same in every mail

_LAST_CHARACTERS = "aAqQ"  # of the base32 alphabet: those whose last four bits are zero
_BODY_BYTES = 1 + 4 + CAMPAIGN_BYTES + 3 + RECIPIENT_BYTES
_MAC_BYTES = 8
# One key makes two kinds of MAC; the label keeps one from passing for the other.
TOKEN_LABEL = b"courrielleur-reference-v1:"
_FEEDBACK_ID_LABEL = b"courrielleur-feedback-id-v1:"

_TOKEN = rf"([a-z2-7]{{{TOKEN_LENGTH}}})(?![a-z0-9])"
_FLAGS = re.ASCII | re.IGNORECASE
_BARE = re.compile(rf"(?<![a-z0-9]){_TOKEN}", _FLAGS)
_VERP = re.compile(rf"(?<![a-z0-9])b-{_TOKEN}", _FLAGS)
_URL = re.compile(rf"/u/{_TOKEN}", _FLAGS)
_FEEDBACK_ID = re.compile(rf"([0-9a-f]{{10}}):([0-9]{{1,10}}):([0-9a-f]{{16}}):{SENDER_ID}\Z", _FLAGS)
_LONGEST_VALUE = 8_192  # characters of a header value that are searched


class Verdict(StrEnum):
    VALID = "valid"
    FORGED = "forged"  # shaped like ours, and the MAC is wrong
    UNKNOWN_KEY = "unknown_key"  # minted with a key that was withdrawn, or never ours
    MALFORMED = "malformed"  # not a token at all


class Method(StrEnum):
    """The carrier that told, in order of authority (the first that is valid decides)."""

    OWN_HEADER = "own_header"
    CFBL_FEEDBACK_ID = "cfbl_feedback_id"
    RETURN_PATH = "return_path"
    ENVELOPE_ID = "envelope_id"
    LIST_UNSUBSCRIBE = "list_unsubscribe"
    FEEDBACK_ID = "feedback_id"


class Confidence(StrEnum):
    CERTAIN = "certain"  # a carrier only we and the receiving server write and read
    STRONG = "strong"  # a carrier people pass on, such as the unsubscribe address in a forwarded mail
    WEAK = "weak"  # account and campaign only, or carriers that contradict each other


@dataclass(frozen=True)
class Reference:
    """One recipient's copy of one mailing."""

    key_id: int  # 0-255
    account_id: int  # below 2**32
    campaign: bytes  # `campaign_digest`; zeros for none
    send_hour: int  # hours since 1970-01-01 00:00 UTC
    recipient: bytes  # keyed digest of the address (fbl/core/addresses.py)


@dataclass(frozen=True)
class TokenReading:
    verdict: Verdict
    reference: Reference | None = None  # present when valid, only then


@dataclass(frozen=True)
class Carriers:
    """What goes into the mail. `headers` are for the DKIM signature's h= as well."""

    token: str
    return_path: str
    envelope_id: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Identification:
    """Whose mail a report is about, and how we know."""

    account_id: int
    campaign: bytes
    send_hour: int | None  # None: the carrier does not tell
    recipient: bytes | None
    method: Method
    confidence: Confidence
    conflicts: tuple[Method, ...] = ()  # valid carriers that name another account
    doubtful: tuple[Method, ...] = ()  # carriers whose reference is forged, or of an unknown key


class Carrying(Protocol):
    """The references a report shows (`fbl.core.report.References`); an absent one is None or empty."""

    @property
    def own(self) -> str | None: ...
    @property
    def cfbl_feedback_id(self) -> str | None: ...
    @property
    def return_path(self) -> str | None: ...
    @property
    def envelope_id(self) -> str | None: ...
    @property
    def list_unsubscribe(self) -> str | None: ...
    @property
    def feedback_id(self) -> str | None: ...


def campaign_digest(campaign: str) -> bytes:
    """Return the five bytes that stand for a campaign's name in a reference; zeros for no campaign."""
    return hashlib.sha256(campaign.encode()).digest()[:CAMPAIGN_BYTES] if campaign else NO_CAMPAIGN


def mint(reference: Reference, key: bytes) -> str:
    """Return the token of *reference*, 60 lower-case characters. Raises `ValueError` when a field does not fit."""
    body = _pack(reference)
    return base64.b32encode(body + _mac(TOKEN_LABEL + body, key)).decode().rstrip("=").lower()


def read_token(text: str, keys: Mapping[int, bytes]) -> TokenReading:
    """Return what a token says if one of *keys* minted it; letter case and white space do not matter."""
    token = "".join(text.split())
    # 60 characters hold 300 bits, four more than the bytes: only the spelling that leaves them empty is ours.
    if len(token) != TOKEN_LENGTH or not token.isascii() or token[-1] not in _LAST_CHARACTERS:
        return TokenReading(Verdict.MALFORMED)
    try:
        packed = base64.b32decode(token.upper() + "====")
    except ValueError:
        return TokenReading(Verdict.MALFORMED)
    body, mac = packed[:_BODY_BYTES], packed[_BODY_BYTES:]
    key = keys.get(body[0])
    if key is None:
        return TokenReading(Verdict.UNKNOWN_KEY)
    if not hmac.compare_digest(mac, _mac(TOKEN_LABEL + body, key)):
        return TokenReading(Verdict.FORGED)
    return TokenReading(Verdict.VALID, _unpack(body))


def mint_feedback_id(account_id: int, campaign: bytes, key: bytes) -> str:
    """Return Gmail's `Feedback-ID`: campaign, account and MAC, no recipient.

    Source: https://support.google.com/mail/answer/6254652 (read from the right, SenderId last).
    """
    return f"{campaign.hex()}:{account_id}:{_feedback_id_mac(account_id, campaign, key).hex()}:{SENDER_ID}"


def carriers(reference: Reference, key: bytes, *, report_domain: str, unsubscribe_url: str) -> Carriers:
    """Return everything a mail carries for *reference*.

    `unsubscribe_url` is the https address that the token is added to, such as `https://console.example.com/u/`.
    """
    token = mint(reference, key)
    return Carriers(
        token=token,
        return_path=f"b-{token}@{report_domain}",
        envelope_id=token,
        headers={
            "X-Courrielleur-Ref": token,
            "CFBL-Address": f"fbl@{report_domain}; report=arf",
            "CFBL-Feedback-ID": token,
            "List-Unsubscribe": f"<{unsubscribe_url}{token}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Feedback-ID": mint_feedback_id(reference.account_id, reference.campaign, key),
        },
    )


def find(references: Carrying, keys: Mapping[int, bytes]) -> Identification | None:
    """Return whose mail the references speak of; None when none of them is ours and valid.

    The carrier of most authority decides. When another valid one names another account, the finding
    is only weak, whatever its carrier: one of the two was copied into a mail it does not belong to.
    """
    valid, doubtful = _sort(references, keys)
    if not valid:
        return None
    first = valid[0]
    conflicts = tuple(dict.fromkeys(other.method for other in valid if other.account_id != first.account_id))
    return Identification(
        account_id=first.account_id,
        campaign=first.campaign,
        send_hour=first.send_hour,
        recipient=first.recipient,
        method=first.method,
        confidence=Confidence.WEAK if conflicts else first.confidence,
        conflicts=conflicts,
        doubtful=tuple(doubtful),
    )


def doubtful_methods(references: Carrying, keys: Mapping[int, bytes]) -> tuple[Method, ...]:
    """Return the carriers that hold a reference shaped like ours which no key of ours made."""
    return tuple(doubts(references, keys))


def doubts(references: Carrying, keys: Mapping[int, bytes]) -> dict[Method, Verdict]:
    """Return what is wrong with each of those carriers: forged, or of an unknown key."""
    return _sort(references, keys)[1]


def _sort(references: Carrying, keys: Mapping[int, bytes]) -> tuple[list[Identification], dict[Method, Verdict]]:
    valid: list[Identification] = []
    doubtful: dict[Method, Verdict] = {}
    readings: dict[str, TokenReading] = {}  # the same token stands in several carriers
    for method, confidence, token in _tokens(references):
        reading = readings.get(token) or readings.setdefault(token, read_token(token, keys))
        if found := reading.reference:
            valid.append(
                Identification(found.account_id, found.campaign, found.send_hour, found.recipient, method, confidence)
            )
        elif reading.verdict is not Verdict.MALFORMED:
            doubtful.setdefault(method, reading.verdict)
    if match := _FEEDBACK_ID.search(_compact(references.feedback_id)):
        campaign, account_id, mac = bytes.fromhex(match[1]), int(match[2]), bytes.fromhex(match[3])
        if _is_feedback_id_ours(account_id, campaign, mac, keys):
            valid.append(Identification(account_id, campaign, None, None, Method.FEEDBACK_ID, Confidence.WEAK))
        else:
            doubtful[Method.FEEDBACK_ID] = Verdict.FORGED  # it names no key
    return valid, doubtful


def _tokens(references: Carrying) -> Iterator[tuple[Method, Confidence, str]]:
    places = (
        (Method.OWN_HEADER, Confidence.CERTAIN, _BARE, references.own),
        (Method.CFBL_FEEDBACK_ID, Confidence.CERTAIN, _BARE, references.cfbl_feedback_id),
        (Method.RETURN_PATH, Confidence.CERTAIN, _VERP, references.return_path),
        (Method.ENVELOPE_ID, Confidence.CERTAIN, _BARE, references.envelope_id),
        (Method.LIST_UNSUBSCRIBE, Confidence.STRONG, _URL, references.list_unsubscribe),
    )
    for method, confidence, pattern, value in places:
        if value:
            text = value[:_LONGEST_VALUE]
            # A token folded by a relay has white space inside; two tokens side by side have it between them.
            for token in pattern.findall(text) or pattern.findall(_compact(text)):
                yield method, confidence, token


def _compact(value: str | None) -> str:
    return "".join(value[:_LONGEST_VALUE].split()) if value else ""


def _pack(reference: Reference) -> bytes:
    if len(reference.campaign) != CAMPAIGN_BYTES or len(reference.recipient) != RECIPIENT_BYTES:
        raise ValueError(f"a reference has {CAMPAIGN_BYTES} bytes of campaign and {RECIPIENT_BYTES} of recipient")
    try:
        return (
            reference.key_id.to_bytes(1, "big")
            + reference.account_id.to_bytes(4, "big")
            + reference.campaign
            + reference.send_hour.to_bytes(3, "big")
            + reference.recipient
        )
    except OverflowError as error:
        raise ValueError("key id, account id or send hour does not fit a reference") from error


def _unpack(body: bytes) -> Reference:
    return Reference(
        key_id=body[0],
        account_id=int.from_bytes(body[1:5], "big"),
        campaign=body[5:10],
        send_hour=int.from_bytes(body[10:13], "big"),
        recipient=body[13:],
    )


def _mac(data: bytes, key: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:_MAC_BYTES]


def _feedback_id_mac(account_id: int, campaign: bytes, key: bytes) -> bytes:
    return _mac(_FEEDBACK_ID_LABEL + campaign + account_id.to_bytes(4, "big"), key)


def _is_feedback_id_ours(account_id: int, campaign: bytes, mac: bytes, keys: Mapping[int, bytes]) -> bool:
    # The header has no room for a key id: every key is tried; there are few.
    if account_id >= 1 << 32:
        return False
    return any(hmac.compare_digest(mac, _feedback_id_mac(account_id, campaign, key)) for key in keys.values())
