"""A reseller's clients, worst first, and one of them as the team sees it, without what is internal."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import account_view, periods
from courrielleur.portal.client_home import standing_page
from courrielleur.portal.guards import ActorRequest, require
from fbl import selectors as fbl

PER_PAGE = 50


@require(Permission.SEE_PORTAL)
@require_safe
def clients(request: ActorRequest) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:100]
    page = Paginator(account_view.find(request.actor, search=search), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "client/clients.html",
        {"page": page, "lines": account_view.lines(page.object_list, timezone.now()), "search": search},
    )


@require(Permission.SEE_PORTAL)
@require_safe
def client(request: ActorRequest, key: str) -> HttpResponse:
    account = accounts_selectors.account_for(request.actor, key)
    first, last = periods.last_days(periods.MONTH, timezone.now())
    return render(
        request,
        "client/client.html",
        {
            **standing_page(request, account),
            "campaigns": fbl.campaign_figures(account.pk, first, last)[:20],
            "cases": abuse.cases_for(request.actor).filter(account=account).order_by("-opened_at"),
            "assets": accounts_selectors.assets_of(account),
        },
    )
