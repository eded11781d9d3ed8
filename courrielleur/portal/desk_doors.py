"""The doors: what came through each, when it last did, which of them went quiet; and the latest of one."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courrielleur.accounts.permissions import Permission
from courrielleur.portal import words
from courrielleur.portal.guards import ActorRequest, require
from fbl import selectors as fbl

LATEST = 50


@require(Permission.SEE_DESK)
@require_safe
def doors(request: ActorRequest) -> HttpResponse:
    return render(request, "desk/doors.html", {"doors": fbl.doors(timezone.now())})


@require(Permission.SEE_DESK)
@require_safe
def door(request: ActorRequest, door: str) -> HttpResponse:
    """List what came in during the last day; those that wait in a lane lead to their page."""
    if door not in words.DOORS:
        raise Http404
    label, _meaning = words.DOORS[door]
    return render(
        request,
        "desk/door.html",
        {
            "door": door,
            "label": label,
            "reports": fbl.latest_through(door, timezone.now(), LATEST),
            "most": LATEST,
            "lanes": tuple(words.LANES),
            "sees_reports": request.actor.can(Permission.SEE_RECIPIENTS),
        },
    )
