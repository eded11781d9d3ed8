"""Read bounces that MTAs write for people only: qmail, Exim, Sendmail 5 and 8, Exchange, Postfix, Courier, Gmail …

Nothing but the mail's own claim makes it a bounce: it comes from a mail system, not from a person, and says
that a mail was not delivered. Then the recipients are looked for from the most exact place to the least.
"""

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache

from fbl.core.classify import classify
from fbl.core.classify.verdict import Basis, Reason
from fbl.core.headers import Headers, addresses, clean_address, decode_words, domain_of
from fbl.core.mime import Part
from fbl.core.original import copied_headers, original_recipients, references, returned_headers
from fbl.core.prose import Block, blocks, one_line, split_copy, without_titles
from fbl.core.report import BounceClass, Kind, Recipient, Report
from fbl.core.vocabulary import (
    BOUNCE_SUBJECTS,
    CLAIMS,
    DELAYS,
    FAILURES,
    GIVEN_UP,
    NO_BOUNCE_SUBJECTS,
    SUCCESSES,
    SYSTEM_SENDERS,
    plain_quotes,
    says_any,
)

# The words right before an address that make it the one that failed.
_NAMING = re.compile(
    r"(?:rejected recipient|recipients?|address(?:es)?|user|mailbox|account|deliver(?:y|ed)? (?:to|for)|sen[dt] to"
    r"|(?:message|e?-?mail) to|destinataires?|empfänger|destinatarios?|rcpt to)[\s:;'\"(*<-]{1,20}$"
)
_LONGEST_NAMING = 45  # characters
_LOCAL_PART = re.compile(r"[^\s<>@]{1,128}$")
_HEADERS_NAMING = (
    "x-failed-recipients",
    "x-bounced-address",
    "x-actual-recipient",
    "x-failed-recipient",
    "x-failed-to",
)
_TRANSCRIPT_LINE = re.compile(
    r"^[ \t]*(?:[45]\d\d|<<<|>>>)[ -]?[^\n]*?<?([^\s<>@]{1,128}@[A-Za-z0-9.-]{1,200})>?\s?\.\.\.([^\n]*)$",
    re.MULTILINE,
)
# Marks of programs that answer for a person: a vacation notice with a null sender looks like a bounce otherwise.
_OF_A_PERSON = ("x-autoreply", "x-autorespond", "x-vacation", "x-auto-response-suppress")
# In the line that introduces the list of recipients, and ends with a colon or a rule.
_INTRODUCES = ("recipient", "address", "not delivered", "not be delivered", "delivery errors", "delivery problems")
_FORWARDED = re.compile(r"\s*(?:re|fwd?|tr|wg|rv|i)\s?:")
_ENOUGH = 4  # points of evidence that make a mail a bounce
_CERTAIN = 2  # points of a sender that is a mail system by its name
_NO_PERSON = re.compile(
    r"^(?:postmaster|mailer-daemon|abuse|support|help|info|admin|noreply|no-reply|webmaster|hostmaster)@", re.IGNORECASE
)
_FAILED, _DELAYED, _DELIVERED = "failed", "delayed", "delivered"  # the words of RFC 3464 for it
_ACCEPTED = re.compile(r": 25[01][ -]2\.\d\.\d{1,3}\b")  # what the other server says when it takes a mail
_MAX_RECIPIENTS = 10_000
_MAX_MENTIONED = 200  # addresses in running text that are looked at


def read(mail: Part) -> Report | None:
    if mail.is_receipt:
        return None  # somebody has the mail in hand
    subject = mail.subject
    named = _named_in_headers(mail)
    sender, is_titled = _points_of_sender(mail), _is_of_a_bounce(subject)
    if (sender <= 0 and _FORWARDED.match(subject)) or says_any(subject, NO_BOUNCE_SUBJECTS):
        return None  # a person shows somebody a bounce; a mail system writes to its own postmaster
    points = sender + 2 * is_titled + 4 * bool(named)
    if not points and not _may_return_a_copy(mail):
        return None
    if points < _ENOUGH and any(mark in mail.headers for mark in _OF_A_PERSON):
        return None
    text = _text(mail)
    words, copy = split_copy(text)
    rest, words = text[len(words) :], without_titles(words)
    lower = plain_quotes(words[:20_000]).lower()
    original = returned_headers(mail) or copied_headers(copy)
    is_session = "rcpt to:" in lower
    has_proof = bool(named or copy or original) or (is_session and is_titled)
    if sender <= 0 and not has_proof:
        return None  # somebody writes about bounces
    points += 3 * says_any(lower, CLAIMS) + bool(copy or original) + is_session
    if points < _ENOUGH:
        return None
    if sender < _CERTAIN and not has_proof and not (is_titled and (_listed(words) or _named_in(words))):
        return None  # a program writes about mail: a digest, an alarm
    if copy and not says_any(lower, CLAIMS) and says_any(copy[:20_000].lower(), CLAIMS):
        words = copy  # what looked like the copy is a summary of the mail; what became of it stands behind
    found = _found(words, rest, named, original, mail)
    outcome = _outcome(subject, lower)
    recipients = tuple(_recipient(block, words, outcome) for block in found[:_MAX_RECIPIENTS])
    if sender < _CERTAIN and _tells_nothing(recipients) and not (copy or original):
        return None  # a program wrote about mail, and names neither a recipient nor a reason
    return Report(
        kind=Kind.BOUNCE if any(one.action == _FAILED for one in recipients) else Kind.DELIVERY_NOTICE,
        format="text_bounce",
        reporter=domain_of(mail.headers.get("from")),
        recipients=recipients,
        references=references(original, mail, is_bounce=True),
    )


def _tells_nothing(recipients: Sequence[Recipient]) -> bool:
    return all(one.address is None and one.basis == Basis.UNCLASSIFIED.value for one in recipients)


@lru_cache(maxsize=4096)
def _is_of_a_bounce(subject: str) -> bool:
    return says_any(subject, BOUNCE_SUBJECTS)


@lru_cache(maxsize=4096)
def _is_system(sender: str) -> bool:
    return says_any(decode_words(sender).lower(), SYSTEM_SENDERS)


def _points_of_sender(mail: Part) -> int:
    """Return how much the sender looks like a mail system; a program that answers for a person looks less so."""
    path = mail.headers.get("return-path").replace(" ", "").lower()
    points = 2 if _is_system(mail.headers.get("from")[:500]) else 0
    submitted = mail.headers.get("auto-submitted").lower()
    is_nobody = not clean_address(mail.headers.get("from"))
    if path == "<>" or "mailer-daemon" in path or is_nobody or submitted.startswith("auto-generated"):
        points = max(points, 1)
    if points < 2 and submitted.startswith("auto-replied"):
        points -= 2
    return points


def _may_return_a_copy(mail: Part) -> bool:
    is_answer = "in-reply-to" in mail.headers
    return (mail.content_type.startswith("multipart/") and not is_answer) or "RCPT TO" in mail.body[:20_000]


def _text(mail: Part) -> str:
    """Return the words of the report: every text part that is no attachment, plain before HTML."""
    plain = [part.text for part in mail.leaves if part.content_type == "text/plain"]
    if any(text.strip() for text in plain):
        return "\n\n".join(plain[:3])
    return "\n\n".join(
        part.text for part in mail.leaves if part.content_type in ("text/html", "message/delivery-status")
    )


def _named_in_headers(mail: Part) -> list[str]:
    for name in _HEADERS_NAMING:
        if found := [one for value in mail.headers.all(name) for one in addresses(value)]:
            return found
    return []


def _found(words: str, rest: str, named: Sequence[str], original: Headers, mail: Part) -> list[Block]:
    """Return a block for each recipient that failed, at least one, with an empty address when nobody is named."""
    senders = {one.lower() for one in mail.sent_to}
    senders.add(clean_address(mail.headers.get("from")).lower())
    senders.add(clean_address(original.get("from")).lower())
    listed = _listed(words)
    found = [block for block in listed if block.address.lower() not in senders]
    if named:
        told = {block.address.lower(): block for block in listed}
        missing = [one for one in named if one.lower() not in told]
        if found and (not missing or len(missing) == len(named)):
            return found  # the text is closer to the fact than the header
        return [told.get(one.lower(), Block(one, words)) for one in named]
    if found or listed:
        return found or listed
    if found := _refused_in_session(words):
        return found
    if address := _mentioned(words, senders):
        return [Block(address, words)]
    # A report within a report: what looked like the returned copy is the report itself.
    if found := [block for block in blocks(rest) if block.address.lower() not in senders]:
        return found[:1]
    # Some mark the report with the address that failed, as if it had been sent there; and a postmaster may fail too.
    known = original_recipients(original) or [_named_in(words, anybody=True)]
    return [Block(known[0], words)]


def _listed(words: str) -> list[Block]:
    """Return the blocks behind the line that introduces the list of recipients, else all there are."""
    if "@" not in words:
        return []
    found = blocks(_after_introduction(words)) or blocks(words)
    return [block for block in found if not _NO_PERSON.match(block.address)]


def _after_introduction(words: str) -> str:
    end = 0
    for line in words.split("\n"):
        end += len(line) + 1
        line = line.rstrip()
        if line.endswith((":", "-")) and "@" not in line and says_any(line[-200:].lower(), _INTRODUCES):
            return words[end:]
    return ""


def _refused_in_session(words: str) -> list[Block]:
    """Return the recipients an SMTP session names, as Sendmail 5 copies it: "550 <a@example.com>... User unknown"."""
    if "..." not in words:
        return []
    found = {clean_address(line[1]): line[2] for line in _TRANSCRIPT_LINE.finditer(words)}
    return [Block(address, told) for address, told in found.items() if address]


def _mentioned(words: str, senders: set[str]) -> str:
    """Return the address a sentence names as the one that failed, else the only stranger in the text."""
    return _named_in(words, senders) or next(
        (one for one in addresses(words[:20_000]) if _may_have_failed(one, senders)), ""
    )


def _named_in(words: str, senders: Set[str] = frozenset(), *, anybody: bool = False) -> str:
    """Return the address a sentence names as the one that failed; *anybody*: a postmaster's too."""
    named = ""
    for at in _places_of_addresses(words[:20_000]):
        before = words[max(0, at - 170) : at]
        local = _LOCAL_PART.search(before)
        if local is None or not (naming := _NAMING.search(before[: local.start()][-_LONGEST_NAMING:].lower())):
            continue
        address = clean_address(words[at - len(local[0]) : at + 200].partition("\n")[0])
        if address and (anybody or _may_have_failed(address, senders)):
            if naming[0].startswith("rcpt"):
                return address  # nothing is closer to the fact
            named = named or address
    return named


def _places_of_addresses(words: str) -> Iterator[int]:
    at = words.find("@")
    for _ in range(_MAX_MENTIONED):
        if at < 0:
            return
        yield at
        at = words.find("@", at + 1)


def _may_have_failed(address: str, senders: Set[str]) -> bool:
    return address.lower() not in senders and not _NO_PERSON.match(address)


def _recipient(block: Block, words: str, outcome: str) -> Recipient:
    told = one_line(block.text)
    verdict = classify(told)
    if outcome == _DELIVERED or (verdict.basis is Basis.UNCLASSIFIED and _ACCEPTED.search(told)):
        reason = Reason.DELIVERED.value
        return Recipient(block.address or None, BounceClass.OTHER, reason, action=_DELIVERED, diagnostic=told[:1000])
    if not verdict.is_told:
        if verdict.basis is Basis.UNCLASSIFIED:
            told = one_line(words)  # some name the recipient first and the reason for all of them elsewhere
        verdict = classify(told, prose=words)
    bounce_class, reason = verdict.bounce_class, verdict.reason
    if outcome == _DELAYED:
        reason = reason if bounce_class is BounceClass.SOFT else Reason.DELAYED
        bounce_class = BounceClass.SOFT
    return Recipient(
        address=block.address or None,
        bounce_class=bounce_class,
        reason=reason.value,
        status=verdict.status,
        reply_code=verdict.reply_code,
        action=outcome,
        diagnostic=told[:1000].lstrip(":;,.- "),
        blocklists=verdict.blocklists,
        basis=verdict.basis.value,
        rule=verdict.rule,
    )


def _outcome(subject: str, lower: str) -> str:
    if says_any(lower[:1500], SUCCESSES) and not says_any(lower, FAILURES):
        return _DELIVERED
    is_warning = "delay" in subject or "warning" in subject or says_any(lower[:1500], DELAYS)
    return _DELAYED if is_warning and not says_any(lower[:4000].replace("non-fatal", ""), GIVEN_UP) else _FAILED
