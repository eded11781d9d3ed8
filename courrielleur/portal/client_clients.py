"""A reseller's clients, worst first, and one of them as the team sees it, without what is internal."""

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
    search, level = _wanted(request)
    found = account_view.find(request.actor, search=search, level=level)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "client/clients.html",
        {
            "page": page,
            "lines": account_view.lines(page.object_list, timezone.now()),
            "search": search,
            "level": level,
            "levels": [(name, word.label) for name, word in words.LEVELS.items() if name != "no_data"],
        },
    )


@require(Permission.SEE_PORTAL)
@require_safe
def export(request: ActorRequest) -> HttpResponse:
    """Answer the list as CSV, with the same search, for a spreadsheet."""
    search, level = _wanted(request)
    rows = account_view.lines(account_view.find(request.actor, search=search, level=level), timezone.now())
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
    ]
    table = to_csv(heading, (_cells(line, records.get(line.account.pk, 0)) for line in rows))
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
        },
    )


def _wanted(request: ActorRequest) -> tuple[str, str]:
    level = request.GET.get("level", "")
    return request.GET.get("q", "").strip()[:100], level if level in words.LEVELS else ""


def _cells(line: account_view.AccountLine, records: int) -> list[object]:
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
    ]
