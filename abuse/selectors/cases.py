"""Which cases an actor sees, and in what order they want a person."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from abuse.core.case import CLOSED, CaseState
from abuse.models import Case, Notice
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.selectors import accounts_for

VIEWS: dict[str, Q] = {
    "open": ~Q(state__in=CLOSED),
    "submitted": Q(state__in=[CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.APPEALED]),
    "waiting": Q(state__in=[CaseState.AWAITING_CLIENT, CaseState.INFO_REQUESTED]),
    "closed": Q(state__in=CLOSED),
}


def cases_for(actor: Actor) -> QuerySet[Case]:
    """Return the cases of the actor's accounts, newest first.

    A client sees a case once a letter about it was written: a hold that the team looks at first is not theirs yet.
    """
    cases = Case.objects.select_related("account__reseller", "assigned_to", "suspension__assessment")
    if not actor.is_staff:
        told = Notice.objects.filter(case=OuterRef("pk"))
        cases = cases.filter(Exists(told), account__in=accounts_for(actor))
    return cases.order_by("-opened_at")


def case_for(actor: Actor, key: str) -> Case:
    """Return the case of that key. Raises `Case.DoesNotExist` for a stranger too."""
    return cases_for(actor).get(key=key.upper())


def queue(actor: Actor, view: str = "open") -> QuerySet[Case]:
    """Return the cases of a saved *view*, the most urgent first, then the longest waiting.

    Views are open, mine, submitted (the client has answered), waiting (they have not) and closed.
    """
    cases = cases_for(actor).filter(_view(actor, view))
    if view == "closed":
        return cases.order_by("-closed_at")
    return cases.order_by("-priority", "opened_at")


def queue_counts(actor: Actor) -> dict[str, int]:
    """Return how many cases each view holds, in one query."""
    counts: dict[str, Any] = {view: Count("pk", filter=_view(actor, view)) for view in ("mine", *VIEWS)}
    return cases_for(actor).order_by().aggregate(**counts)


def notices(case: Case) -> QuerySet[Notice]:
    """Return the letters of *case*, oldest first."""
    return Notice.objects.filter(case=case).order_by("created_at", "pk")


def _view(actor: Actor, view: str) -> Q:
    if view == "mine":
        return VIEWS["open"] & Q(assigned_to=actor.user.pk if actor.user else None, assigned_to__isnull=False)
    return VIEWS[view]
