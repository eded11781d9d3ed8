"""The enrolled feeds: what each brings, whether it is silent; enrol one, retire one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courrielleur.accounts.permissions import Permission
from courrielleur.portal.feed_form import FeedForm, problem
from courrielleur.portal.guards import ActorRequest, require
from fbl import selectors as fbl
from fbl.services import feeds as services
from fbl.services.feeds import FeedRefused


@require(Permission.SEE_DESK)
@require_safe
def feeds(request: ActorRequest) -> HttpResponse:
    suggested = next((one for one in fbl.suggestions() if one["key"] == request.GET.get("suggestion")), None)
    return _page(request, FeedForm.suggesting(suggested) if suggested else FeedForm())


@require(Permission.MANAGE_PLATFORM)
@require_POST
def enrol(request: ActorRequest) -> HttpResponse:
    form = FeedForm(request.POST)
    if form.is_valid():
        try:
            feed = services.enrol(form.new_feed(), by=request.user)
        except FeedRefused as refused:
            field, sentence = problem(refused)
            form.add_error(field, sentence)
        else:
            messages.success(request, _("%(name)s is enrolled. Its next reports are checked.") % {"name": feed.name})
            return redirect("desk:feeds")
    return _page(request, form, status=422)


@require(Permission.MANAGE_PLATFORM)
@require_POST
def retire(request: ActorRequest, key: str) -> HttpResponse:
    feed = services.retire(key, timezone.now())
    messages.success(request, _("%(name)s is retired. Its reports stay.") % {"name": feed.name})
    return redirect("desk:feeds")


def _page(request: ActorRequest, form: FeedForm, status: int = 200) -> HttpResponse:
    figures = fbl.feed_figures(timezone.now())
    known = {one.feed.key for one in figures}
    return render(
        request,
        "desk/feeds.html",
        {
            "figures": figures,
            "form": form,
            "may_enrol": request.actor.can(Permission.MANAGE_PLATFORM),
            "suggestions": [one for one in fbl.suggestions() if one["key"] not in known],
        },
        status=status,
    )
