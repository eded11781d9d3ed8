"""The review of a case: answers beside evidence, what was found, a sample, the law, and a recommendation."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.core.case import CaseMove, CaseState
from abuse.services import letters
from abuse.services.cases import CaseMoved, MoveRefused
from consent import selectors as consent
from consent.core.records import mask
from consent.selectors import examinations as examined
from consent.selectors import samples as drawn
from consent.services import examinations, reviews, samples
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import answers
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.review_forms import AskSampleForm, DeclineForm

FILE_LINK_SECONDS = 600
_SALT = "proof-file"


@require(Permission.SEE_DESK)
@require_safe
def review(request: ActorRequest, key: str) -> HttpResponse:
    return _page(request, key)


@require(Permission.WORK_CASES)
@require_POST
def ask_sample(request: ActorRequest, key: str) -> HttpResponse:
    """Draw a sample and ask the client to prove it."""
    found = abuse.case_for(request.actor, key)
    form = AskSampleForm(request.POST)
    if not form.is_valid():
        return _page(request, key, sample_form=form)
    try:
        samples.ask(
            found,
            size=form.cleaned_data["size"],
            days=form.cleaned_data["days"],
            note=form.cleaned_data["note"],
            actor=request.actor,
            now=timezone.now(),
        )
    except (samples.NothingToSample, MoveRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The sample is drawn, and the reseller is told."))
    return redirect("desk:review", key)


@require(Permission.WORK_CASES)
@require_POST
def judge_sample(request: ActorRequest, key: str, request_id: UUID) -> HttpResponse:
    """Keep what the proofs of a sample are worth."""
    found = drawn.request_for(request.actor, request_id)
    if found.case.key != key:
        raise Http404
    given = {
        int(name.removeprefix("verdict-")): str(value)
        for name, value in request.POST.items()
        if name.startswith("verdict-") and name.removeprefix("verdict-").isdecimal()
    }
    try:
        samples.judge(found, given, request.actor, timezone.now())
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The verdicts are kept."))
    return redirect(reverse("desk:review", args=[key]) + "#samples-title")


@require(Permission.SEE_RECIPIENTS)
@require_safe
def proof_file(request: ActorRequest, token: str) -> HttpResponse:
    """Hand a proof file out, by a link that expires and is made for one person. Never opened in the browser."""
    try:
        recipient_id, user_id = signing.loads(token, salt=_SALT, max_age=FILE_LINK_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    if user_id != request.user.pk:
        raise Http404
    data, name, media_type = drawn.file_of(request.actor, recipient_id)
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name or media_type.rpartition('/')[2])}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


@require(Permission.WORK_CASES)
@require_POST
def confirm(request: ActorRequest, key: str) -> HttpResponse:
    """Carry out what another person proposed."""
    found = abuse.case_for(request.actor, key)
    proposal = examined.proposal_of(found)
    if proposal is None:
        raise Http404
    try:
        reviews.confirm(proposal, request.actor, timezone.now())
    except (CaseMoved, MoveRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Decided. The letter and the orders are on their way."))
    return redirect("desk:review", key)


@require(Permission.WORK_CASES)
@require_POST
def decline(request: ActorRequest, key: str) -> HttpResponse:
    """Put a proposal away, with the reason."""
    found = abuse.case_for(request.actor, key)
    proposal = examined.proposal_of(found)
    if proposal is None:
        raise Http404
    form = DeclineForm(request.POST)
    try:
        reviews.decline(proposal, form.data.get("why", "") if form.is_valid() else "", request.actor, timezone.now())
    except (CaseMoved, MoveRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is put away."))
    return redirect("desk:review", key)


def _page(request: ActorRequest, key: str, *, sample_form: AskSampleForm | None = None) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    now = timezone.now()
    language = (get_language() or "fr")[:2]
    found = examined.examination_of(case, language)
    if found is None and not CaseState(case.state).is_closed:
        found = examined.in_words(*examinations.look(case, now), language)  # until the job has stored it
    questionnaire = consent.questionnaire_for(case)
    proposal = examined.proposal_of(case)
    may_see = request.actor.can(Permission.SEE_RECIPIENTS)
    return render(
        request,
        "desk/review.html",
        {
            "case": case,
            "account": case.account,
            "examination": found,
            "questionnaire": questionnaire,
            "answers": answers.shown(questionnaire) if questionnaire else [],
            "samples": [
                {
                    "request": one,
                    "recipients": _recipients(one, request, may_see),
                    "is_repeatable": samples.draws_again(one),
                }
                for one in drawn.requests_of(case)
            ],
            "similar": examined.similar_cases(case),
            "doubts": answers.doubts(case),
            "proposal": proposal,
            "letter": letters.preview(
                case, CaseMove(proposal.outcome), proposal.reason, now=now, data=proposal.conditions
            )
            if proposal
            else None,
            "is_own_proposal": proposal is not None and proposal.proposed_by_id == request.user.pk,
            "appeal": next((line for line in abuse.timeline(case, request.actor) if line.kind == "appeal"), None),
            "is_open": not CaseState(case.state).is_closed,
            "may_see_recipients": may_see,
            "sample_form": sample_form or AskSampleForm(),
            "decline_form": DeclineForm(),
        },
        status=422 if sample_form else 200,
    )


def _recipients(one: Any, request: ActorRequest, may_see: bool) -> list[dict[str, object]]:
    return [
        {
            "shown": recipient,
            "address": recipient.address if may_see else mask(recipient.address),
            "file_url": reverse("desk:proof_file", args=[signing.dumps([recipient.pk, request.user.pk], salt=_SALT)])
            if may_see and recipient.file_type and not recipient.is_file_aside
            else "",
        }
        for recipient in drawn.shown(one)
    ]
