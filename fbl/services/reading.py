"""Read one stored report: what it says, whose it is, and whether its feed vouches for it. Writes nothing."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from courrielleur import vault
from courrielleur.accounts.models import Account
from courrielleur.accounts.selectors import dedicated_addresses, shared_addresses
from fbl.core.authenticity import FeedRule, Outcome, Why, Witness, default_validity, feed_of
from fbl.core.letterhead import NO_LETTERHEAD, Letterhead, read_letterhead
from fbl.core.registry import READER_FAILED, read_report
from fbl.core.report import Kind, Report
from fbl.core.sorting import Arrived, House, Lane, Sorted, sort
from fbl.core.told import Endpoint, sort_told
from fbl.services import endpoints, feeds
from fbl.services.events import Entry

logger = logging.getLogger(__name__)

# Asks whether the feed signed these bytes. It reaches out to DNS, so it is handed in by whoever may.
Verify = Callable[[bytes, FeedRule], Witness]


@dataclass(frozen=True)
class Row:
    """A stored report, as it waits."""

    id: UUID
    raw: bytes
    envelope_to: str
    received_at: datetime
    witness: str


@dataclass(frozen=True)
class Reading:
    """A report after reading: what it says, its lane, and from which feed it claims to come."""

    row: Row
    report: Report
    sorted: Sorted
    state: str
    letterhead: Letterhead = NO_LETTERHEAD
    feed: FeedRule | None = None
    witness: str = ""
    account_id: int | None = None  # whom it names: one account, however many recipients
    is_news: bool = False  # it tells something that counts, and is the first to tell it

    @property
    def reporter(self) -> str:
        """The domain the report came from. A whole address may be a person's."""
        return self.report.reporter.rpartition("@")[2].replace("\x00", "").strip("<> ").lower()[:255]

    @property
    def entries(self) -> list[Entry]:
        return [Entry(event, self.row.id, self.row.received_at) for event in self.sorted.events]


@dataclass(frozen=True)
class Reader:
    """Everything that reading needs besides the report, asked for once a batch."""

    house: House
    feeds: tuple[FeedRule, ...]
    accounts: frozenset[int]
    endpoints: Mapping[str, Endpoint]
    verify: Verify | None

    @classmethod
    def now(cls, verify: Verify | None) -> "Reader":
        validity = default_validity()
        if settings.RETURN_PATH_DAYS:
            validity = replace(validity, return_path=settings.RETURN_PATH_DAYS * 24)
        return cls(
            house=House(
                keys=vault.reference_keys(),
                digest_key=vault.digest_key(),
                dedicated=dedicated_addresses(),
                shared=shared_addresses(),
                validity=validity,
            ),
            feeds=feeds.rules(),
            accounts=frozenset(Account.objects.values_list("pk", flat=True)),
            endpoints=endpoints.known(),
            verify=verify,
        )

    def read(self, row: Row, *, is_accepted: bool = False) -> Reading:
        """Return what the report says. One that finds a hole in us is unreadable: it stops no report behind it."""
        try:
            return self._read(row, is_accepted=is_accepted)
        except Exception as error:
            return aside(row, error)

    def _read(self, row: Row, *, is_accepted: bool) -> Reading:
        if row.envelope_to.lower().rpartition("@")[2] == settings.CASE_DOMAIN:
            return Reading(row, Report(kind=Kind.OTHER, format="mail"), Sorted(Lane.IGNORED, ""), "reply")
        try:
            raw = vault.decrypt(row.raw)
        except vault.CannotDecrypt as error:
            report = Report(kind=Kind.UNREADABLE, error=str(error))
            return Reading(row, report, sort(report, Arrived(), self.house), Lane.UNREADABLE.value)
        report = read_report(raw)
        if (endpoint := self.endpoints.get(row.witness)) is not None:
            return self._of_provider(row, report, endpoint, is_accepted=is_accepted)
        letterhead = read_letterhead(raw)
        feed = feed_of(letterhead.sender, row.envelope_to, self.feeds)
        witness = _remembered(row.witness, feed)
        if feed is not None and feed.is_trap and report.kind is Kind.COMPLAINT:
            report = replace(report, kind=Kind.TRAP)
        arrived = Arrived(row.envelope_to, int(row.received_at.timestamp() // 3600), feed, witness, is_accepted)
        found = sort(report, arrived, self.house)
        if found.awaits_witness and feed is not None and self.verify is not None:
            witness = self.verify(raw, feed)
            found = sort(report, replace(arrived, witness=witness), self.house)
        if any(event.account_id not in self.accounts for event in found.events):
            found = Sorted(Lane.UNIDENTIFIED, Why.NO_SUCH_ACCOUNT)
        told = f"{witness.by} {witness.domain}"[:300] if witness and witness.domain else ""
        account_id = found.events[0].account_id if found.events else None
        return Reading(row, report, found, found.lane.value, letterhead, feed, told, account_id)

    def _of_provider(self, row: Row, report: Report, endpoint: Endpoint, *, is_accepted: bool) -> Reading:
        """Read an event of an e-mail provider, which signed the request it came in."""
        hour = int(row.received_at.timestamp() // 3600)
        found = sort_told(report, endpoint, self.house, hour=hour, is_accepted=is_accepted)
        if any(event.account_id not in self.accounts for event in found.events):
            found = Sorted(Lane.UNIDENTIFIED, Why.NO_SUCH_ACCOUNT)
        account_id = found.events[0].account_id if found.events else None
        return Reading(row, report, found, found.lane.value, witness=row.witness, account_id=account_id)


def aside(row: Row, error: Exception) -> Reading:
    """Return the reading of a report that we failed on. The error's name alone: its words may hold the mail's."""
    name = type(error).__name__
    logger.error("report %s put aside: %s", row.id, name)
    report = Report(kind=Kind.UNREADABLE, error=f"{READER_FAILED} ({name}).")
    return Reading(row, report, Sorted(Lane.UNREADABLE, report.error), Lane.UNREADABLE.value)


def _remembered(witness: str, feed: FeedRule | None) -> Witness | None:
    """Return who vouched for a report when it was read before: keys in DNS are withdrawn, the testimony stays."""
    by, _space, domain = witness.partition(" ")
    return Witness(Outcome.VERIFIED, domain, by) if feed and domain in feed.signers else None
