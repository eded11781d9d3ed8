"""The lanes of reports that count against nobody, and a safe look at one of them."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courrielleur.accounts.permissions import Permission
from courrielleur.portal import defang, words
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.vault import CannotDecrypt
from fbl import selectors as fbl

PER_PAGE = 50


@require(Permission.SEE_DESK)
@require_safe
def lanes(request: ActorRequest) -> HttpResponse:
    counts = fbl.lane_counts()
    return render(
        request,
        "desk/lanes.html",
        {
            "lanes": [(name, label, meaning, counts.of(name)) for name, (label, meaning) in words.LANES.items()],
            "backlog": fbl.backlog(timezone.now()),
        },
    )


@require(Permission.SEE_DESK)
@require_safe
def lane(request: ActorRequest, lane: str) -> HttpResponse:
    label, meaning = _lane(lane)
    counts = fbl.lane_counts()
    return render(
        request,
        "desk/lane.html",
        {
            "lane": lane,
            "label": label,
            "meaning": meaning,
            "lanes": [(name, words.LANES[name][0], counts.of(name), name == lane) for name in words.LANES],
            "page": Paginator(fbl.lane(lane), PER_PAGE).get_page(request.GET.get("page")),
        },
    )


@require(Permission.SEE_RECIPIENTS)
@require_safe
def report(request: ActorRequest, lane: str, report_id: UUID) -> HttpResponse:
    """Show the headers of a report as inert text: links defanged, nothing fetched, nothing rendered.

    Headers name recipients, so this needs the permission to see them.
    """
    label, _meaning = _lane(lane)
    found = fbl.lane(lane).get(pk=report_id)
    try:
        source = fbl.report_source(report_id)
        is_sealed = False
    except CannotDecrypt:
        source, is_sealed = None, True
    return render(
        request,
        "desk/report.html",
        {
            "lane": lane,
            "label": label,
            "report": found,
            "headers": defang.headers_of(source) if source is not None else "",
            "is_gone": source is None and not is_sealed,
            "is_sealed": is_sealed,
        },
    )


def _lane(name: str) -> tuple[object, object]:
    if name not in words.LANES:
        raise Http404
    return words.LANES[name]
