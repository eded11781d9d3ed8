"""Accounts: the list, worst first, and the file of one account."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.services import suspensions
from courrielleur import vault
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import account_view, case_view, periods, words
from courrielleur.portal.forms import SuspendForm
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.reasons import title
from fbl import selectors as fbl

PER_PAGE = 50
EVENTS = 50


@require(Permission.SEE_DESK)
@require_safe
def accounts(request: ActorRequest) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:100]
    level = request.GET.get("level", "")
    rows = account_view.find(request.actor, search=search, level=level if level in words.LEVELS else "")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/accounts.html",
        {
            "page": page,
            "lines": account_view.lines(page.object_list, timezone.now()),
            "search": search,
            "level": level,
            "levels": [(name, word.label) for name, word in words.LEVELS.items() if name != "no_data"],
        },
    )


@require(Permission.SEE_DESK)
@require_safe
def account(request: ActorRequest, key: str) -> HttpResponse:
    return _page(request, key, SuspendForm())


@require(Permission.SUSPEND)
@require_POST
def suspend(request: ActorRequest, key: str) -> HttpResponse:
    """Stop an account by hand, with a reason."""
    found = accounts_selectors.account_for(request.actor, key)
    form = SuspendForm(request.POST)
    if not form.is_valid():
        return _page(request, key, form)
    now = timezone.now()
    suspension = suspensions.impose(found, now=now, by=request.user, reason=form.cleaned_data["reason"])
    if suspension.imposed_at == now:
        messages.success(request, _("Suspended. The orders and the letter are on their way."))
    else:
        messages.info(request, _("This account was stopped already."))
    return redirect("desk:account", key)


def _page(request: ActorRequest, key: str, form: SuspendForm) -> HttpResponse:
    found = accounts_selectors.account_for(request.actor, key)
    now = timezone.now()
    standing = abuse.standing_of(found)
    first, last = periods.last_days(periods.MONTH, now)
    events = fbl.recent_events(found.pk, EVENTS)
    sees_recipients = request.actor.can(Permission.SEE_RECIPIENTS)
    return render(
        request,
        "desk/account.html",
        {
            "account": found,
            "standing": standing,
            "level": account_view.shown_level(standing),
            "reasons": [title(code) for code in standing.reasons],
            "explanation": abuse.explanation_for(standing.telling, get_language() or "fr") if standing.telling else "",
            "charts": account_view.charts_for(found, now, case_view.marks(found, now)),
            "campaigns": fbl.campaign_figures(found.pk, first, last)[:20],
            "suspensions": found.suspensions.select_related("imposed_by", "lifted_by").order_by("-imposed_at"),
            "cases": abuse.cases_for(request.actor).filter(account=found),
            "assets": accounts_selectors.assets_of(found),
            "events": [(event, _recipient(event) if sees_recipients else "") for event in events],
            "sees_recipients": sees_recipients,
            "may_suspend": request.actor.can(Permission.SUSPEND) and standing.level not in ("suspended", "terminated"),
            "suspend_form": form,
            "may_manage_people": request.actor.can(Permission.MANAGE_PEOPLE),
        },
        status=422 if form.errors else 200,
    )


def _recipient(event: Any) -> str:
    """Return the address in clear, empty when the report named none or the key is gone."""
    if event.recipient is None:
        return ""
    try:
        return vault.decrypt_text(bytes(event.recipient))
    except vault.CannotDecrypt:
        return ""
