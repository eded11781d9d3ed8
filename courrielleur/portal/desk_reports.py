"""The lanes of reports that count against nobody, and a safe look at one of them."""

from uuid import UUID

from csp.constants import SELF
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courrielleur.accounts import selectors as accounts
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import defang, safe_html, words
from courrielleur.portal.forms import LaneNoteForm
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.vault import CannotDecrypt
from fbl import selectors as fbl

PER_PAGE = 50


@require(Permission.SEE_DESK)
@require_safe
def lanes(request: ActorRequest) -> HttpResponse:
    counts, oldest = fbl.lane_counts(), fbl.oldest_in_lanes()
    return render(
        request,
        "desk/lanes.html",
        {
            "lanes": [
                (name, label, meaning, counts.of(name), oldest.get(name))
                for name, (label, meaning) in words.LANES.items()
            ],
            "backlog": fbl.backlog(timezone.now()),
        },
    )


@require(Permission.SEE_DESK)
@require_safe
def lane(request: ActorRequest, lane: str) -> HttpResponse:
    label, meaning = lane_words(lane)
    counts = fbl.lane_counts()
    reason = request.GET.get("reason", "")
    reasons = fbl.lane_reasons(lane)
    page = Paginator(fbl.lane(lane, reason), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/lane.html",
        {
            "lane": lane,
            "label": label,
            "meaning": meaning,
            "lanes": [(name, words.LANES[name][0], counts.of(name), name == lane) for name in words.LANES],
            "page": page,
            "reason": reason if reason in dict(reasons) else "",
            "reasons": reasons,
            "may_decide": request.actor.can(Permission.DECIDE_CASES),
            "note_form": LaneNoteForm(),
        },
    )


@require(Permission.SEE_RECIPIENTS)
@require_safe
def report(request: ActorRequest, lane: str, report_id: UUID) -> HttpResponse:
    return report_page(request, lane, report_id, LaneNoteForm())


def report_page(request: ActorRequest, lane: str, report_id: UUID, form: LaneNoteForm) -> HttpResponse:
    """Show headers and words of a report as inert text: links defanged, nothing fetched, nothing rendered.

    They name recipients, so this needs the permission to see them.
    """
    label, _meaning = lane_words(lane)
    found = fbl.lane(lane).get(pk=report_id)
    try:
        source = fbl.report_source(report_id)
        is_sealed = False
    except CannotDecrypt:
        source, is_sealed = None, True
    named = accounts.accounts_for(request.actor).filter(pk=found.account_id).first() if found.account_id else None
    page = render(
        request,
        "desk/report.html",
        {
            "lane": lane,
            "label": label,
            "report": found,
            "account": named,
            "headers": defang.headers_of(source) if source is not None else "",
            "words": defang.words_of(source) if source is not None else "",
            "has_layout": source is not None and safe_html.has_html(source),
            "is_gone": source is None and not is_sealed,
            "is_sealed": is_sealed,
            "may_decide": request.actor.can(Permission.DECIDE_CASES),
            "may_accept": lane == "unverified" and named is not None,
            "form": form,
        },
        status=422 if form.errors else 200,
    )
    page._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # read by django-csp's middleware
    return page


def lane_words(name: str) -> tuple[object, object]:
    if name not in words.LANES:
        raise Http404
    return words.LANES[name]
