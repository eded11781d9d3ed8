"""A reseller's clients, worst first, and one of them as the team sees it, without what is internal."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from consent import selectors as consent
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import account_view, periods, words
from courrielleur.portal.client_home import standing_page
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.spreadsheets import to_csv
from fbl import selectors as fbl

PER_PAGE = 50


@require(Permission.SEE_PORTAL)
@require_safe
def clients(request: ActorRequest) -> HttpResponse:
    search, level, order = _wanted(request)
    found = _found(request, search, level, order)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = account_view.lines(page.object_list, timezone.now())
    return render(
        request,
        "client/clients.html",
        {
            "page": page,
            "lines": _covered(rows),
            "shows_coverage": True,
            "order": order,
            "search": search,
            "level": level,
            "levels": [(name, word.label) for name, word in words.LEVELS.items() if name != "no_data"],
        },
    )


@require(Permission.SEE_PORTAL)
@require_safe
def export(request: ActorRequest) -> HttpResponse:
    """Answer the list as CSV, with the same search, for a spreadsheet."""
    search, level, order = _wanted(request)
    rows = account_view.lines(_found(request, search, level, order), timezone.now())
    shares = consent.shares_by_account([line.account.pk for line in rows])
    records = consent.records_by_account([line.account.pk for line in rows])
    heading = [
        _("Key"),
        _("Account"),
        _("Standing"),
        _("Since"),
        _("Delivered"),
        _("Complaints (%)"),
        _("Hard bounces (%)"),
        _("Case"),
        _("Consent records"),
        _("Recipients with a valid consent (%)"),
    ]
    table = to_csv(
        heading, (_cells(line, records.get(line.account.pk, 0), shares.get(line.account.pk)) for line in rows)
    )
    answer = HttpResponse(table, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="clients.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


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
            "may_manage_people": request.actor.can(Permission.MANAGE_PEOPLE),
            "records": consent.records_by_account([account.pk]).get(account.pk, 0),
            "reach": consent.reach_of(account, timezone.now()),
        },
    )


def _wanted(request: ActorRequest) -> tuple[str, str, str]:
    level, order = request.GET.get("level", ""), request.GET.get("order", "")
    return (
        request.GET.get("q", "").strip()[:100],
        level if level in words.LEVELS else "",
        order if order == "coverage" else "",
    )


def _found(request: ActorRequest, search: str, level: str, order: str) -> Any:
    found = account_view.find(request.actor, search=search, level=level)
    return consent.least_covered_first(found) if order == "coverage" else found


def _covered(rows: list[account_view.AccountLine]) -> list[account_view.AccountLine]:
    measured = consent.shares_by_account([line.account.pk for line in rows])
    return [replace(line, coverage=measured.get(line.account.pk)) for line in rows]


def _cells(line: account_view.AccountLine, records: int, measured: Any) -> list[object]:
    rates = (line.month.complaints.value, line.month.bounces.value)
    case = line.standing.case if line.standing.suspension else None
    return [
        line.account.key,
        line.account.name,
        str(words.LEVELS[line.level].label),
        line.standing.since.date().isoformat() if line.standing.since else "",
        line.month.delivered,
        *("" if rate is None else round(100 * rate, 3) for rate in rates),
        case.key if case else "",
        records,
        "" if measured is None or measured.share is None else round(100 * measured.share),
    ]
