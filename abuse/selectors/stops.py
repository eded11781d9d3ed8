"""What every MTA should hold back now, and where one of them is silent, away, or of another opinion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from abuse.core.stops import Difference, Stop, stops_of
from abuse.models import Endpoint, EnforcementOrder, Standing
from courrielleur.accounts.actors import Actor

SILENT_AFTER = timedelta(minutes=5)  # MTAs are asked, or call, at least every minute
IS_STOPPED = Q(level__in=["suspended", "terminated"]) | Q(level="hold", held_campaign__gt="")
DISAGREES_AFTER = timedelta(minutes=2)  # a shorter disagreement is an order on its way

State = EnforcementOrder.State


@dataclass(frozen=True)
class MtaView:
    """An MTA as people see it. *condition*: fine, new, differs, trouble, silent or off."""

    endpoint: Endpoint
    condition: str
    since: datetime | None
    waiting: int  # orders on their way
    oldest_waiting_at: datetime | None
    dead: int  # orders given up
    differences: tuple[Difference, ...]

    @property
    def is_alarming(self) -> bool:
        return self.condition in {"differs", "trouble", "silent"} or self.dead > 0


def stops_for(endpoint: Endpoint, accounts: Iterable[int] | None = None) -> frozenset[Stop]:
    """Return what *endpoint* should hold back at this moment, of all its accounts or of these."""
    found = Standing.objects.filter(IS_STOPPED)
    if endpoint.reseller_id is not None:
        found = found.filter(account__reseller=endpoint.reseller_id)
    if accounts is not None:
        found = found.filter(account__in=accounts)
    rows = found.values_list("account__key", "level", "held_campaign")
    return frozenset(stop for row in rows for stop in stops_of(*row))


def unsettled_accounts(endpoint: Endpoint, *, before: datetime | None = None) -> frozenset[str]:
    """Return the accounts with an order, given *before* then, that *endpoint* has not confirmed yet."""
    waiting = EnforcementOrder.objects.filter(endpoint=endpoint, state=State.PENDING)
    if before is not None:
        waiting = waiting.filter(created_at__lte=before)
    return frozenset(waiting.values_list("account__key", flat=True))


def mtas(now: datetime, *, with_disabled: bool = False) -> list[MtaView]:
    """Return every endpoint but the webhooks, those with trouble first."""
    found = Endpoint.objects.exclude(kind=Endpoint.Kind.WEBHOOK).select_related("reseller")
    if not with_disabled:
        found = found.filter(disabled_at=None)
    views = [_view(endpoint, now) for endpoint in _counted(found)]
    return sorted(views, key=lambda one: (not one.is_alarming, one.condition == "off", str(one.endpoint)))


def mta_alarms(now: datetime) -> list[MtaView]:
    return [one for one in mtas(now) if one.is_alarming]


def _counted(found: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
    waiting = Q(orders__state=State.PENDING)
    return found.annotate(
        waiting=Count("orders", filter=waiting),
        oldest_waiting_at=Min("orders__created_at", filter=waiting),
        dead=Count("orders", filter=Q(orders__state=State.DEAD)),
    ).order_by("name", "pk")


def _view(endpoint: Endpoint, now: datetime) -> MtaView:
    condition, since = _condition(endpoint, now)
    figures = vars(endpoint)  # what `_counted` added
    return MtaView(
        endpoint=endpoint,
        condition=condition,
        since=since,
        waiting=figures["waiting"],
        oldest_waiting_at=figures["oldest_waiting_at"],
        dead=figures["dead"],
        differences=tuple(map(Difference.from_json, endpoint.differences)),
    )


def _condition(endpoint: Endpoint, now: datetime) -> tuple[str, datetime | None]:
    if endpoint.disabled_at is not None:
        return "off", endpoint.disabled_at
    if endpoint.trouble_since is not None:
        return "trouble", endpoint.trouble_since
    if endpoint.differs_since is not None and endpoint.differs_since <= now - DISAGREES_AFTER:
        return "differs", endpoint.differs_since
    if endpoint.heard_at is None:
        is_late = endpoint.created_at <= now - SILENT_AFTER
        return ("silent" if is_late else "new"), endpoint.created_at
    if endpoint.heard_at <= now - SILENT_AFTER:
        return "silent", endpoint.heard_at
    return "fine", None


def pull_endpoint_for(actor: Actor, endpoint_id: UUID | None) -> Endpoint:
    """Return the actor's endpoint that asks for its orders; without an id, the only one of the actor's own.

    Raises `Endpoint.DoesNotExist` for a stranger too, and `Endpoint.MultipleObjectsReturned`.
    """
    found = Endpoint.objects.filter(kind=Endpoint.Kind.PULL, disabled_at=None).select_related("reseller")
    if not actor.is_staff:
        found = found.filter(reseller__in=actor.reseller_ids)
    elif endpoint_id is None:
        found = found.filter(reseller=None)
    return found.get() if endpoint_id is None else found.get(pk=endpoint_id)


def mta_for(actor: Actor, endpoint_id: UUID) -> Endpoint:
    """Return the MTA in use of that id, as staff may. Raises `Endpoint.DoesNotExist` for everybody else."""
    found = Endpoint.objects.exclude(kind=Endpoint.Kind.WEBHOOK).filter(disabled_at=None)
    return (found if actor.is_staff else found.none()).get(pk=endpoint_id)
