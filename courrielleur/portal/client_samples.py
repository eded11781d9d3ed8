"""A sample of recipients that the client proves, one by one: a few fields or a file each."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from abuse.core.case import CaseState
from abuse.services.cases import MoveRefused
from consent.core.proofs import LARGEST_FILE
from consent.core.questionnaire import question_set
from consent.selectors import samples as drawn
from consent.services import samples
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import answers
from courrielleur.portal.guards import ActorRequest, require

PROBLEMS = {
    "proof_needed": gettext_lazy("Give a date, the form’s address, a few words or a file."),
    "too_long": gettext_lazy("This is too long."),
    "method_unknown": gettext_lazy("Choose a method of the list."),
    "date_bad": gettext_lazy("This is no day of the calendar. Write it as 2025-04-21."),
    "date_in_future": gettext_lazy("This day has not come yet."),
    "ip_bad": gettext_lazy("This is no IP address."),
    "url_bad": gettext_lazy("Write the whole address, such as https://www.example.com/sign-up."),
    "file_too_large": gettext_lazy("This file is larger than 5 MB."),
    "file_infected": gettext_lazy("The antivirus found something in this file: it is refused. Send a clean copy."),
    "file_type": gettext_lazy("Send a PDF, a PNG or JPEG image, or a mail (.eml)."),
}


@require(Permission.SEE_PORTAL)
@require_safe
def sample(request: ActorRequest, key: str, request_id: UUID) -> HttpResponse:
    return _page(request, key, request_id)


@require(Permission.ANSWER_CASES)
@require_POST
def prove(request: ActorRequest, key: str, request_id: UUID, number: int) -> HttpResponse:
    """Keep the proof for one recipient."""
    found = _found(request, key, request_id)
    file = request.FILES.get("file")
    data = file.read(LARGEST_FILE + 1) if file else None
    given = request.POST.dict()
    try:
        samples.answer(
            found, number, given, request.actor, timezone.now(), file=data, file_name=(file.name or "") if file else ""
        )
    except samples.ProofRefused as error:
        return _page(request, key, request_id, number=number, given=given, problems=error.problems)
    except (samples.SampleClosed, MoveRefused) as error:
        messages.error(request, str(error))
    return redirect(reverse("portal:sample", args=[key, request_id]) + f"#recipient-{number}")


@require(Permission.ANSWER_CASES)
@require_POST
def finish(request: ActorRequest, key: str, request_id: UUID) -> HttpResponse:
    """Hand the proofs in: no more of them come."""
    try:
        samples.finish(_found(request, key, request_id), request.actor, timezone.now())
    except (samples.SampleClosed, MoveRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. The abuse team has your proofs."))
    return redirect("portal:sample", key, request_id)


def _found(request: ActorRequest, key: str, request_id: UUID) -> Any:
    found = drawn.request_for(request.actor, request_id)
    if found.case.key != key:
        raise Http404
    return found


def _page(
    request: ActorRequest,
    key: str,
    request_id: UUID,
    *,
    number: int = 0,
    given: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    found = _found(request, key, request_id)
    sampled = drawn.shown(found)
    rows = [
        {
            "shown": one,
            "values": given if one.number == number and given else one.proof,
            "problems": [PROBLEMS[code] for code in problems.values()] if problems and one.number == number else [],
        }
        for one in sampled
    ]
    is_open = found.answered_at is None and not CaseState(found.case.state).is_closed
    return render(
        request,
        "client/sample.html",
        {
            "case": found.case,
            "asked": found,
            "rows": rows,
            "answered": sum(one.is_answered for one in sampled),
            "may_answer": is_open and request.actor.can(Permission.ANSWER_CASES),
            "methods": [(method.key, method.names[answers.language()]) for method in question_set().methods],
        },
        status=422 if problems else 200,
    )
