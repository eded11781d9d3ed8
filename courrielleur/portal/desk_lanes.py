"""What a person decides about the lanes: accept a report, put one or many away, have them read again after a fix."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from courrielleur.accounts.permissions import Permission
from courrielleur.portal.desk_reports import lane_words, report_page
from courrielleur.portal.forms import LaneNoteForm
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.rereading import reread as read_again
from fbl import selectors as fbl
from fbl.services import lanes
from fbl.services.lanes import DecisionRefused
from fbl.services.rereading import BATCH


@require(Permission.DECIDE_CASES)
@require_POST
def accept(request: ActorRequest, lane: str, report_id: UUID) -> HttpResponse:
    fbl.lane(lane).get(pk=report_id)
    form = LaneNoteForm(request.POST)
    if not form.is_valid():
        return report_page(request, lane, report_id, form)
    try:
        decision = lanes.accept(report_id, by=request.user, note=form.cleaned_data["note"], now=timezone.now())
    except DecisionRefused as refused:
        messages.error(request, _refusal(refused))
    else:
        messages.success(
            request,
            ngettext(
                "Accepted: %(n)s event counts now.",
                "Accepted: %(n)s events count now.",
                decision.counted,
            )
            % {"n": decision.counted}
            if decision.counted
            else _("Accepted, and nothing new counts: it was counted before, or nobody told when the mail was sent."),
        )
    return redirect("desk:lane", lane)


@require(Permission.DECIDE_CASES)
@require_POST
def dismiss(request: ActorRequest, lane: str, report_id: UUID) -> HttpResponse:
    fbl.lane(lane).get(pk=report_id)
    note = request.POST.get("note", "")[: LaneNoteForm.LONGEST]
    try:
        lanes.dismiss(report_id, by=request.user, note=note, now=timezone.now())
    except DecisionRefused as refused:
        messages.error(request, _refusal(refused))
    else:
        messages.success(request, _("The report is put away."))
    return redirect("desk:lane", lane)


@require(Permission.DECIDE_CASES)
@require_POST
def dismiss_all(request: ActorRequest, lane: str) -> HttpResponse:
    """Put away all that is in the lane for one reason: a wave of forgeries."""
    lane_words(lane)
    reason = request.POST.get("reason", "")
    if reason not in dict(fbl.lane_reasons(lane)):
        raise ObjectDoesNotExist(reason)
    form = LaneNoteForm(request.POST)
    if form.is_valid():
        number = lanes.dismiss_all(lane, reason, by=request.user, note=form.cleaned_data["note"], now=timezone.now())
        sentence = ngettext("%(n)s report is put away.", "%(n)s reports are put away.", number) % {"n": number}
        messages.success(request, sentence)
    else:
        messages.error(request, _("Write a note first: why are these put away?"))
    return redirect("desk:lane", lane)


@require(Permission.DECIDE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def reread(request: ActorRequest, lane: str) -> HttpResponse:
    """GET rehearses: what would reading the lane again change? Nothing is written. POST does it."""
    label, _meaning = lane_words(lane)
    ids = list(fbl.lane(lane).filter(raw__isnull=False).values_list("pk", flat=True)[:BATCH])
    is_rehearsal = request.method != "POST"
    outcome = read_again(ids, timezone.now(), is_rehearsal=is_rehearsal)
    if not is_rehearsal:
        sentence = ngettext("%(n)s report was read again.", "%(n)s reports were read again.", outcome.result.read)
        messages.success(request, sentence % {"n": outcome.result.read})
        return redirect("desk:lane", lane)
    return render(request, "desk/reread.html", {"lane": lane, "label": label, "outcome": outcome, "most": BATCH})


def _refusal(refused: DecisionRefused) -> str:
    if refused.code == "decided":
        return _("Somebody has decided about this report already.")
    if refused.code == "gone":
        return _("The bytes of this report are no longer here, so it can't be accepted.")
    return _("This report names no account, so it can't count. Put it away, or read it again after a fix.")
