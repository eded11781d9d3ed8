"""Samples of a case: chance has drawn some recipients, and the client proves each of them over REST."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from abuse.selectors import case_for
from consent.core.proofs import LARGEST_FILE
from consent.core.records import mask
from consent.selectors import samples as drawn
from consent.services import samples
from courrielleur.accounts.permissions import Scope
from courrielleur.api.idempotency import idempotent
from courrielleur.api.parsers import WholeMultiPartParser
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import evidence as shapes
from courrielleur.api.serializers.common import checked
from courrielleur.api.views.base import ApiView

# By the codes of consent/core/proofs.py and consent/services/samples.py.
TEXTS: dict[str, Promise] = {
    "proof_needed": _("Give a date, the form’s address, a few words or a file."),
    "too_long": _("This is too long."),
    "method_unknown": _("Choose a method of the list."),
    "date_bad": _("This is no day of the calendar. Write it as 2025-04-21."),
    "date_in_future": _("This day has not come yet."),
    "ip_bad": _("This is no IP address."),
    "url_bad": _("Write the whole address, such as https://www.example.com/sign-up."),
    "file_too_large": _("This file is larger than 5 MB."),
    "file_type": _("Send a PDF, a PNG or JPEG image, or a mail (.eml)."),
    "file_infected": _("The antivirus found something in this file: it is refused. Send a clean copy."),
}
REQUEST = {
    "id": "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11",
    "asked_at": "2026-11-20T11:40:00-05:00",
    "due_at": "2026-11-27T11:40:00-05:00",
    "note": "",
    "recipients": 20,
    "answered": 1,
    "submitted_at": None,
}
RECIPIENT = {
    "number": 1,
    "email": "marie@example.com",
    "proof": {"consented_on": "2025-04-21", "url": "https://www.example.com/infolettre"},
    "file_name": "",
    "file_type": "",
    "answered_at": "2026-11-21T09:00:00-05:00",
    "answered_by": "Acme CRM",
}
DETAIL = REQUEST | {"items": [RECIPIENT]}


class EvidenceRequests(ApiView):
    scope = {"GET": Scope.CASES_READ}

    @operation(
        "evidence_requests_list",
        _("List the samples of a case"),
        tag="cases",
        about=_("Recipients drawn by chance whose consent is to be proved. The newest first."),
        answer=shapes.EvidenceRequestsSerializer,
        refuses=[404],
        example={"items": [REQUEST]},
    )
    def get(self, request: Request, key: str) -> Response:
        found: Any = drawn.requests_of(case_for(self.actor, key))  # counted beside what a model says of itself
        shown = [_shown(one, one.drawn, one.answered) for one in found]
        return Response(shapes.EvidenceRequestsSerializer({"items": shown}).data)


class EvidenceRequest(ApiView):
    scope = {"GET": Scope.CASES_READ}

    @operation(
        "evidence_requests_read",
        _("Read a sample with its recipients"),
        tag="cases",
        answer=shapes.EvidenceRequestDetailSerializer,
        refuses=[404],
        example=DETAIL,
    )
    def get(self, request: Request, key: str, request_id: UUID) -> Response:
        return Response(_detail(self, _found(self, key, request_id)))


class EvidenceProof(ApiView):
    scope = {"PUT": Scope.CASES_WRITE}
    parser_classes = [JSONParser, WholeMultiPartParser]

    @operation(
        "evidence_requests_prove",
        _("Prove the consent of one recipient"),
        tag="cases",
        about=_("The latest proof stands; a file stays until another one comes. JSON, or a form with a file."),
        body={"application/json": shapes.ProofSerializer, "multipart/form-data": shapes.ProofRequestSerializer},
        answer=shapes.EvidenceRequestDetailSerializer,
        refuses=[404, 409, 413, 415],
        example=DETAIL,
    )
    def put(self, request: Request, key: str, request_id: UUID, number: int) -> Response:
        found = _found(self, key, request_id)
        if not found.recipients.filter(number=number).exists():
            raise Http404
        given = checked(shapes.ProofRequestSerializer, request)
        file = given.pop("file", None)
        data = file.read(LARGEST_FILE + 1) if file else None
        try:
            samples.answer(
                found, number, given, self.actor, timezone.now(), file=data, file_name=file.name if file else ""
            )
        except samples.ProofRefused as error:
            told = {name: [ErrorDetail(str(TEXTS[code]), code=code)] for name, code in error.problems.items()}
            raise ValidationError(told) from error
        return Response(_detail(self, found))


class EvidenceSubmission(ApiView):
    scope = {"POST": Scope.CASES_WRITE}

    @posted(
        "evidence_requests_submit",
        _("Hand the proofs of a sample in"),
        tag="cases",
        about=_("No more of them come: recipients without a proof stay unproved."),
        answer=shapes.EvidenceRequestDetailSerializer,
        refuses=[404],
        example=DETAIL,
    )
    @idempotent
    def post(self, request: Request, key: str, request_id: UUID) -> Response:
        found = _found(self, key, request_id)
        samples.finish(found, self.actor, timezone.now())
        return Response(_detail(self, found))


def _found(view: ApiView, key: str, request_id: UUID) -> Any:
    found = drawn.request_for(view.actor, request_id)
    if found.case.key != key:
        raise Http404
    return found


def _detail(view: ApiView, found: Any) -> dict[str, Any]:
    items = [
        {
            "number": one.number,
            # Who may see recipients is a person's right, no key's.
            "email": mask(one.address) if view.actor.is_staff else one.address,
            "proof": one.proof,
            "file_name": one.file_name,
            "file_type": one.file_type,
            "answered_at": one.answered_at,
            "answered_by": one.answered_by,
        }
        for one in drawn.shown(found)
    ]
    answered = sum(item["answered_at"] is not None for item in items)
    shown = _shown(found, len(items), answered) | {"items": items}
    return dict(shapes.EvidenceRequestDetailSerializer(shown).data)


def _shown(found: Any, recipients: int, answered: int) -> dict[str, Any]:
    return {
        "id": found.pk,
        "asked_at": found.asked_at,
        "due_at": found.due_at,
        "note": found.note,
        "recipients": recipients,
        "answered": answered,
        "submitted_at": found.answered_at,
    }
