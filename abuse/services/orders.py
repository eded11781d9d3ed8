"""Write orders into the outbox, in the transaction of the decision they carry out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from abuse.models import Endpoint, EnforcementOrder, Standing, Suspension
from courrielleur.accounts.models import Account

Action = EnforcementOrder.Action

_RESTATED = {
    Standing.Level.SUSPENDED: Action.SUSPEND,
    Standing.Level.TERMINATED: Action.TERMINATE,
    Standing.Level.HOLD: Action.HOLD,
}
CHANGED = "courrielleur_standings"  # the NOTIFY channel: some standing has changed
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANGED])  # heard at commit, once for a transaction
    return EnforcementOrder.objects.bulk_create(orders)


def restate(standing: Standing, endpoint: Endpoint, *, now: datetime) -> EnforcementOrder:
    """Order *endpoint* to do what *standing* asks for: it is new, or it disagrees. Call it with the standing locked."""
    account = standing.account
    suspension = Suspension.objects.filter(account=account, lifted_at=None).select_related("assessment", "case").first()
    action = _RESTATED.get(Standing.Level(standing.level), Action.LIFT)
    if action == Action.HOLD and not standing.held_campaign:
        action = Action.RELEASE
    assessment = suspension.assessment if suspension else None
    case = getattr(suspension, "case", None)
    (order,) = give(
        account,
        action,
        standing=standing,
        now=now,
        reasons=assessment.reasons if assessment else [],
        case_key=case.key if case else "",
        suspension=suspension,
        endpoints=[endpoint],
        more={"restated": True, **held_by(standing)},
    )
    return order


def held_by(standing: Standing) -> dict[str, str]:
    """Return what orders say of the campaign that a hold pauses or paused; nothing when there was none."""
    return {"campaign": standing.held_campaign} if standing.held_campaign else {}


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
