"""The questionnaire: one question per page, kept as it is typed, checked at the end, declared, received."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abuse import selectors as abuse
from abuse.core.case import CaseState
from abuse.services.cases import CaseMoved, MoveRefused
from consent import selectors as consent
from consent.core.questionnaire import Question, question_set
from consent.services import questionnaires
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import answers
from courrielleur.portal.forms import DeclarationForm
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.question_form import QuestionForm


@require(Permission.ANSWER_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: ActorRequest, key: str, number: int) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    questionnaire = consent.questionnaire_for(case)
    asked = question_numbered(number, questionnaire.version if questionnaire else "")
    if not CaseState(case.state).waits_for_client:
        return redirect("portal:request", key)
    questionnaire = questionnaire or questionnaires.open(case)
    answer = next((row for row in consent.answers_of(questionnaire) if row.question == asked.key), None)
    now = timezone.now()
    form = QuestionForm(asked, request.POST or None, initial=answer.value if answer else {})
    moved = None
    if request.method == "POST":
        try:
            questionnaires.save(
                questionnaire, asked.key, form.value(), request.actor, now, seen=request.POST.get("version")
            )
        except questionnaires.AnswerMoved as error:  # theirs is shown, ours stays in the form
            if "autosave" in request.POST:
                return JsonResponse({"saved": str(error)}, status=409)
            moved = error
        except questionnaires.QuestionnaireClosed as error:  # handed in from another window
            if "autosave" in request.POST:
                return JsonResponse({"saved": str(error)}, status=409)
            messages.error(request, str(error))
            return redirect("portal:request", key)
        if "autosave" in request.POST:
            return JsonResponse({"saved": _saved_at(now), "version": now.isoformat()})
        if not moved and form.check(now.astimezone(UTC).date()):
            return _after(request, questionnaire, key, number)
        answer = next((row for row in consent.answers_of(questionnaire) if row.question == asked.key), None)
    rows = answers.shown(questionnaire)
    return render(
        request,
        "client/question.html",
        {
            "case": case,
            "question": asked,
            "words": answers.words(asked),
            "form": form,
            "rows": rows,
            "total": len(rows),
            "answered": sum(row.is_complete for row in rows),
            "saved": _saved_at(answer.saved_at) if answer and not moved else "",
            "version": questionnaires.version_of(answer),
            "theirs": answers.in_words(asked, moved.latest.value) if moved else "",
            "moved": moved,
            "by": rows[number - 1].by,
            "documents": rows[number - 1].documents,
            "methods": _definitions(asked),
            "back": number - 1,
            "to_check": "check" in request.GET,
        },
        status=409 if moved else 422 if form.errors else 200,
    )


@require(Permission.ANSWER_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: ActorRequest, key: str) -> HttpResponse:
    """Check the answers, declare them, hand them in."""
    case = abuse.case_for(request.actor, key)
    if not CaseState(case.state).waits_for_client:
        return redirect("portal:request", key)
    questionnaire = consent.questionnaire_for(case) or questionnaires.open(case)
    rows = answers.shown(questionnaire)
    missing = [row for row in rows if not row.is_complete]
    form = DeclarationForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid() and not missing:
        try:
            questionnaires.submit(questionnaire, request.actor, form.cleaned_data["name"], timezone.now())
        except (CaseMoved, MoveRefused, questionnaires.NotComplete, questionnaires.QuestionnaireClosed) as error:
            messages.error(request, str(error))
            return redirect("portal:request", key)
        return redirect("portal:receipt", key)
    is_refused = request.method == "POST"
    return render(
        request,
        "client/check.html",
        {
            "case": case,
            "rows": rows,
            "missing": missing,
            "form": form,
            "is_refused": is_refused,
            "uploads": consent.uploads_for(case.account)[:5],
        },
        status=422 if is_refused else 200,
    )


@require(Permission.SEE_PORTAL)
@require_safe
def receipt(request: ActorRequest, key: str) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    questionnaire = consent.questionnaire_for(case)
    if questionnaire is None or not questionnaire.receipt:
        return redirect("portal:request", key)
    return render(request, "client/receipt.html", {"case": case, "questionnaire": questionnaire})


def _after(request: ActorRequest, questionnaire: Any, key: str, number: int) -> HttpResponse:
    """Go on to the next question, or back to the answers when one of them was changed from there."""
    if "to_check" in request.POST or number >= len(question_set(questionnaire.version).questions):
        return redirect("portal:check", key)
    return redirect("portal:question", key, number + 1)


def question_numbered(number: int, version: str) -> Question:
    for question in question_set(version).questions:
        if question.number == number:
            return question
    raise Http404


def _definitions(question: Question) -> list[tuple[str, str]]:
    language = answers.language()
    return [(method.names[language], method.definitions[language]) for method in question.methods]


def _saved_at(moment: datetime) -> str:
    # Translators: shown beside an answer; the time of day follows
    return _("Saved at %(time)s") % {"time": formats.time_format(timezone.localtime(moment), "TIME_FORMAT")}
