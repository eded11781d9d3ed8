"""Ask whether a feed signed a report: DKIM (RFC 6376) with keys from DNS, or the verdict of our own MTA.

Stricter than a mail server: a signature that leaves a gap is worth nothing here, since the report accuses somebody.
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from time import monotonic

import dkim
import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings

from fbl.core.authenticity import FeedRule, Outcome, Witness, trusted_results
from fbl.services.reading import Verify

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0  # for one key
KEEP_SECONDS = 3600.0  # a key
KEEP_MISSING_SECONDS = 300.0
KEEP_FAILED_SECONDS = 60.0
MOST_KEYS = 2_000
MOST_QUESTIONS = 30  # to DNS in one batch: whoever forges chooses the selectors
FAILURE_COST = 10  # questions: when DNS is away, a batch waits for it three times and no more
MOST_SIGNATURES = 5  # looked at in one mail
LEAST_BITS = 1024
# What changes the meaning of a report must be signed, and be there once.
_SIGNED = ("from", "content-type")
_ONCE = ("from", "content-type", "content-transfer-encoding", "mime-version", "subject")
_BARE_CR = re.compile(rb"\r(?!\n)")


class KeyUnknown(Exception):
    """DNS did not answer, or was asked too often: the report waits."""


class Keys:
    """DKIM keys from DNS, remembered; absent ones and failures too, for a shorter time."""

    def __init__(self, servers: Sequence[str] = ()) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [_server(one) for one in servers]
        self._known: dict[str, tuple[float, bytes | None]] = {}  # name: (until, record; None for "no answer")
        self._proven: set[str] = set()  # names whose key made a valid signature: no forger invents those
        self.questions_left = MOST_QUESTIONS

    def record(self, name: bytes, timeout: float = TIMEOUT_SECONDS) -> bytes:
        """Return the TXT record at *name*, empty when there is none. Raises `KeyUnknown`."""
        key = name.decode("ascii", "replace").rstrip(".").lower()
        until, known = self._known.get(key, (0.0, None))
        if monotonic() > until:
            if key not in self._proven:
                if self.questions_left <= 0:
                    raise KeyUnknown(key)
                self.questions_left -= 1
            keep, known = self._ask(key)
            if len(self._known) >= MOST_KEYS:
                self._known.clear()
            self._known[key] = (monotonic() + keep, known)
        if known is None:
            raise KeyUnknown(key)
        return known

    def prove(self, selector: str, domain: str) -> None:
        """Note that a key made a valid signature: it is asked for whatever forgers have spent the questions on."""
        if len(self._proven) < MOST_KEYS:
            self._proven.add(f"{selector}._domainkey.{domain}".lower())

    def _ask(self, name: str) -> tuple[float, bytes | None]:
        try:
            answer = self._resolver.resolve(name, "TXT", lifetime=TIMEOUT_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return KEEP_MISSING_SECONDS, b""
        except (dns.exception.DNSException, OSError, ValueError) as error:
            logger.warning("no answer for the DKIM key %s: %s", name[:100], type(error).__name__)
            self.questions_left -= FAILURE_COST
            return KEEP_FAILED_SECONDS, None
        return KEEP_SECONDS, b"".join(answer[0].strings)


def verifier() -> Verify:
    """Return what asks for a feed's signature, for one batch: the keys are shared, the number of questions is not."""
    keys = _shared_keys(tuple(settings.DNS_SERVERS))
    keys.questions_left = MOST_QUESTIONS
    return lambda raw, feed: witness(raw, feed, keys, authserv_id=settings.AUTHSERV_ID)


def witness(raw: bytes, feed: FeedRule, keys: Keys, *, authserv_id: str = "", now: datetime | None = None) -> Witness:
    """Return who vouches for these bytes as a report of *feed*."""
    if _BARE_CR.search(raw):
        return Witness(Outcome.PARTLY_SIGNED)  # one reader sees two lines where another sees one
    try:
        mail = dkim.DKIM(raw, minkey=LEAST_BITS)
    except Exception as error:  # no header fields, or lines that the library takes for none and stumbles over
        logger.info("a report could not be searched for signatures: %s", type(error).__name__)
        return Witness(Outcome.UNSIGNED)
    # The library's own view of the fields: what it checks and what we look at must be the same.
    fields = [(name.decode("latin-1").strip().lower(), value.decode("latin-1")) for name, value in mail.headers]
    names = [name for name, _ in fields]
    if names.count("from") != 1:
        return Witness(Outcome.PARTLY_SIGNED)  # which of them was signed, and which one is read?
    if authserv_id:
        for domain in trusted_results(fields, authserv_id):
            if domain in feed.signers:
                return Witness(Outcome.VERIFIED, domain, "mta")
    signatures = [_tags(value) for name, value in fields if name == "dkim-signature"][:MOST_SIGNATURES]
    found: list[Outcome] = []
    for index, tags in enumerate(signatures):
        if (domain := tags.get("d", "").lower()) not in feed.signers:
            continue
        outcome = _gap(names, tags, now or datetime.now(UTC)) or _check(mail, index, keys)
        if outcome is Outcome.VERIFIED:
            keys.prove(tags.get("s", ""), domain)
            return Witness(outcome, domain, "dkim")
        found.append(outcome)
    return Witness(found[0] if found else Outcome.OTHER_SIGNER if signatures else Outcome.UNSIGNED)


def _gap(names: list[str], tags: dict[str, str], now: datetime) -> Outcome | None:
    """Return what a signature leaves open; None when it covers all that matters."""
    signed = {name.lower() for name in tags.get("h", "").split(":")}
    if "l" in tags or not signed.issuperset(name for name in _SIGNED if name in names):
        return Outcome.PARTLY_SIGNED
    if any(names.count(name) > 1 for name in _ONCE):
        return Outcome.PARTLY_SIGNED
    expiry = tags.get("x", "")[:12]
    return Outcome.EXPIRED_SIGNATURE if expiry.isdecimal() and int(expiry) < now.timestamp() else None


def _check(mail: dkim.DKIM, index: int, keys: Keys) -> Outcome:
    ask: Callable[..., bytes] = keys.record
    try:
        good = mail.verify(idx=index, dnsfunc=ask)
    except KeyUnknown:
        return Outcome.TRY_LATER
    except Exception as error:  # whatever a forger makes the library stumble over: no witness
        logger.info("a DKIM signature could not be checked: %s", type(error).__name__)
        return Outcome.BAD_SIGNATURE
    return Outcome.VERIFIED if good else Outcome.BAD_SIGNATURE


def _tags(value: str) -> dict[str, str]:
    """Return the tags of a signature; of a tag that stands there twice nothing, so that no two readers differ."""
    tags: dict[str, str] = {}
    for part in value.split(";"):
        name, equals, text = part.partition("=")
        name = name.strip()
        if equals:
            tags[name] = "" if name in tags else "".join(text.split())
    return tags


def _server(text: str) -> dns.nameserver.Do53Nameserver:
    host, _colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "53")
    return dns.nameserver.Do53Nameserver(host, int(port))


@cache
def _shared_keys(servers: tuple[str, ...]) -> Keys:
    return Keys(servers)
