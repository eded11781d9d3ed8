"""Cases as a client works on them: read, answer, hand in, write."""

from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from abuse import selectors
from abuse.core.case import CaseState
from abuse.services import cases, statements
from courrielleur.accounts.permissions import Scope
from courrielleur.accounts.selectors import account_for
from courrielleur.api import pagination
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import InvalidQuery
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import cases as shapes
from courrielleur.api.serializers.common import checked, page_of
from courrielleur.api.views.base import ApiView
from courrielleur.api.views.standing import explanation

STATE = OpenApiParameter(
    "state", OpenApiTypes.STR, enum=[state.value for state in CaseState], description=_("Only cases in this state.")
)
ACCOUNT = OpenApiParameter("account", OpenApiTypes.STR, description=_("Only cases of the account of this key."))
CASE = {
    "key": "C-7K3Q9F",
    "account": "acme",
    "reseller": "boreal",
    "state": "awaiting_client",
    "waits_for_client": True,
    "reasons": ["complaints_constant"],
    "suspended_at": "2026-11-20T10:12:09-05:00",
    "lifted_at": None,
    "opened_at": "2026-11-20T10:12:09-05:00",
    "changed_at": "2026-11-20T10:12:10-05:00",
    "closed_at": None,
    "links": {
        "account": "https://console.example.com/api/v1/accounts/acme",
        "standing": "https://console.example.com/api/v1/accounts/acme/standing",
        "answers": "https://console.example.com/api/v1/cases/C-7K3Q9F/answers",
        "messages": "https://console.example.com/api/v1/cases/C-7K3Q9F/messages",
    },
}
STATEMENT = {
    "case": "C-7K3Q9F",
    "account": "acme",
    "stated_at": "2026-11-20T10:12:09-05:00",
    "is_automated": True,
    "reasons": ["complaints_constant"],
    "facts": "…",
    "figures": {
        "first_day": "2026-11-14",
        "last_day": "2026-11-20",
        "delivered": 24000,
        "reporting": 11000,
        "complaints": 132,
        "complaint_rate": 0.012,
        "complaints_limit": 0.0025,
        "bounces": 310,
        "bounce_rate": 0.0129,
        "bounces_limit": 0.05,
    },
    "decision": {
        "id": "01932f6e-7a10-7cc3-98c4-dc0c0c07398f",
        "at": "2026-11-20T10:12:09-05:00",
        "policy_version": "default-0f3c5a1b2d4e",
        "code_version": "0.1.0",
        "sequence": 12,
        "digest": "9f2c…",
    },
    "may_answer": True,
    "may_appeal": False,
    "text": "…",
}
LINE = {
    "at": "2026-11-20T11:40:00-05:00",
    "who": "Boréal Courriel",
    "kind": "message",
    "title": "Message",
    "text": "We have asked our client for the sign-up records.",
}


class Cases(ApiView):
    scope = {"GET": Scope.CASES_READ}

    @operation(
        "cases_list",
        _("List cases"),
        tag="cases",
        about=_("The newest first."),
        answer=page_of(shapes.CaseSerializer),
        parameters=[STATE, ACCOUNT],
        refuses=[404],
        is_paged=True,
        example={"items": [CASE], "next": None},
    )
    def get(self, request: Request) -> Response:
        found = selectors.cases_for(self.actor)
        if state := request.query_params.get("state"):
            if state not in set(CaseState):
                told = gettext("There is no such state.")
                raise InvalidQuery({"state": [ErrorDetail(told, code="invalid_choice")]})
            found = found.filter(state=state)
        if key := request.query_params.get("account"):
            found = found.filter(account=account_for(self.actor, key))
        return pagination.answer(
            request,
            found,
            by=["-opened_at", "key"],
            shape=shapes.CaseSerializer,
            prepare=lambda rows: [_shown(case, request) for case in rows],
        )


class CaseDetail(ApiView):
    scope = {"GET": Scope.CASES_READ}

    @operation(
        "cases_read",
        _("Read one case"),
        tag="cases",
        answer=shapes.CaseDetailSerializer,
        refuses=[404],
        example=CASE | {"explanation": "…"},
    )
    def get(self, request: Request, key: str) -> Response:
        case = selectors.case_for(self.actor, key)
        shown = _shown(case, request)
        assessment = case.suspension.assessment if case.suspension else None
        if case.suspension is None and (standing := selectors.standing_of(case.account)).case == case:
            assessment = standing.assessment  # a campaign on hold
            shown["reasons"] = standing.reasons
        shown["explanation"] = explanation(assessment)
        return Response(shapes.CaseDetailSerializer(shown).data)


class Statement(ApiView):
    scope = {"GET": Scope.CASES_READ}

    @operation(
        "cases_statement",
        _("Read the statement of reasons"),
        tag="cases",
        about=_("Facts, figures, rule, whether a person or the rule decided, and how to contest it."),
        answer=shapes.StatementSerializer,
        refuses=[404],
        example=STATEMENT,
    )
    def get(self, request: Request, key: str) -> Response:
        case = selectors.case_for(self.actor, key)
        statement = statements.of(case, (get_language() or "fr")[:2], timezone.now())
        shown = {
            "case": case.key,
            "account": case.account.key,
            "stated_at": statement.stated_at,
            "is_automated": statement.is_automated,
            "reasons": statement.reasons,
            "facts": statement.facts,
            "figures": statement.figures,
            "decision": statement.decision,
            "may_answer": statement.may_answer,
            "may_appeal": statement.may_appeal,
            "text": statement.text,
        }
        return Response(shapes.StatementSerializer(shown).data)


class Messages(ApiView):
    scope = {"GET": Scope.CASES_READ, "POST": Scope.CASES_WRITE}

    @operation(
        "messages_list",
        _("Read the history of a case"),
        tag="cases",
        about=_("Messages, letters and steps, the oldest first."),
        answer=shapes.HistorySerializer,
        refuses=[404],
        example={"items": [LINE]},
    )
    def get(self, request: Request, key: str) -> Response:
        lines = selectors.timeline(selectors.case_for(self.actor, key), self.actor)
        shown = [line for line in lines if not line.is_internal]  # a platform's key may be in anybody's hands
        return Response(shapes.HistorySerializer({"items": shown}).data)

    @posted(
        "messages_create",
        _("Write a message into a case"),
        tag="cases",
        body=shapes.MessageRequestSerializer,
        answer=shapes.LineSerializer,
        status=201,
        refuses=[404],
        sends={"text": LINE["text"]},
        example=LINE,
    )
    @idempotent
    def post(self, request: Request, key: str) -> Response:
        case = selectors.case_for(self.actor, key)
        text = checked(shapes.MessageRequestSerializer, request)["text"]
        event = cases.message(case, actor=self.actor, text=text, now=timezone.now())
        shown = {
            "at": event.at,
            "who": event.actor_label,
            "kind": event.move,
            "title": gettext("Message"),
            "text": event.text,
        }
        return Response(shapes.LineSerializer(shown).data, status=201)


def _shown(case: Any, request: Request) -> dict[str, Any]:
    suspension, account = case.suspension, case.account
    assessment = suspension.assessment if suspension else None
    return {
        "key": case.key,
        "account": account.key,
        "reseller": account.reseller.key,
        "state": case.state,
        "waits_for_client": CaseState(case.state).waits_for_client,
        "reasons": assessment.reasons if assessment else ["by_hand"] if suspension else [],
        "suspended_at": suspension.imposed_at if suspension else None,
        "lifted_at": suspension.lifted_at if suspension else None,
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "closed_at": case.closed_at,
        "links": {
            "account": reverse("api:account", [account.key], request=request),
            "standing": reverse("api:standing", [account.key], request=request),
            "answers": reverse("api:answers", [case.key], request=request),
            "messages": reverse("api:messages", [case.key], request=request),
        },
    }
