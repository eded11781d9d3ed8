"""Write orders into the outbox, in the transaction of the decision they carry out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from abuse.models import Endpoint, EnforcementOrder, Standing, Suspension
from courrielleur.accounts.models import Account

Action = EnforcementOrder.Action

_CHANNELS_LOCK = 0x636F7572  # any number that nobody else in this database uses


def give(
    account: Account,
    action: Action,
    *,
    standing: Standing,
    now: datetime,
    reasons: Iterable[str] = (),
    case_key: str = "",
    more: Mapping[str, Any] | None = None,
    suspension: Suspension | None = None,
    endpoints: Iterable[Endpoint] | None = None,
) -> list[EnforcementOrder]:
    """Write one order for each channel that hears of *account*: the platform's, and those of its reseller.

    *more* are what this action says beyond the common figures, as short JSON values.

    Call it while the account's `Standing` row is locked: the sequence counts up per account and endpoint.
    """
    if endpoints is None:
        lock_channels(exclusive=False)
    targets = list(channels_of(account) if endpoints is None else endpoints)
    last = dict(
        EnforcementOrder.objects.filter(account=account, endpoint__in=targets)
        .values_list("endpoint")
        .annotate(Max("sequence"))
    )
    orders = []
    for endpoint in targets:
        sequence = last.get(endpoint.pk, 0) + 1
        data: dict[str, Any] = {
            "account": account.key,
            "reseller": account.reseller.key,
            "standing": standing.level,
            "since": stamp(standing.since),
            "reasons": list(reasons),
            "case": case_key or None,
            "sequence": sequence,
            **(more or {}),
        }
        orders.append(
            EnforcementOrder(
                account=account,
                endpoint=endpoint,
                sequence=sequence,
                action=action,
                suspension=suspension,
                body={"type": action.value, "timestamp": stamp(now), "data": data},
                next_attempt_at=now,
                created_at=now,
            )
        )
    return EnforcementOrder.objects.bulk_create(orders)


def channels_of(account: Account) -> list[Endpoint]:
    is_concerned = Q(reseller=None) | Q(reseller=account.reseller_id)
    return list(Endpoint.objects.filter(is_concerned, disabled_at=None).order_by("pk"))


def lock_channels(*, exclusive: bool) -> None:
    """Hold the list of channels still until the transaction ends.

    Whoever adds an endpoint waits for decisions under way: otherwise each could miss the other, and a new MTA
    would send for an account stopped in that moment. Decisions lock their standing first, then this.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_CHANNELS_LOCK])  # one of two constants


def stamp(moment: datetime) -> str:
    """Return *moment* as RFC 3339 in UTC, whole seconds.

    >>> stamp(datetime(2026, 11, 21, 17, 42, 5, 900, tzinfo=UTC))
    '2026-11-21T17:42:05Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
