"""Orders to the MTAs: what was delivered, what waits, what was given up and can be sent again."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.services import enforcement
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import words
from courrielleur.portal.forms import SkipForm
from courrielleur.portal.guards import ActorRequest, require

PER_PAGE = 50


@require(Permission.SEE_DESK)
@require_safe
def orders(request: ActorRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in words.ORDER_STATES else ""
    return render(
        request,
        "desk/orders.html",
        {
            "state": state,
            "states": [("", _("All"), state == "")]
            + [(name, word.label, name == state) for name, word in words.ORDER_STATES.items()],
            "page": Paginator(abuse.orders(state or None), PER_PAGE).get_page(request.GET.get("page")),
            "skip_form": SkipForm(),
            "may_replay": request.actor.can(Permission.DECIDE_CASES),
        },
    )


@require(Permission.DECIDE_CASES)
@require_POST
def skip(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Give a dead order up for good, with a reason, so that the later ones of its account go out."""
    order = abuse.order_for(request.actor, order_id)
    form = SkipForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the reason: it stays with the order and in the case."))
    elif enforcement.skip(order, reason=form.cleaned_data["reason"], actor=request.actor):
        messages.success(request, _("The order is skipped. The later ones of its account go out now."))
    else:
        messages.error(request, _("Nothing was changed: only an order that was given up can be skipped."))
    return redirect(f"{reverse('desk:orders')}?state=dead")


@require(Permission.DECIDE_CASES)
@require_POST
def replay(request: ActorRequest, order_id: UUID) -> HttpResponse:
    order = abuse.order_for(request.actor, order_id)
    try:
        enforcement.replay(order, request.actor)
    except enforcement.ReplayRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The order is sent again."))
    return redirect("desk:orders")
