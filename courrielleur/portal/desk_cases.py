"""A case: the evidence on the left, the decision on the right. Four verbs, each with its reason."""

from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.core.case import CaseMove, CaseState, moves_from
from abuse.services import cases, letters
from abuse.services.cases import MOVE_PERMISSIONS, CaseMoved, MoveRefused
from consent.services import reviews
from courrielleur.accounts import selectors as people
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import case_view
from courrielleur.portal.forms import AssignForm, DecisionForm, MessageForm
from courrielleur.portal.guards import ActorRequest, require

DECISIONS = (CaseMove.REINSTATE, CaseMove.ASK, CaseMove.REFUSE, CaseMove.TERMINATE)


@require(Permission.SEE_DESK)
@require_safe
def case(request: ActorRequest, key: str) -> HttpResponse:
    return _page(request, key)


@require(Permission.WORK_CASES)
@require_POST
def take(request: ActorRequest, key: str) -> HttpResponse:
    """Take a case whose answers have come: it moves into review and is assigned to the person."""
    found = abuse.case_for(request.actor, key)
    now = timezone.now()
    try:
        cases.move(found, CaseMove.TAKE, actor=request.actor, now=now)
        cases.assign(found, to=request.user, actor=request.actor, now=now)
    except (CaseMoved, MoveRefused) as error:
        messages.error(request, str(error))
    return redirect("desk:case", key)


@require(Permission.WORK_CASES)
@require_POST
def assign(request: ActorRequest, key: str) -> HttpResponse:
    found = abuse.case_for(request.actor, key)
    form = AssignForm(request.POST, people=people.staff())
    if form.is_valid():
        try:
            cases.assign(found, to=form.cleaned_data["to"], actor=request.actor, now=timezone.now())
        except MoveRefused as error:
            messages.error(request, str(error))
    return redirect("desk:case", key)


@require(Permission.WORK_CASES)
@require_POST
def message(request: ActorRequest, key: str) -> HttpResponse:
    """Write to the client, or an internal note."""
    found = abuse.case_for(request.actor, key)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, key, message_form=form)
    is_internal = form.cleaned_data["internal"]
    try:
        cases.message(
            found,
            actor=request.actor,
            text=form.cleaned_data["text"],
            is_internal=is_internal,
            now=timezone.now(),
        )
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The note is kept.") if is_internal else _("The message is on its way."))
    return redirect("desk:case", key)


@require(Permission.WORK_CASES)
@require_POST
def letter(request: ActorRequest, key: str) -> HttpResponse:
    """Show the letter a decision would send, before it is made."""
    found = abuse.case_for(request.actor, key)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, key, decision_form=form)
    verb = CaseMove(form.cleaned_data["verb"])
    preview = letters.preview(
        found, verb, form.cleaned_data["reason"], now=timezone.now(), data=asdict(form.conditions)
    )
    return render(
        request,
        "desk/letter.html",
        {"case": found, "form": form, "verb": verb, "letter": preview, "may": _may(request.actor, verb)},
    )


@require(Permission.WORK_CASES)
@require_POST
def decide(request: ActorRequest, key: str) -> HttpResponse:
    found = abuse.case_for(request.actor, key)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, key, decision_form=form)
    verb = CaseMove(form.cleaned_data["verb"])
    if not _may(request.actor, verb):
        raise PermissionDenied
    needs_two = reviews.needs_second_person(found, verb.value)
    carry = reviews.propose if needs_two else reviews.decide
    try:
        carry(found, verb.value, form.cleaned_data["reason"], request.actor, timezone.now(), form.conditions)
    except (CaseMoved, MoveRefused) as error:
        messages.error(request, str(error))
        return _page(request, key, decision_form=form, status=409)
    if needs_two:
        messages.success(request, _("Proposed. Another person must confirm it before anything happens."))
        return redirect("desk:review", key)
    messages.success(request, _("Decided. The letter and the orders are on their way."))
    return redirect("desk:case", key)


def _page(
    request: ActorRequest,
    key: str,
    *,
    message_form: MessageForm | None = None,
    decision_form: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = abuse.case_for(request.actor, key)
    has_errors = bool((message_form and message_form.errors) or (decision_form and decision_form.errors))
    return render(
        request,
        "desk/case.html",
        {
            **case_view.evidence(found, request.actor, timezone.now()),
            "verbs": _verbs(CaseState(found.state), request.actor),
            "may_take": CaseMove.TAKE in moves_from(CaseState(found.state)),
            "message_form": message_form or MessageForm(),
            "decision_form": decision_form,
            "assign_form": AssignForm(initial={"to": found.assigned_to_id}, people=people.staff()),
        },
        status=422 if has_errors else status,
    )


def _verbs(state: CaseState, actor: Actor) -> list[tuple[str, bool]]:
    """Return the decisions that the state allows, each with whether this person may make it.

    Who decides a case that nobody took has taken it (`consent.services.reviews`).
    """
    allowed = moves_from(CaseState.IN_REVIEW if state in (CaseState.SUBMITTED, CaseState.APPEALED) else state)
    return [(verb.value, _may(actor, verb)) for verb in DECISIONS if verb in allowed]


def _may(actor: Actor, verb: CaseMove) -> bool:
    return actor.can(MOVE_PERMISSIONS[verb])
