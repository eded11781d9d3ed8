"""May this report count? Who vouches for it, how long its reference is believed, and why it must wait otherwise.

A complaint counts with our valid keyed reference, or when an enrolled feed signed it (RFC 6376) and it names its
account otherwise. A bounce counts at our signed return path. Everything else waits, with a code that says why.
"""

import hmac
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent / "data" / "authenticity.toml"
_TOKEN_BYTES = 16


class Why(StrEnum):
    """Why a report counts against nobody. Stored with the report; the pages have the words."""

    # nobody is named
    NO_REFERENCE = "no_reference"
    FORGED = "forged"  # a reference shaped like ours whose seal is wrong
    UNKNOWN_KEY = "unknown_key"  # sealed with a key that was withdrawn, or never ours
    NO_SUCH_ACCOUNT = "no_such_account"  # a valid reference of an account that is not here
    # an account is named, and nobody vouches for it
    NOT_ENROLLED = "not_enrolled"  # no feed we know
    NOT_TRUSTED = "not_trusted"  # a feed that counts with our reference only
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    OTHER_SIGNER = "other_signer"  # signed, by a domain the feed does not sign with
    PARTLY_SIGNED = "partly_signed"  # the signature leaves out what could change the meaning
    EXPIRED_SIGNATURE = "expired_signature"
    TRY_LATER = "try_later"  # DNS does not answer: asked again by itself
    NOT_OUR_ADDRESS = "not_our_address"  # the mail did not leave from an address of ours
    # our own reference is valid, and still
    TWO_ACCOUNTS = "two_accounts"  # references of two accounts in one mail
    CROSS_ACCOUNT = "cross_account"  # the reference of one account, the dedicated address of another
    EXPIRED = "expired"  # older than a reference is believed
    TOO_EARLY = "too_early"  # about a mail that is not sent yet
    REPLAYED = "replayed"  # reported before: long ago, or by another feed
    NOT_OUR_RETURN_PATH = "not_our_return_path"  # a bounce that came elsewhere
    # nothing to count
    NOTHING_TO_COUNT = "nothing_to_count"
    NOT_FINAL = "not_final"  # a bounce that says the mail still waits


class Outcome(StrEnum):
    """What came of looking for the feed's signature."""

    VERIFIED = "verified"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    OTHER_SIGNER = "other_signer"
    PARTLY_SIGNED = "partly_signed"
    EXPIRED_SIGNATURE = "expired_signature"
    TRY_LATER = "try_later"


@dataclass(frozen=True)
class Witness:
    """Who vouches for a report: the signing domain, checked by us (`dkim`) or by our own MTA (`mta`)."""

    outcome: Outcome
    domain: str = ""
    by: str = ""


@dataclass(frozen=True)
class FeedRule:
    """What the reader must know of an enrolled feed (`fbl.models.Feed`)."""

    id: int
    senders: frozenset[str]  # addresses or domains its reports come from, lower case
    recipients: frozenset[str]  # addresses of ours they arrive at, lower case
    signers: frozenset[str]  # d= it signs with
    is_trusted: bool  # may count without our reference, when signed
    is_redacting: bool  # names recipients by tokens, never by address
    is_trap: bool = False  # its recipients are spam traps: secret, whatever its reports call themselves


@dataclass(frozen=True)
class Validity:
    """In hours (fbl/data/authenticity.toml)."""

    return_path: int
    complaint: int
    before_sending: int
    replay_after: int


@cache
def default_validity() -> Validity:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Validity(
        return_path=data["return_path"]["valid"],
        complaint=data["complaint"]["valid"],
        before_sending=data["before_sending"]["tolerated"],
        replay_after=data["replay"]["after"],
    )


def age_problem(*, sent: int | None, received: int | None, is_bounce: bool, validity: Validity) -> Why | None:
    """Return why a reference is too old or too young for this report; hours since 1970, None when not known."""
    if sent is None or received is None:
        return None
    if sent - received > validity.before_sending:
        return Why.TOO_EARLY
    return Why.EXPIRED if received - sent > (validity.return_path if is_bounce else validity.complaint) else None


def feed_of(sender: str, envelope_to: str, feeds: Iterable[FeedRule]) -> FeedRule | None:
    """Return the feed a report claims to come from: by its From address, else by the address it arrived at.

    Anybody may write to the address, and be signed for by a signer of the feed: hotmail.com signs the mail of all its
    users. A feed known by the address alone vouches for nothing.
    """
    sender, arrived_at = sender.lower(), envelope_to.lower()
    domain = sender.rpartition("@")[2]
    at_address = None
    for feed in feeds:
        if sender and (sender in feed.senders or domain in feed.senders):
            return feed
        if arrived_at in feed.recipients:
            at_address = at_address or replace(feed, signers=frozenset(), is_trusted=False)
    return at_address


_COMMENT = re.compile(r"\((?:[^()\\]|\\.){0,500}\)")
_RESULT = re.compile(r"\s*dkim\s*=\s*(\w{1,20})\b(.{0,2000})", re.IGNORECASE | re.DOTALL)
_SIGNER = re.compile(r"header\.d\s*=\s*\"?([A-Za-z0-9._-]{1,253})", re.IGNORECASE)


def trusted_results(fields: Sequence[tuple[str, str]], authserv_id: str) -> tuple[str, ...]:
    """Return the domains whose DKIM signatures our own MTA found valid (Authentication-Results, RFC 8601).

    Only the topmost field that bears *authserv_id* is believed, and only above the second Received field: what
    stands lower was there before our MTA took the mail. Anybody can write the rest.
    """
    hops = 0
    for name, value in fields:
        if name.lower() == "received":
            hops += 1
            if hops > 1:
                return ()
        elif name.lower() == "authentication-results":
            plain = _COMMENT.sub(" ", value[:8_000])
            identity, _semicolon, results = plain.partition(";")
            if (identity.split() or [""])[0].lower() == authserv_id.lower():
                return tuple(_passed(results))
    return ()


def _passed(results: str) -> Iterable[str]:
    for result in results.split(";"):
        if (match := _RESULT.match(result)) and match[1].lower() == "pass" and (signer := _SIGNER.search(match[2])):
            yield signer[1].lower()


_TOKEN_WORDS = re.compile(r"(?:redacted|hashed|anonymi[sz]ed|anonymous|undisclosed|hidden|removed|unknown)\b")
_TOKEN_DIGEST = re.compile(r"[0-9a-f]{24,128}|[a-z0-9+/_=-]{40,128}")
_TOKEN_DOMAINS = (".invalid", "redacted.invalid")


def is_token(address: str) -> bool:
    """Say whether what stands in an address's place is a token (RFC 6590): never to be matched as an address."""
    local, at, domain = address.lower().rpartition("@")
    if not at:
        return True
    return (
        bool(_TOKEN_WORDS.match(local))
        or _TOKEN_DIGEST.fullmatch(local) is not None
        or domain.endswith(_TOKEN_DOMAINS)
        or not local.strip("*x.")
    )


def token_digest(token: str, reporter: str, key: bytes) -> bytes:
    """Return what stands for a complainer whom a feed names by a token: the same person again, and no address."""
    text = f"token:{reporter.lower()}:{token}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, "sha256")[:_TOKEN_BYTES]


@dataclass(frozen=True)
class Sighting:
    """A report of a reference: who reported it, and when (hours since 1970)."""

    reporter: str
    hour: int


def is_replay(first: Sighting, again: Sighting, validity: Validity) -> bool:
    """Say whether the same thing, said again, is a mail played back rather than a report sent twice."""
    is_other = bool(first.reporter and again.reporter) and first.reporter != again.reporter
    return is_other or again.hour - first.hour > validity.replay_after


# The order in which a doubtful reference is told, the most alarming first.
def worst(verdicts: Mapping[str, str]) -> Why | None:
    """Return what to say of carriers whose reference no key of ours made: *verdicts* by carrier; None for none."""
    found = set(verdicts.values())
    return Why.FORGED if "forged" in found else Why.UNKNOWN_KEY if "unknown_key" in found else None
