"""Orders and endpoints as people and keys may see them."""

from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from abuse.models import Endpoint, EnforcementOrder
from courrielleur.accounts.actors import SYSTEM, Actor
from courrielleur.accounts.selectors import accounts_for


def orders(state: str | None = None, actor: Actor = SYSTEM) -> QuerySet[EnforcementOrder]:
    """Return the orders to the actor's own endpoints, newest first; staff sees all. *state* narrows to one."""
    found = EnforcementOrder.objects.select_related("account__reseller", "endpoint", "suspension__case")
    if not actor.is_staff:
        found = found.filter(endpoint__in=_owned(actor), account__in=accounts_for(actor))
    if state is not None:
        found = found.filter(state=state)
    return found.order_by("-created_at", "-sequence")


def order_for(actor: Actor, order_id: UUID | str) -> EnforcementOrder:
    """Return the order of that id. Raises `EnforcementOrder.DoesNotExist` for a stranger too."""
    return orders(actor=actor).get(pk=order_id)


def endpoints_for(actor: Actor) -> QuerySet[Endpoint]:
    """Return the webhooks the actor owns: the platform's for staff with those of resellers, else the reseller's."""
    return _owned(actor).filter(kind=Endpoint.Kind.WEBHOOK).select_related("reseller").order_by("created_at", "pk")


def webhooks_for(actor: Actor) -> QuerySet[Endpoint]:
    """Return the webhooks the actor owns, those in use first; `waiting` and `dead` count their orders."""
    of_state = {
        name: Count("orders", filter=Q(orders__state=state))
        for name, state in (("waiting", EnforcementOrder.State.PENDING), ("dead", EnforcementOrder.State.DEAD))
    }
    found = endpoints_for(actor).annotate(**of_state)
    return found.order_by(F("disabled_at").asc(nulls_first=True), "created_at", "pk")


def webhook_for(actor: Actor, endpoint_id: UUID) -> Endpoint:
    """Return the webhook in use of that id. Raises `Endpoint.DoesNotExist` for a stranger too."""
    return webhooks_for(actor).get(pk=endpoint_id, disabled_at=None)


def endpoint_for(actor: Actor, endpoint_id: UUID | str) -> Endpoint:
    """Return the endpoint of that id. Raises `Endpoint.DoesNotExist` for a stranger too."""
    return endpoints_for(actor).get(pk=endpoint_id)


def _owned(actor: Actor) -> QuerySet[Endpoint]:
    """Return the endpoints of any kind that are the actor's."""
    return Endpoint.objects.all() if actor.is_staff else Endpoint.objects.filter(reseller__in=actor.reseller_ids)
