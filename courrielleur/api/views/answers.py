"""The questionnaire of a case: read, answered question by question, handed in."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from abuse.selectors import case_for
from consent import selectors
from consent.core.questionnaire import Problem, Question, QuestionSet, check_answer, problem_text, question_set
from consent.services import questionnaires
from courrielleur.accounts.permissions import Scope
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import Kind, is_encodable
from courrielleur.api.problems import Problem as Refusal
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import cases as shapes
from courrielleur.api.serializers.common import checked
from courrielleur.api.views.base import ApiView

MAX_VALUE = 100_000  # characters of JSON
ANSWER = {
    "question": "last_used",
    "number": 1,
    "kind": "date",
    "title": "When was this list last used?",
    "help": "",
    "why": "A list that rested for long holds addresses that are gone.",
    "value": {"date": "2026-11-18"},
    "saved_at": "2026-11-20T11:40:00-05:00",
    "problems": [],
}


class Answers(ApiView):
    scope = {"GET": Scope.CASES_READ}

    @operation(
        "answers_list",
        _("Read the questions and the answers so far"),
        tag="cases",
        answer=shapes.AnswersSerializer,
        refuses=[404],
        example={
            "version": "1",
            "is_complete": False,
            "submitted_at": None,
            "receipt": "",
            "items": [ANSWER],
            "methods": [{"key": "confirmed_opt_in", "name": "Confirmed opt-in", "definition": "…"}],
        },
    )
    def get(self, request: Request, key: str) -> Response:
        questionnaire = selectors.questionnaire_for(case_for(self.actor, key))
        given = {answer.question: answer for answer in selectors.answers_of(questionnaire)} if questionnaire else {}
        questions = question_set(questionnaire.version if questionnaire else "")
        items = [_item(question, given.get(question.key)) for question in questions.questions]
        shown = {
            "version": questions.version,
            "is_complete": not any(item["problems"] for item in items),
            "submitted_at": questionnaire.submitted_at if questionnaire else None,
            "receipt": questionnaire.receipt if questionnaire else "",
            "items": items,
            "methods": _methods(questions),
        }
        return Response(shapes.AnswersSerializer(shown).data)


class Answer(ApiView):
    scope = {"PUT": Scope.CASES_WRITE}

    @operation(
        "answers_save",
        _("Save the answer to one question"),
        tag="cases",
        about=_("A half-finished answer is kept too; `problems` says what it lacks."),
        body=shapes.AnswerRequestSerializer,
        answer=shapes.AnswerSerializer,
        refuses=[404, 409],
        sends={"value": ANSWER["value"]},
        example=ANSWER,
    )
    def put(self, request: Request, key: str, question: str) -> Response:
        case = case_for(self.actor, key)
        value = _value_of(request)
        now = timezone.now()
        begun = selectors.questionnaire_for(case)
        try:
            asked = question_set(begun.version if begun else "").question(question)
        except KeyError as error:
            raise NotFound from error
        questionnaire = begun or questionnaires.open(case)
        questionnaires.save(questionnaire, asked.key, value, self.actor, now)
        [saved] = [answer for answer in selectors.answers_of(questionnaire) if answer.question == asked.key]
        return Response(shapes.AnswerSerializer(_item(asked, saved)).data)


class Submission(ApiView):
    scope = {"POST": Scope.CASES_WRITE}

    @posted(
        "submissions_create",
        _("Hand the answers in"),
        tag="cases",
        about=_("The case then waits for us. It can be done once; again when we ask for more."),
        body=shapes.SubmissionRequestSerializer,
        answer=shapes.SubmissionSerializer,
        status=201,
        refuses=[404],
        sends={"declared_name": "Marie Tremblay"},
        example={"receipt": "R-4T7QX2M9", "state": "submitted"},
    )
    @idempotent
    def post(self, request: Request, key: str) -> Response:
        case = case_for(self.actor, key)
        name = checked(shapes.SubmissionRequestSerializer, request)["declared_name"]
        questionnaire = questionnaires.open(case)
        try:
            receipt = questionnaires.submit(questionnaire, self.actor, name, timezone.now())
        except questionnaires.NotComplete as error:
            missing = ", ".join(error.questions)
            raise Refusal(Kind.CONFLICT, f"{error} ({missing})" if missing else str(error)) from error
        return Response({"receipt": receipt, "state": case_for(self.actor, key).state}, status=201)


def _item(question: Question, answer: Any) -> dict[str, Any]:
    words = question.words[_language()]
    value = answer.value if answer else {}
    return {
        "question": question.key,
        "number": question.number,
        "kind": question.kind.value,
        "title": words.title,
        "help": words.help,
        "why": words.why,
        "value": value,
        "saved_at": answer.saved_at if answer else None,
        "problems": [_problem(problem) for problem in check_answer(question, value)],
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"part": problem.part, "code": problem.code, "detail": problem_text(problem, _language())}


def _methods(questions: QuestionSet) -> list[dict[str, str]]:
    language = _language()
    return [
        {"key": method.key, "name": method.names[language], "definition": method.definitions[language]}
        for method in questions.methods
    ]


def _value_of(request: Request) -> dict[str, Any]:
    """Return the answer that the body carries. Raises `ValidationError` for what can't be kept."""
    body: Any = request.data
    value = body.get("value") if isinstance(body, Mapping) else None
    if not isinstance(value, dict):
        told = gettext("Send `value`: an object with the parts of the answer.")
        raise ValidationError({"value": [ErrorDetail(told, code="missing")]})
    if len(json.dumps(value)) > MAX_VALUE:
        raise ValidationError({"value": [ErrorDetail(gettext("This answer is too long."), code="max_length")]})
    if any("\x00" in text or not is_encodable(text) for text in _texts(value)):
        told = gettext("The answer holds characters that can't be kept: NUL, or half of a pair.")
        raise ValidationError({"value": [ErrorDetail(told, code="bad_character")]})
    return value


def _texts(value: Any) -> Iterator[str]:
    """Return every text in a JSON value; names of parts too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _language() -> str:
    return (get_language() or "fr")[:2]
