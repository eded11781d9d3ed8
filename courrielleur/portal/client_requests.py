"""Requests as the client follows them: tracker, messages, questionnaire, appeal."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.core.case import CaseMove, CaseState, moves_from
from abuse.services import cases
from abuse.services.cases import CaseMoved, MoveRefused
from consent import selectors as consent
from consent.selectors import samples
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import answers, case_view
from courrielleur.portal.client_home import step_for
from courrielleur.portal.forms import MessageForm
from courrielleur.portal.guards import ActorRequest, require

PER_PAGE = 25


@require(Permission.SEE_PORTAL)
@require_safe
def requests(request: ActorRequest) -> HttpResponse:
    found = abuse.cases_for(request.actor)
    return render(
        request, "client/requests.html", {"page": Paginator(found, PER_PAGE).get_page(request.GET.get("page"))}
    )


@require(Permission.SEE_PORTAL)
@require_safe
def request_page(request: ActorRequest, key: str) -> HttpResponse:
    return _page(request, key)


@require(Permission.ANSWER_CASES)
@require_POST
def message(request: ActorRequest, key: str) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, key, form)
    try:
        cases.message(case, actor=request.actor, text=form.cleaned_data["text"], now=timezone.now())
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The abuse team has your message."))
    return redirect("portal:request", key)


@require(Permission.ANSWER_CASES)
@require_POST
def appeal(request: ActorRequest, key: str) -> HttpResponse:
    """Ask another person to look at a refusal, once."""
    case = abuse.case_for(request.actor, key)
    try:
        cases.move(
            case, CaseMove.APPEAL, actor=request.actor, now=timezone.now(), reason=request.POST.get("reason", "")
        )
    except (CaseMoved, MoveRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your appeal goes to another person of the abuse team."))
    return redirect("portal:request", key)


def _page(request: ActorRequest, key: str, form: MessageForm | None = None) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    state = CaseState(case.state)
    questionnaire = consent.questionnaire_for(case)
    rows = answers.shown(questionnaire) if questionnaire else []
    assessment = case.suspension.assessment if case.suspension else None
    timeline = abuse.timeline(case, request.actor)
    return render(
        request,
        "client/request.html",
        {
            "case": case,
            "account": case.account,
            "steps": case_view.steps(case),
            "step": step_for(case),
            "explanation": abuse.explanation_for(assessment, get_language() or "fr", audience="client")
            if assessment
            else "",
            "asked": next((line for line in reversed(timeline) if line.kind == CaseMove.ASK), None)
            if state is CaseState.INFO_REQUESTED
            else None,
            "may_answer": state.waits_for_client and request.actor.can(Permission.ANSWER_CASES),
            "may_write": request.actor.can(Permission.ANSWER_CASES) and not state.is_closed,
            "may_appeal": CaseMove.APPEAL in moves_from(state) and request.actor.can(Permission.ANSWER_CASES),
            "rows": rows,
            "answered": sum(row.is_complete for row in rows),
            "next_number": next((row.number for row in rows if not row.is_complete), None),
            "questionnaire": questionnaire,
            "uploads": consent.uploads_for(case.account)[:5],
            "samples": samples.requests_of(case),
            "timeline": timeline,
            "form": form or MessageForm(),
        },
        status=422 if form else 200,
    )
