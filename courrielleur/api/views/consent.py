"""Consent records: a client hands in a file and reads what became of its rows."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from consent import selectors
from consent.services import asking, rejects, sending, uploads
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Scope
from courrielleur.accounts.selectors import account_for
from courrielleur.api import pagination, parsers, tus
from courrielleur.api.auth import key_of
from courrielleur.api.consent_detail import detail, flaw_texts
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import InvalidQuery, Kind, Problem
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers.common import page_of
from courrielleur.api.serializers.consent import UploadDetailSerializer, UploadSerializer
from courrielleur.api.serializers.feedback import FileSerializer
from courrielleur.api.views.base import ApiView
from courrielleur.spreadsheets import csv_pieces

ACCOUNT = OpenApiParameter(
    "account", OpenApiTypes.STR, description=_("Key of the account. Needed unless your key belongs to one.")
)
FILE_NAME = OpenApiParameter(
    "file_name", OpenApiTypes.STR, description=_("What to call a file that is sent as the body.")
)
BEFOREHAND = [
    OpenApiParameter("zone", OpenApiTypes.STR, description=_("Zone of the times that name none: HNE, -05:00, …")),
    OpenApiParameter(
        "date_order", OpenApiTypes.STR, enum=["day_first", "month_first", "mixed"], description=_("Of 04/05/2012.")
    ),
    OpenApiParameter(
        "days", OpenApiTypes.STR, enum=["accept", "refuse"], description=_("Dates without a time of day.")
    ),
    OpenApiParameter(
        "confirm",
        OpenApiTypes.BOOL,
        description=_("True: show me how the file is understood, and record nothing before I confirm."),
    ),
]
UPLOAD = {
    "id": "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11",
    "account": "acme",
    "file_name": "inscriptions.csv",
    "size": 4096,
    "uploaded_by": "Acme CRM",
    "uploaded_at": "2026-11-20T11:40:00-05:00",
    "state": "done",
    "read_bytes": 4096,
    "rows": 40,
    "accepted": 39,
    "rejected": 1,
}
DETAIL = UPLOAD | {
    "progress": 1.0,
    "undated": 0,
    "day_only": 0,
    "asks": [],
    "preview": None,
    "answer_until": None,
    "columns": {"Courriel": "email", "DateHeureCommande": "consented_at", "IP": "ip"},
    "error": "",
    "detail": "",
    "errors": [{"line": 7, "column": "Courriel", "code": "email_bad", "value": "m…@example", "detail": "…"}],
}


class ConsentUploads(ApiView):
    scope = {"GET": Scope.CONSENT_WRITE, "POST": Scope.CONSENT_WRITE}
    parser_classes = parsers.TABLE

    @operation(
        "consent_uploads_list",
        _("List the files of consent records"),
        tag="consent",
        about=_("The newest first."),
        answer=page_of(UploadSerializer),
        parameters=[ACCOUNT],
        refuses=[404],
        is_paged=True,
        example={"items": [UPLOAD], "next": None},
    )
    def get(self, request: Request) -> Response:
        found = selectors.uploads_for(account_of(self, request)).select_related("account")
        return pagination.answer(request, found, by=["-uploaded_at", "-id"], shape=UploadSerializer)

    @posted(
        "consent_uploads_create",
        _("Hand in a file of consent records"),
        tag="consent",
        about=_(
            "CSV or TSV with a heading line, in French or English, an XLSX workbook, one JSON object in each line, or "
            "`Key: value` lines; also packed with gzip. One recipient in each row: address, date and time of the "
            "consent with its zone, IP address. Rows that can't be read are told one by one; the others are kept. A "
            "file of up to a megabyte is read before the answer; a larger one is read by the worker, and reading the "
            "upload tells how far. The same file again answers 200 with the first upload."
        ),
        body={
            "text/csv": OpenApiTypes.BINARY,
            "text/tab-separated-values": OpenApiTypes.BINARY,
            "text/plain": OpenApiTypes.BINARY,
            "application/x-ndjson": OpenApiTypes.BINARY,
            "application/gzip": OpenApiTypes.BINARY,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": OpenApiTypes.BINARY,
            "application/octet-stream": OpenApiTypes.BINARY,
            "multipart/form-data": FileSerializer,
        },
        answer=UploadDetailSerializer,
        status=201,
        refuses=[404, 411, 412, 413, 415],
        parameters=[ACCOUNT, FILE_NAME, *BEFOREHAND, tus.LENGTH, tus.METADATA],
        example=DETAIL,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        account = account_of(self, request)
        answers = _said_beforehand(request)
        if coming := tus.announced(request):
            return self._begun(account, coming, answers)
        sent = parsers.pieces_of(request, limit=settings.CONSENT_MAX_BYTES)
        now = timezone.now()
        upload, is_new = uploads.receive(account, sent.pieces, sent.file_name, self.actor.label, now, answers=answers)
        return Response(detail(self.actor, uploads.read_soon(upload, now)), status=201 if is_new else 200)

    def _begun(self, account: Account, coming: tus.Announced, answers: dict[str, Any]) -> Response:
        upload, is_new = sending.begin(
            account,
            size=coming.size,
            file_name=coming.file_name,
            sha256=coming.sha256,
            uploaded_by=self.actor.label,
            now=timezone.now(),
            answers=answers,
        )
        return Response(detail(self.actor, upload), status=201 if is_new else 200)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Say where to send the pieces: in the headers, so that a repeated answer has them too."""
        if "Upload-Length" in request.headers and response.status_code in (200, 201) and request.method == "POST":
            sent = selectors.sending_for(self.actor, UUID(str(response.data["id"])))
            response["Location"] = reverse("api:consent-upload", [sent.pk], request=request)
            _tell_offset(response, sent)
        return super().finalize_response(request, response, *args, **kwargs)


class ConsentUpload(ApiView):
    scope = {"GET": Scope.CONSENT_WRITE, "PATCH": Scope.CONSENT_WRITE, "DELETE": Scope.CONSENT_WRITE}
    http_method_names = [*ApiView.http_method_names, "patch"]
    parser_classes = [parsers.OffsetStreamParser]

    @operation(
        "consent_uploads_read",
        _("Read what became of a file"),
        tag="consent",
        answer=UploadDetailSerializer,
        refuses=[404],
        example=DETAIL,
    )
    def get(self, request: Request, upload_id: UUID) -> Response:
        response = Response(detail(self.actor, selectors.upload_for(self.actor, upload_id)))
        return _tell_offset(response, selectors.sending_for(self.actor, upload_id))

    @operation(
        "consent_uploads_send",
        _("Send a piece of a file"),
        tag="consent",
        about=_(
            "tus 1.0.0: the bytes from `Upload-Offset` on, as many as you like. After a broken connection, HEAD tells "
            "in `Upload-Offset` how many came through; go on there. A wrong offset is a 409 with the right one. Once "
            "the last byte is here the file is read as if it had come at once."
        ),
        body={"application/offset+octet-stream": OpenApiTypes.BINARY},
        answer=None,
        status=204,
        refuses=[404, 409, 411, 412, 413, 415],
        parameters=[tus.OFFSET],
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        upload = selectors.sending_for(self.actor, upload_id)
        tus.check_version(request)
        offset = tus.number(request, "Upload-Offset")
        coming = int(request.headers.get("Content-Length") or 0)
        now = timezone.now()
        try:
            sent = sending.send_on(upload, offset, parsers.stream_of(request), now, coming=coming)
            uploads.read_soon(sent, now)
        except sending.WrongOffset as error:
            at = tus.headers(error.offset, upload.declared_size, upload.expires_at)
            raise Problem(Kind.CONFLICT, str(error), headers=at) from error
        return _tell_offset(Response(status=204), selectors.sending_for(self.actor, upload_id))

    @operation(
        "consent_uploads_withdraw",
        _("Withdraw a file before it is read"),
        tag="consent",
        about=_("One that is being sent, or that waits for an answer. Once rows are read it stays: a 409."),
        answer=None,
        status=204,
        refuses=[404, 409],
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        sending.withdraw(selectors.sending_for(self.actor, upload_id), self.actor.label, timezone.now())
        return Response(status=204)


class ConsentRejects(ApiView):
    scope = {"GET": Scope.CONSENT_WRITE}

    @operation(
        "consent_uploads_rejects",
        _("Fetch the rows that were refused"),
        tag="consent",
        about=_(
            "CSV with line, column, code, value and what to do; addresses are masked. Mend the rows and send them."
        ),
        answer=OpenApiTypes.STR,
        refuses=[404],
        media="text/csv",
    )
    def get(self, request: Request, upload_id: UUID) -> StreamingHttpResponse:
        upload = selectors.upload_for(self.actor, upload_id)
        heading = [gettext("Line"), gettext("Column"), gettext("Code"), gettext("Value"), gettext("What to do")]
        pieces = csv_pieces(heading, rejects.table(upload, (get_language() or "fr")[:2]))
        answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="rejects.csv"'
        return answer


def account_of(view: ApiView, request: Request) -> Account:
    """Return the account that the query names, else the key's own. Raises `InvalidQuery`, `Account.DoesNotExist`."""
    if key := request.query_params.get("account"):
        return account_for(view.actor, key)
    own = key_of(request).account
    if own is None:
        told = gettext("Name the account: ?account=KEY.")
        raise InvalidQuery({"account": [ErrorDetail(told, code="missing")]})
    return own


def _said_beforehand(request: Request) -> dict[str, Any]:
    """Return what the query answers before the file is known. Raises `InvalidQuery`."""
    asked = request.query_params
    said: dict[str, Any] = {name: asked[name] for name in ("zone", "date_order", "days") if asked.get(name)}
    if asked.get("confirm", "").lower() in ("1", "true", "yes"):
        said["confirm"] = False  # not yet
    try:
        return asking.checked(said)
    except asking.AnswerRefused as error:
        told = {name: [ErrorDetail(text, code=error.flaws[name].code)] for name, text in flaw_texts(error).items()}
        raise InvalidQuery(told) from error


def _tell_offset(response: Response, upload: Any) -> Response:
    told = tus.headers(sending.offset_of(upload), upload.declared_size, upload.expires_at)
    for name, value in told.items():
        response[name] = value
    return response
