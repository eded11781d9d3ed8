"""What a file of consent records is asked before it is read, answered over REST."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from consent import selectors
from consent.services import asking, uploads
from courrielleur.accounts.permissions import Scope
from courrielleur.api.consent_detail import detail, flaw_texts
from courrielleur.api.idempotency import idempotent
from courrielleur.api.schema import posted
from courrielleur.api.serializers.consent import UploadAnswersSerializer, UploadDetailSerializer
from courrielleur.api.views.base import ApiView
from courrielleur.api.views.consent import DETAIL


class ConsentAnswers(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}

    @posted(
        "consent_uploads_answer",
        _("Answer what a file is asked"),
        tag="consent",
        about=_("The file is then read. What is still open is asked again. What columns mean is kept for later files."),
        body=UploadAnswersSerializer,
        answer=UploadDetailSerializer,
        refuses=[404],
        sends={"date_order": "day_first", "zone": "America/Toronto"},
        example=DETAIL,
    )
    @idempotent
    def post(self, request: Request, upload_id: UUID) -> Response:
        upload = selectors.upload_for(self.actor, upload_id)
        answers: Any = request.data
        if not isinstance(answers, Mapping) or not answers:
            told = gettext("Send the answers as an object: the keys are the codes of `asks`.")
            raise ValidationError([ErrorDetail(told, code="missing")])
        return Response(_answered(self, upload, dict(answers)))


class ConsentConfirm(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}

    @posted(
        "consent_uploads_confirm",
        _("Confirm how a file is understood"),
        tag="consent",
        about=_("Of a file that was sent with `confirm`: from now on its rows are read and kept."),
        answer=UploadDetailSerializer,
        refuses=[404],
        example=DETAIL,
    )
    @idempotent
    def post(self, request: Request, upload_id: UUID) -> Response:
        return Response(_answered(self, selectors.upload_for(self.actor, upload_id), {"confirm": True}))


def _answered(view: ApiView, upload: Any, answers: dict[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    try:
        answered = asking.answer(upload, answers, view.actor.label, now)
    except asking.AnswerRefused as error:
        told = {key: [ErrorDetail(text, code=error.flaws[key].code)] for key, text in flaw_texts(error).items()}
        raise ValidationError(told) from error
    return detail(view.actor, uploads.read_soon(answered, now))
