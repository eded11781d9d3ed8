"""The log hooks of MTAs: what they post is stored and answered; the worker reads it (docs/mta-logs.md)."""

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from courrielleur.accounts.permissions import Scope
from courrielleur.api import parsers
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import Kind, Problem, too_large_text
from courrielleur.api.schema import posted
from courrielleur.api.serializers.mta_logs import StoredPostSerializer
from courrielleur.api.views.base import ApiView
from fbl.core.logs import posted as packing
from fbl.services import log_posts

ENCODING = OpenApiParameter(
    "Content-Encoding",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    enum=["gzip", "zstd"],
    description=_("How the body is packed, when it is."),
)


class KumoHook(ApiView):
    scope = {"POST": Scope.LOGS_WRITE}
    parser_classes = [parsers.JsonBytesParser, parsers.NdjsonParser, parsers.OctetParser]
    throttle_classes = []  # an MTA that is held back sends the same again, and more with it

    @posted(
        "mta_logs_kumo_create",
        _("Post log records of KumoMTA"),
        tag="feedback",
        about=_(
            "One log record, a list of them, or one a line. They are stored now and counted at once; a record that "
            "comes again is counted once."
        ),
        body={
            "application/json": OpenApiTypes.OBJECT,
            "application/x-ndjson": OpenApiTypes.STR,
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        answer=StoredPostSerializer,
        status=202,
        refuses=[411, 413, 415],
        parameters=[ENCODING],
        example={"stored": True},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        sent = parsers.body_of(request, limit=packing.MAX_BYTES)
        try:
            body = packing.unpack(sent.data, request.headers.get("Content-Encoding", ""))
        except packing.TooLarge as error:
            raise Problem(Kind.TOO_LARGE, too_large_text(packing.MAX_BYTES)) from error
        except packing.UnknownPacking as error:
            told = gettext("Pack the body with gzip or zstd, or leave it as it is.")
            raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, told) from error
        except packing.Unpackable as error:
            raise ParseError(gettext("The body is not packed as its Content-Encoding says.")) from error
        if body.lstrip()[:1] not in (b"{", b"["):
            raise ParseError(gettext("Send log records as JSON: one object, a list of them, or one a line."))
        log_posts.store(body, timezone.now())
        return Response({"stored": True}, status=202)
