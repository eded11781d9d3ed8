"""Documents of answers: added, taken back, and fetched by a signed link that expires."""

from uuid import UUID

from csp.constants import NONE
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.core.case import CaseState
from consent import selectors as consent
from consent.core.documents import LARGEST
from consent.services import documents, questionnaires
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.client_questions import question_numbered
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.vault import CannotDecrypt


@require(Permission.ANSWER_CASES)
@require_POST
def add(request: ActorRequest, key: str, number: int) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    questionnaire = consent.questionnaire_for(case)
    asked = question_numbered(number, questionnaire.version if questionnaire else "")
    if not CaseState(case.state).waits_for_client:
        return redirect("portal:request", key)
    sent = request.FILES.get("file")
    if sent is None:
        messages.error(request, _("Choose a document first."))
        return redirect("portal:question", key, number)
    try:
        documents.add(
            questionnaire or questionnaires.open(case),
            asked.key,
            sent.name or "",
            sent.read(LARGEST + 1),
            request.actor,
            timezone.now(),
        )
    except (documents.DocumentRefused, questionnaires.QuestionnaireClosed) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The document is with your answer."))
    return redirect("portal:question", key, number)


@require(Permission.ANSWER_CASES)
@require_POST
def remove(request: ActorRequest, key: str, number: int, document_id: UUID) -> HttpResponse:
    questionnaire = consent.questionnaire_for(abuse.case_for(request.actor, key))
    if questionnaire is None:
        raise Http404
    try:
        documents.remove(questionnaire, document_id)
    except (documents.DocumentRefused, questionnaires.QuestionnaireClosed) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The document is removed."))
    return redirect("portal:question", key, number)


@require(Permission.SEE_DESK, Permission.SEE_PORTAL)
@require_safe
def fetch(request: ActorRequest, token: str) -> HttpResponse:
    """Answer a document as a download, never as a page: it comes from outside, and is not ours to show."""
    try:
        found = consent.document_for(request.actor, documents.id_in(token))
        content = documents.content_of(found)
    except (documents.LinkExpired, documents.DocumentAside, CannotDecrypt) as error:
        raise Http404 from error
    answer = HttpResponse(content, content_type=found.media_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer._csp_config = {"default-src": [NONE], "sandbox": [True]}  # type: ignore[attr-defined]  # read by django-csp
    return answer
