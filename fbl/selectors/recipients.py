"""Recipients as events know them: digests to match with, never a list to read. Traps are told of by kind alone."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from fbl.models import FeedbackEvent

# What ordinary people's mailboxes answer: they neither complained nor vanished, and no trap ever unsubscribes.
_ORDINARY = Q(kind="unsubscribe") | Q(kind="bounce", bounce_class__in=["soft", "block"])
_NEVER_SAMPLED = Q(kind__in=["trap", "complaint"])


def trap_digests_of(account_id: int, first_day: date, last_day: date) -> list[tuple[bytes, str]]:
    """Return (recipient digest, what the operator says of the trap) of the account's trap hits, by send day.

    The digests are for matching in this process; neither they nor their exact number may leave it.
    """
    rows = FeedbackEvent.objects.filter(
        account_id=account_id, kind="trap", send_day__range=(first_day, last_day), recipient_digest__isnull=False
    ).values_list("recipient_digest", "reason")
    return [(bytes(digest), reason) for digest, reason in rows if digest is not None]


def ordinary_digests_of(account_id: int, first_day: date, last_day: date) -> list[tuple[bytes, int | None]]:
    """Return (recipient digest, send hour) of people who unsubscribed, or whose mailbox was full or refused us."""
    rows = FeedbackEvent.objects.filter(
        _ORDINARY, account_id=account_id, send_day__range=(first_day, last_day), recipient_digest__isnull=False
    ).values_list("recipient_digest", "send_hour")
    return [(bytes(digest), hour) for digest, hour in rows if digest is not None]


def heard_of(account_id: int, first_day: date, last_day: date, limit: int) -> list[tuple[bytes, int, str]]:
    """Return (recipient digest, send hour, campaign) of those who complained, bounced or unsubscribed, latest first.

    None of its trap hits is among them. At most *limit* rows: of an account with more, the latest tell enough.
    """
    rows = list(
        FeedbackEvent.objects.filter(
            Q(kind="complaint", is_counted=True) | Q(kind__in=["bounce", "unsubscribe"]),
            account_id=account_id,
            send_day__range=(first_day, last_day),
            send_hour__isnull=False,
            recipient_digest__isnull=False,
        )
        .order_by("-send_day", "-send_hour")
        .values_list("recipient_digest", "send_hour", "campaign")[:limit]
    )
    heard = [(bytes(digest), hour, name) for digest, hour, name in rows if digest is not None and hour is not None]
    seen = sorted({row[0] for row in heard})
    trapped = FeedbackEvent.objects.filter(account_id=account_id, kind="trap", recipient_digest__in=seen)
    secret = {bytes(digest) for digest in trapped.values_list("recipient_digest", flat=True) if digest is not None}
    return [row for row in heard if row[0] not in secret]


def ordinary_addresses(account_id: int, seen_until: datetime) -> dict[bytes, bytes]:
    """Return the encrypted addresses of the account's ordinary recipients whose reports named them, by digest."""
    rows = (
        FeedbackEvent.objects.filter(
            _ORDINARY, account_id=account_id, arrived_at__lte=seen_until, recipient__isnull=False
        )
        .order_by("arrived_at")
        .values_list("recipient_digest", "recipient")
    )
    return {bytes(digest): bytes(address) for digest, address in rows if digest is not None and address is not None}


def not_to_be_named(account_id: int, digests: Collection[bytes]) -> set[bytes]:
    """Return those of *digests* that no sample may hold: they complained of this account, or are anybody's trap."""
    if not digests:
        return set()
    mine = Q(account_id=account_id) & _NEVER_SAMPLED
    rows = FeedbackEvent.objects.filter(mine | Q(kind="trap"), recipient_digest__in=sorted(digests))
    return {bytes(digest) for digest in rows.values_list("recipient_digest", flat=True) if digest is not None}


def largest_mailing(account_id: int, first_day: date, last_day: date) -> int:
    """Return the most mails that one campaign delivered on one UTC day: about as many recipients it had."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(delivered), 0)::bigint FROM (SELECT sum(delivered) AS delivered FROM fbl_hourlycount"
            " WHERE account_id = %s AND send_hour >= %s AND send_hour < %s GROUP BY campaign, send_hour / 24) AS days",
            [account_id, _hours(first_day), _hours(last_day) + 24],
        )
        return max(0, int(cursor.fetchone()[0]))


def _hours(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 24
