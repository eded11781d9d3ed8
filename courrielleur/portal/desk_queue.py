"""The queue: saved views are addresses, each with its count."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.guards import ActorRequest, require

PER_PAGE = 50
VIEWS = {
    "open": (
        _("Open"),
        _("Every case that is not decided."),
        _("No case is open"),
        _("A suspension or a hold opens one by itself."),
    ),
    "mine": (
        _("Mine"),
        _("Open cases assigned to you."),
        _("Nothing is assigned to you"),
        _("Take a case from “Answers received”; it then waits here."),
    ),
    "submitted": (
        _("Answers received"),
        _("The client has answered; a person has to look."),
        _("No answers wait"),
        _("When a client submits the questionnaire, its case comes here."),
    ),
    "waiting": (
        _("Waiting for the client"),
        _("The clock stands still until they answer."),
        _("No case waits for a client"),
        _("A case waits here after the notice, and after you ask for more."),
    ),
    "closed": (
        pgettext_lazy("saved view", "Decided"),
        _("Reinstated, refused or closed for good."),
        _("No case is decided yet"),
        _("Decided cases stay here, with their whole history."),
    ),
}


@require(Permission.SEE_DESK)
@require_safe
def queue(request: ActorRequest) -> HttpResponse:
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    label, meaning, empty, next_step = VIEWS[view]
    counts = abuse.queue_counts(request.actor)
    return render(
        request,
        "desk/queue.html",
        {
            "views": [(name, words[0], counts.get(name, 0), name == view) for name, words in VIEWS.items()],
            "label": label,
            "meaning": meaning,
            "empty": empty,
            "next_step": next_step,
            "page": Paginator(abuse.queue(request.actor, view), PER_PAGE).get_page(request.GET.get("page")),
        },
    )
