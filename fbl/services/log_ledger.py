"""Write down what a piece of a log gave: counts, events, deliveries taken back; in the caller's transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from fbl.core.events import Event, event_digest
from fbl.core.identify import Confidence
from fbl.core.logs.record import METHOD, Cell, LogRecord, Reject
from fbl.core.report import BounceClass, Kind
from fbl.services import deliveries
from fbl.services.events import EPOCH, Entry, record_events
from fbl.services.ledger import Volume, count_delivered, lock_accounts, remember_campaigns, shown_campaigns


@dataclass(frozen=True)
class Written:
    """What was new: mails and events. `duplicate` events were known by another way, such as the same bounce by mail."""

    delivered: int = 0
    hard: int = 0
    soft: int = 0
    block: int = 0
    complaints: int = 0
    duplicate: int = 0


@dataclass
class Summary:
    """What became of the lines of a run. Lines counted by an earlier run are `duplicate`."""

    lines: int = 0
    delivered: int = 0
    hard: int = 0
    soft: int = 0
    block: int = 0
    complaints: int = 0
    duplicate: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    categories: Counter[tuple[str, str]] = field(default_factory=Counter)  # of bounces: the MTA's word, and our class

    def add(self, lines: int, written: Written, records: Sequence[LogRecord], rejects: Sequence[Reject]) -> None:
        self.lines += lines
        self.delivered += written.delivered
        self.hard += written.hard
        self.soft += written.soft
        self.block += written.block
        self.complaints += written.complaints
        self.duplicate += written.duplicate
        self.rejected += len(rejects)
        self.reasons.update(reject.reason.value for reject in rejects)
        self.categories.update((one.category, one.bounce_class.value) for one in records if one.bounce_class)


def write(
    delivered: Mapping[Cell, int],
    records: Sequence[LogRecord],
    campaigns: Mapping[tuple[int, bytes], str],
    now: datetime,
) -> Written:
    """Count the delivered mail, record the rest. *campaigns* are the names the log told, by account and digest."""
    lock_accounts({cell[0] for cell in delivered} | {one.account_id for one in records} | {key[0] for key in campaigns})
    remember_campaigns({(account_id, name) for (account_id, _), name in campaigns.items()}, now)
    net: Counter[Cell] = Counter(delivered)
    net.subtract(_taken_back([record for record in records if record.takes_back]))
    if net:
        shown = shown_campaigns((account_id, campaign) for account_id, campaign, _, _ in net)
        count_delivered(
            [
                Volume(account_id, shown[account_id, campaign], provider, send_hour, number)
                for (account_id, campaign, provider, send_hour), number in net.items()
            ],
            now,
        )
    new, known = _unknown([Entry(_event(record), None, min(record.at, now)) for record in records])
    record_events(new, now)
    _take_over([entry.event for entry in known if entry.event.kind is Kind.BOUNCE])
    deliveries.refused(records, now)
    deliveries.settle(deliveries.remember_hours(delivered), now)
    kinds = Counter((entry.event.kind, entry.event.bounce_class) for entry in new)
    return Written(
        delivered=sum(delivered.values()),
        hard=kinds[Kind.BOUNCE, BounceClass.HARD],
        soft=kinds[Kind.BOUNCE, BounceClass.SOFT],
        block=kinds[Kind.BOUNCE, BounceClass.BLOCK],
        complaints=kinds[Kind.COMPLAINT, None],
        duplicate=len(known),
    )


def _event(record: LogRecord) -> Event:
    return Event(
        digest=event_digest(
            record.kind,
            record.bounce_class,
            record.account_id,
            record.campaign,
            record.send_hour,
            record.recipient_digest,
        ),
        account_id=record.account_id,
        kind=record.kind,
        bounce_class=record.bounce_class,
        reason=record.reason,
        status=record.status,
        campaign=record.campaign,
        provider=record.provider,
        recipient_digest=record.recipient_digest,
        address=record.recipient.replace("\x00", ""),
        send_hour=record.send_hour,
        method=METHOD,
        confidence=Confidence.CERTAIN,
        may_count=True,
        mta_category=record.category,
    )


def _unknown(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the entries whose event is not stored yet, each once, and the others."""
    if not entries:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(
            # As text: an array of thousands of digests takes longer to write out than to look up.
            "SELECT f.account_id, f.digest FROM fbl_feedbackevent f"
            " JOIN unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::int[],"
            " string_to_array(%s, ',')) AS e (account_id, day, digest)"
            " ON f.account_id = e.account_id AND f.send_day = DATE '1970-01-01' + e.day"
            " AND f.digest = decode(e.digest, 'hex')",
            [
                ",".join(str(entry.event.account_id) for entry in entries),
                ",".join(str(entry.event.send_day) for entry in entries),
                ",".join(entry.event.digest.hex() for entry in entries),
            ],
        )
        stored = {(account_id, bytes(digest)) for account_id, digest in cursor.fetchall()}
    new: dict[tuple[int, bytes], Entry] = {}
    known = []
    for entry in entries:
        key = (entry.event.account_id, entry.event.digest)
        if key in stored or new.setdefault(key, entry) is not entry:
            known.append(entry)
    return list(new.values()), known


def _take_over(events: Sequence[Event]) -> None:
    """Let bounces that were told by mail before be the log's, which needs no report: it saw them happen."""
    if not events:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fbl_feedbackevent f SET method = %s, report_id = NULL, mta_category = e.mta_category"
            " FROM unnest(%s::bigint[], %s::date[], %s::bytea[], %s::text[])"
            " AS e (account_id, send_day, digest, mta_category)"
            " WHERE f.account_id = e.account_id AND f.send_day = e.send_day AND f.digest = e.digest"
            " AND f.method <> %s",
            [
                METHOD,
                [event.account_id for event in events],
                [EPOCH + timedelta(days=event.send_day) for event in events],
                [event.digest for event in events],
                [event.mta_category for event in events],
                METHOD,
            ],
        )


def _taken_back(records: Iterable[LogRecord]) -> Counter[Cell]:
    """Remember the mails that bounced after they had been delivered; return those not remembered before.

    The class of the bounce is not part of what is remembered: two notices about one mail take it back once.
    """
    rows = {
        (one.account_id, one.send_hour, event_digest(
            Kind.BOUNCE, None, one.account_id, one.campaign, one.send_hour, one.recipient_digest
        )): one
        for one in records
    }  # fmt: skip
    if not rows:
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_takenbackdelivery (account_id, send_hour, digest, provider, campaign)"
            " SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bytea[], %s::text[], %s::bytea[])"
            # What a bounce by mail took back before is the log's from now on: nothing gives it back any more.
            " ON CONFLICT (account_id, send_hour, digest) DO UPDATE SET is_by_mail = false"
            " WHERE fbl_takenbackdelivery.is_by_mail"
            " RETURNING account_id, campaign, provider, send_hour, xmax = 0",
            [
                [account_id for account_id, _, _ in rows],
                [send_hour for _, send_hour, _ in rows],
                [digest for _, _, digest in rows],
                [one.provider for one in rows.values()],
                [one.campaign for one in rows.values()],
            ],
        )
        return Counter(
            (account_id, bytes(campaign), provider, send_hour)
            for account_id, campaign, provider, send_hour, is_new in cursor.fetchall()
            if is_new
        )
