"""Whose a report is, what it tells, and whether it may count: into which lane it goes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fbl.core.addresses import digest as address_digest
from fbl.core.authenticity import (
    FeedRule,
    Outcome,
    Validity,
    Why,
    Witness,
    age_problem,
    default_validity,
    is_token,
    token_digest,
    worst,
)
from fbl.core.events import Event, make_event
from fbl.core.identify import NO_CAMPAIGN, Confidence, Identification, Method, doubts, find
from fbl.core.report import Kind, Recipient, References, Report

# Kinds that say something of a recipient. The others are read, and nothing is recorded.
RECORDED = frozenset({Kind.COMPLAINT, Kind.BOUNCE, Kind.UNSUBSCRIBE, Kind.NOT_SPAM, Kind.TRAP, Kind.FRAUD, Kind.VIRUS})


SOURCE_IP = "source_ip"  # identified by the sending address alone
SIGNED_FEED = "signed_feed"  # the same, and an enrolled feed signed the report
ACCEPTED = "accepted"  # a person looked at it, and vouches for it
# A reference proves that somebody has the mail. A trap hit weighs more than a complaint, and "not spam" takes one back:
# whoever has the mail could play the operator of traps, or the mailbox provider that thinks better of it.
_NEED_A_WITNESS = frozenset({Kind.TRAP, Kind.NOT_SPAM})
MOST_UNVOUCHED = 100  # recipients of a report nobody vouches for: it may name a hundred thousand
UNVOUCHED = "unvouched "  # opens what tells apart the events for which nobody vouches
_NOBODY = Recipient(address=None)
_NOT_FINAL = frozenset({"delayed", "delivered", "relayed", "expanded", "deliverable"})  # RFC 3464 §2.3.3, Postfix


class Lane(StrEnum):
    """Where a report goes (`InboundReport.State`)."""

    RECORDED = "recorded"
    UNIDENTIFIED = "unidentified"
    UNVERIFIED = "unverified"
    UNREADABLE = "unreadable"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Sorted:
    """A report on its way: its lane, why (a code, or the reader's words), and the events it gives."""

    lane: Lane
    why: str
    events: tuple[Event, ...] = ()
    awaits_witness: bool = False  # it would count if its feed signed it


@dataclass(frozen=True)
class House:
    """What we know on our own side, whatever the report says."""

    keys: Mapping[int, bytes]
    digest_key: bytes
    dedicated: Mapping[str, int]  # the account by IP address, for addresses that belong to one account alone
    shared: Collection[str] = frozenset()  # the other addresses our mail leaves from
    validity: Validity = field(default_factory=default_validity)

    def may_have_sent(self, source_ip: str, account_id: int) -> bool:
        return self.dedicated.get(source_ip) == account_id or source_ip in self.shared


@dataclass(frozen=True)
class Arrived:
    """How a report came in, and who vouches for it."""

    envelope_to: str = ""  # the address it was delivered to: for a bounce, our signed return path
    hour: int | None = None  # hours since 1970
    feed: FeedRule | None = None  # the feed it claims to come from
    witness: Witness | None = None
    is_accepted: bool = False  # by a person


def sort(report: Report, arrived: Arrived, house: House) -> Sorted:
    """Say whose the report is, what it tells, and whether it may count."""
    if report.kind is Kind.UNREADABLE:
        return Sorted(Lane.UNREADABLE, report.error)
    if report.kind not in RECORDED:
        return Sorted(Lane.IGNORED, Why.NOTHING_TO_COUNT)
    references = _with_return_path(report, arrived.envelope_to)
    found = find(references, house.keys)
    if found is None or (found.confidence is Confidence.WEAK and not found.conflicts):
        return _without_seal(report, found, references, arrived, house)
    why = _doubt(report, found, arrived, house)
    if why is Why.NOT_FINAL:
        return Sorted(Lane.IGNORED, why)
    if why is None:
        return Sorted(Lane.RECORDED, "", (_sealed(report, found, house, may_count=True),))
    if arrived.is_accepted:
        return Sorted(Lane.RECORDED, why, (replace(_sealed(report, found, house, may_count=True), method=ACCEPTED),))
    return Sorted(
        Lane.UNVERIFIED,
        why,
        (_sealed(report, found, house, may_count=False),),
        awaits_witness=why is Why.UNSIGNED and arrived.witness is None,
    )


def _doubt(report: Report, found: Identification, arrived: Arrived, house: House) -> Why | None:
    """Return why a report with our own valid reference must wait all the same."""
    is_bounce = report.kind is Kind.BOUNCE
    if found.conflicts:
        return Why.TWO_ACCOUNTS
    if house.dedicated.get(report.source_ip, found.account_id) != found.account_id:
        return Why.CROSS_ACCOUNT
    if is_bounce and found.method is not Method.RETURN_PATH:
        # A bounce counts at our signed return path only; elsewhere anybody who has the mail can write one.
        return Why.NOT_OUR_RETURN_PATH
    if is_bounce and _recipient_of(report, found.recipient, house.digest_key).action in _NOT_FINAL:
        return Why.NOT_FINAL
    if report.kind is Kind.TRAP and (arrived.feed is None or not arrived.feed.is_trap):
        return Why.NOT_ENROLLED
    if report.kind in _NEED_A_WITNESS and (why := _unwitnessed(arrived)):
        return why
    return age_problem(sent=found.send_hour, received=arrived.hour, is_bounce=is_bounce, validity=house.validity)


def _unwitnessed(arrived: Arrived) -> Why | None:
    """Return why nobody but the report itself says that its feed sent it; None when the feed signed it."""
    if arrived.feed is None:
        return Why.NOT_ENROLLED
    if not arrived.feed.signers:
        return Why.NOT_TRUSTED
    outcome = arrived.witness.outcome if arrived.witness else Outcome.UNSIGNED
    return None if outcome is Outcome.VERIFIED else Why(outcome.value)


def _without_seal(
    report: Report, found: Identification | None, references: References, arrived: Arrived, house: House
) -> Sorted:
    """Sort a report that names an account by its sending address or by its Feedback-ID, or none at all."""
    doubtful = worst({method.value: verdict.value for method, verdict in doubts(references, house.keys).items()})
    owner = house.dedicated.get(report.source_ip)
    account_id = found.account_id if found else owner
    if account_id is None:
        return Sorted(Lane.UNIDENTIFIED, doubtful or Why.NO_REFERENCE)
    problem = _unvouched(report, arrived, account_id, house)
    if owner not in (None, account_id):
        problem = Why.CROSS_ACCOUNT
    counts = problem is None or arrived.is_accepted
    events = tuple(_unsealed(report, account_id, found, arrived, house, is_vouched=counts))
    if counts:
        return Sorted(Lane.RECORDED, problem or "", events)
    hopeless = {Why.NOT_OUR_RETURN_PATH, Why.CROSS_ACCOUNT, Why.NOT_OUR_ADDRESS, Why.NOT_ENROLLED, Why.NOT_TRUSTED}
    return Sorted(
        Lane.UNVERIFIED,
        doubtful or problem or "",
        events,
        awaits_witness=arrived.witness is None and problem not in hopeless,
    )


def _unvouched(report: Report, arrived: Arrived, account_id: int, house: House) -> Why | None:
    """Return why nobody vouches for a report without our seal; None when its feed does."""
    if report.kind is Kind.BOUNCE:
        return Why.NOT_OUR_RETURN_PATH
    if arrived.feed is None:
        return Why.NOT_ENROLLED
    if not arrived.feed.is_trusted:
        return Why.NOT_TRUSTED
    if not house.may_have_sent(report.source_ip, account_id):
        # A Feedback-ID can be read in any mail of the account, and put into a mail that somebody else sends.
        return Why.NOT_OUR_ADDRESS
    if arrived.witness is None:
        return Why.UNSIGNED
    outcome = arrived.witness.outcome
    return None if outcome is Outcome.VERIFIED else Why(outcome.value)


def _with_return_path(report: Report, envelope_to: str) -> References:
    references = report.references
    if report.kind is not Kind.BOUNCE:
        return references
    # The address it came to is the one thing a bounce can't borrow from the returned copy of the mail.
    return References(return_path=envelope_to) if envelope_to else References(return_path=references.return_path)


def _sealed(report: Report, found: Identification, house: House, *, may_count: bool) -> Event:
    """Return the one event of our own reference: it belongs to one recipient, whatever else the report lists."""
    recipient = _recipient_of(report, found.recipient, house.digest_key)
    return make_event(
        report,
        recipient,
        account_id=found.account_id,
        campaign=found.campaign,
        send_hour=found.send_hour,
        recipient_digest=found.recipient,
        is_ours=found.recipient is not None
        and recipient.sent_to is not None
        and address_digest(recipient.sent_to, house.digest_key) == found.recipient,
        method=found.method.value,
        confidence=found.confidence,
        may_count=may_count and found.send_hour is not None,
        # An event that must wait is never the same as the one that counts: a forged report that came first would else
        # pass for the true one behind it.
        apart_by="" if may_count else f"{UNVOUCHED}{report.references.message_id}",
    )


def _unsealed(
    report: Report, account_id: int, found: Identification | None, arrived: Arrived, house: House, *, is_vouched: bool
) -> Iterator[Event]:
    """Yield an event for each recipient named. Its send hour is the one the reporter tells, when it is vouched for."""
    send_hour = _told_hour(report, arrived.hour) if is_vouched else None
    method = ACCEPTED if arrived.is_accepted else SIGNED_FEED if is_vouched else None
    redacts = arrived.feed is not None and arrived.feed.is_redacting
    named = report.recipients or (_NOBODY,)
    for recipient in named if is_vouched else named[:MOST_UNVOUCHED]:
        address = recipient.sent_to
        is_address = address is not None and not redacts and not is_token(address)
        # A complainer without a name is told from others by the message; nobody is suppressed for it.
        token = address or f"message {report.references.message_id}"
        yield replace(
            make_event(
                report,
                recipient,
                account_id=account_id,
                campaign=found.campaign if found else NO_CAMPAIGN,
                send_hour=send_hour,
                recipient_digest=address_digest(address or "", house.digest_key)
                if is_address
                else token_digest(token, report.reporter, house.digest_key),
                is_ours=is_address and is_vouched,
                method=method or (found.method.value if found else SOURCE_IP),
                confidence=Confidence.STRONG if is_vouched else Confidence.WEAK,
                may_count=is_vouched and send_hour is not None,
                apart_by=("" if is_vouched else UNVOUCHED) + report.references.message_id,
            ),
            suppresses=is_address,
        )


def _told_hour(report: Report, received_hour: int | None) -> int | None:
    """Return the hour at which the mail left, as the reporter tells it; None when that can't be."""
    if report.arrived_at is None:
        return None
    hour = int(report.arrived_at.timestamp() // 3600)
    return None if received_hour is not None and hour > received_hour + 1 else max(hour, 0)


def _recipient_of(report: Report, reference: bytes | None, digest_key: bytes) -> Recipient:
    """Return the recipient the reference was minted for; when none matches (forwarding) the first that failed."""
    if reference is not None and len(report.recipients) > 1:
        for recipient in report.recipients:
            if recipient.sent_to and address_digest(recipient.sent_to, digest_key) == reference:
                return recipient
    failed = (recipient for recipient in report.recipients if recipient.action not in _NOT_FINAL)
    return next(failed, report.recipients[0] if report.recipients else _NOBODY)
