"""What obeys us: each MTA, whether it answers, what it holds, and where it is of another opinion."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse.selectors.stops import mta_for, mtas
from abuse.services import enforcement
from courrielleur.accounts.permissions import Permission
from courrielleur.jobs.queue import nudge
from courrielleur.portal import words
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.mta_form import FORMS, MtaForm


@require(Permission.SEE_DESK)
@require_safe
def page(request: ActorRequest) -> HttpResponse:
    form_class = FORMS.get(request.GET.get("kind", ""))
    return _page(request, form_class() if form_class else None)


@require(Permission.MANAGE_PLATFORM)
@require_POST
def add(request: ActorRequest, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST)
    if form.is_valid():
        form.save()
    if form.errors:
        return _page(request, form, status=422)
    nudge("reconcile")
    messages.success(
        request, _("%(name)s is known, and is told what is stopped.") % {"name": form.cleaned_data["name"]}
    )
    return redirect("desk:enforcement")


@require(Permission.MANAGE_PLATFORM)
@require_POST
def remove(request: ActorRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint = mta_for(request.actor, endpoint_id)
    enforcement.disable_endpoint(endpoint, request.actor.label)
    messages.success(request, _("%(name)s hears no more orders. What it holds back stays held.") % {"name": endpoint})
    return redirect("desk:enforcement")


@require(Permission.DECIDE_CASES)
@require_POST
def ask(request: ActorRequest) -> HttpResponse:
    """Ask every MTA now what it holds back."""
    nudge("reconcile")
    messages.success(request, _("Every MTA is asked now. Load the page again in a moment."))
    return redirect("desk:enforcement")


def _page(request: ActorRequest, form: MtaForm | None, status: int = 200) -> HttpResponse:
    may_manage = request.actor.can(Permission.MANAGE_PLATFORM)
    return render(
        request,
        "desk/enforcement.html",
        {
            "mtas": mtas(timezone.now()),
            "form": form if may_manage else None,
            "kinds": [(kind, words.MTA_KINDS[kind]) for kind in FORMS],
            "may_manage": may_manage,
            "may_ask": request.actor.can(Permission.DECIDE_CASES),
        },
        status=status,
    )
