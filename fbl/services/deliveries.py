"""Take deliveries back that bounced later: once for a message, whoever tells of it, in whatever order.

A delivery is taken back when the MTA's log tells of a later bounce (`TakenBackDelivery`), or when a bounce came by mail
at our signed return path for a message of an hour whose deliveries a log told (`LoggedHour`), and the log does not tell
that the message was refused from the start: then it never was among the delivered. What is known is asked again
whenever some of it changes, and the count is moved by the difference.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from fbl.core.events import event_digest
from fbl.core.identify import Method, campaign_digest
from fbl.core.logs.record import METHOD, Cell, LogRecord
from fbl.core.report import BounceClass, Kind
from fbl.services.events import EPOCH, Entry
from fbl.services.ledger import Volume, count_delivered, shown_campaigns

BY_MAIL = Method.RETURN_PATH.value


class Message(NamedTuple):
    """One message to one recipient, as its bounces name it."""

    account_id: int
    send_hour: int
    campaign: bytes  # digest
    recipient: bytes  # digest

    @property
    def digest(self) -> bytes:
        """What two notices about it share: the class of the bounce is no part of it."""
        return self.event_digest(None)

    def event_digest(self, bounce_class: BounceClass | None) -> bytes:
        """Return what the event of its bounce is known by, when it may count."""
        return event_digest(Kind.BOUNCE, bounce_class, self.account_id, self.campaign, self.send_hour, self.recipient)


def told_by_mail(entries: Iterable[Entry]) -> set[Message]:
    """Return the messages whose bounces these entries tell of, as far as a delivery can have been counted for them."""
    return {
        Message(event.account_id, event.send_hour, event.campaign, event.recipient_digest)
        for event in (entry.event for entry in entries)
        if event.kind is Kind.BOUNCE
        and event.method == BY_MAIL
        and event.send_hour is not None
        and event.recipient_digest is not None
    }


def no_longer_told(cursor: Any) -> set[Message]:
    """Return the same of the events that stand in the temporary table `taken_back` (fbl/services/rereading.py)."""
    cursor.execute(_NO_LONGER_TOLD, [BY_MAIL])
    return {_message(*row) for row in cursor.fetchall()}


def refused(records: Iterable[LogRecord], now: datetime) -> None:
    """Give back what bounces by mail took, of messages that a log says bounced: it knows which ones were delivered."""
    messages = {
        Message(one.account_id, one.send_hour, one.campaign, one.recipient_digest)
        for one in records
        if one.kind is Kind.BOUNCE and one.send_hour is not None
    }
    if messages:
        _give_back(messages, now)


def remember_hours(cells: Iterable[Cell]) -> set[Message]:
    """Remember that a log told of these hours; return the messages of the new ones that bounced by mail before."""
    hours = sorted({(account_id, send_hour) for account_id, _, _, send_hour in cells})
    if not hours:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_loggedhour (account_id, send_hour) SELECT * FROM unnest(%s::bigint[], %s::int[])"
            " ON CONFLICT DO NOTHING RETURNING account_id, send_hour",
            [[account_id for account_id, _ in hours], [send_hour for _, send_hour in hours]],
        )
        new = cursor.fetchall()
        if not new:
            return set()
        cursor.execute(_BOUNCED_IN, [[one[0] for one in new], [one[1] for one in new], BY_MAIL])
        return {_message(*row) for row in cursor.fetchall()}


def settle(messages: Collection[Message], now: datetime) -> None:
    """Let the delivered counts say of each message what is known of it now. The caller holds the accounts' locks."""
    if not messages:
        return
    wanted = _wanted(messages)
    standing = _standing(messages)
    take = [(one, provider) for one, provider in wanted.items() if one not in standing]
    if take:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO fbl_takenbackdelivery (account_id, send_hour, digest, provider, campaign, is_by_mail)"
                " SELECT *, true FROM unnest(%s::bigint[], %s::int[], %s::bytea[], %s::text[], %s::bytea[])",
                [*_keys([one for one, _ in take]), [told for _, told in take], [one.campaign for one, _ in take]],
            )
        _move([(one.account_id, one.campaign, provider, one.send_hour) for one, provider in take], -1, now)
    _give_back([one for one in messages if one not in wanted], now)


def _give_back(messages: Collection[Message], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            # As text: thousands of digests of a log take longer to write out as an array than to look up.
            "DELETE FROM fbl_takenbackdelivery t USING unnest(string_to_array(%s, ',')::bigint[],"
            " string_to_array(%s, ',')::int[], string_to_array(%s, ',')) AS k (account_id, send_hour, digest)"
            " WHERE t.account_id = k.account_id AND t.send_hour = k.send_hour AND t.digest = decode(k.digest, 'hex')"
            " AND t.is_by_mail RETURNING t.account_id, t.campaign, t.provider, t.send_hour",
            [
                ",".join(str(one.account_id) for one in messages),
                ",".join(str(one.send_hour) for one in messages),
                ",".join(one.digest.hex() for one in messages),
            ],
        )
        given = [(row[0], bytes(row[1]), row[2], row[3]) for row in cursor.fetchall()]
    _move(given, 1, now)


def _move(cells: list[Cell], number: int, now: datetime) -> None:
    """Count *number* more delivered mails in each of the cells."""
    if cells:
        shown = shown_campaigns((account_id, campaign) for account_id, campaign, _, _ in cells)
        count_delivered(
            [
                Volume(account_id, shown[account_id, campaign], provider, send_hour, number)
                for account_id, campaign, provider, send_hour in cells
            ],
            now,
        )


def _wanted(messages: Collection[Message]) -> dict[Message, str]:
    """Return the messages whose delivery their bounce by mail takes back, with the provider it was counted under."""
    # An event is found by its whole key alone: by anything less, the planner reads all events of an account for each.
    keys = {one.event_digest(bounce_class): one for one in messages for bounce_class in BounceClass}
    told: dict[Message, list[tuple[str, str, bool]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            _TOLD,
            [
                [one.account_id for one in keys.values()],
                [EPOCH + timedelta(days=one.send_hour // 24) for one in keys.values()],
                list(keys),
                [BY_MAIL, METHOD],
            ],
        )
        for digest, method, provider, is_sure in cursor.fetchall():
            told[keys[bytes(digest)]].append((method, provider, is_sure))
    wanted = {}
    for message, bounces in told.items():
        providers = [provider for method, provider, is_sure in bounces if method == BY_MAIL and is_sure]
        if providers and all(method == BY_MAIL for method, _, _ in bounces):
            wanted[message] = min(providers)
    return wanted


def _standing(messages: Collection[Message]) -> set[Message]:
    """Return those whose delivery is taken back already."""
    by_key = {(one.account_id, one.send_hour, one.digest): one for one in messages}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, send_hour, digest FROM fbl_takenbackdelivery"
            " JOIN unnest(%s::bigint[], %s::int[], %s::bytea[]) AS k (account_id, send_hour, digest)"
            " USING (account_id, send_hour, digest)",
            _keys(list(by_key.values())),
        )
        return {by_key[account_id, send_hour, bytes(digest)] for account_id, send_hour, digest in cursor.fetchall()}


def _keys(messages: list[Message]) -> list[list[Any]]:
    return [
        [one.account_id for one in messages],
        [one.send_hour for one in messages],
        [one.digest for one in messages],
    ]


def _message(account_id: int, send_hour: int, campaign: str, recipient: bytes | memoryview) -> Message:
    """Return the message of a stored event, which has its campaign as it is shown (`ledger.unnamed`)."""
    digest = bytes.fromhex(campaign[1:]) if campaign.startswith("#") else campaign_digest(campaign)
    return Message(account_id, send_hour, digest, bytes(recipient))


# The address is stored only when it is the one our reference was made for: elsewhere the notice is of a forward, and
# its provider is not the one the delivery was counted under.
_TOLD = """
    SELECT f.digest, f.method, f.provider, f.is_counted AND f.recipient IS NOT NULL
    FROM unnest(%s::bigint[], %s::date[], %s::bytea[]) AS k (account_id, send_day, digest)
    JOIN fbl_feedbackevent f USING (account_id, send_day, digest)
    JOIN fbl_loggedhour h ON h.account_id = f.account_id AND h.send_hour = f.send_hour
    WHERE f.method = ANY(%s)
"""

_NO_LONGER_TOLD = """
    SELECT account_id, send_hour, campaign, recipient_digest FROM taken_back
    WHERE kind = 'bounce' AND method = %s AND send_hour IS NOT NULL AND recipient_digest IS NOT NULL
"""

_BOUNCED_IN = """
    SELECT f.account_id, f.send_hour, f.campaign, f.recipient_digest
    FROM unnest(%s::bigint[], %s::int[]) AS k (account_id, send_hour)
    JOIN fbl_feedbackevent f ON f.account_id = k.account_id AND f.send_hour = k.send_hour
        AND f.send_day = DATE '1970-01-01' + k.send_hour / 24
    WHERE f.kind = 'bounce' AND f.method = %s AND f.recipient_digest IS NOT NULL
"""
