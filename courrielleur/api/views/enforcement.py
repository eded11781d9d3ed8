"""For MTAs that ask: what to hold back, what has changed, and what they have done about it."""

from uuid import UUID

from django.core.exceptions import MultipleObjectsReturned
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from abuse.core.stops import Stop
from abuse.selectors.stops import pull_endpoint_for
from abuse.services import pulls
from courrielleur.accounts.permissions import Scope
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import InvalidQuery
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import enforcement as shapes
from courrielleur.api.serializers.common import checked
from courrielleur.api.views.base import ApiView

ENDPOINT = OpenApiParameter(
    "endpoint", OpenApiTypes.UUID, description=_("May be left out by whoever has only one endpoint that asks.")
)
SINCE = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0},
    description=_("The cursor of an earlier answer: then only what has changed. Left out: everything."),
)
WAIT = OpenApiParameter(
    "wait",
    {"type": "integer", "minimum": 0, "maximum": pulls.LONGEST_WAIT},
    description=_("Seconds to wait for a change before the answer, with `since`. Few can wait at a time."),
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=_("The ETag of an earlier answer; 304 without a body when nothing has changed."),
)
MOST_DIGITS = 18
LINE = {
    "account": "acme",
    "level": "suspended",
    "since": "2026-11-20T10:12:09-05:00",
    "hold": "all",
    "campaign": "",
}
ID = "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11"


class Standings(ApiView):
    scope = {"GET": Scope.ENFORCEMENT_PULL}

    @operation(
        "enforcement_standings",
        _("Ask what to hold back"),
        tag="enforcement",
        about=_(
            "For an MTA that asks. Without `since` it gets everything it is to hold back; with it, the accounts that "
            "have changed, each as it stands now. Ask once a minute, and acknowledge the cursor each time it is done: "
            "an MTA that has acknowledged nothing for five minutes is silent."
        ),
        answer=shapes.StandingsSerializer,
        refuses=[404],
        parameters=[ENDPOINT, SINCE, WAIT, IF_NONE_MATCH],
        example={"endpoint": ID, "cursor": 17, "complete": True, "standings": [LINE]},
    )
    def get(self, request: Request) -> Response:
        try:
            endpoint = pull_endpoint_for(self.actor, _endpoint_of(request.query_params.get("endpoint")))
        except MultipleObjectsReturned as error:
            raise InvalidQuery({"endpoint": [_which()]}) from error
        since, wait = _since_of(request.query_params.get("since")), _wait_of(request.query_params.get("wait"))
        if since is not None and wait:
            pulls.wait_for_news(endpoint, since, wait)
        feed = pulls.read(endpoint, since)
        etag = f'"{endpoint.pk.hex}-{feed.number}-{"all" if feed.is_complete else since}"'
        if request.headers.get("If-None-Match", "") == etag:
            return Response(status=304, headers={"ETag": etag})
        shown = {
            "endpoint": endpoint.pk,
            "cursor": feed.number,
            "complete": feed.is_complete,
            "standings": feed.lines,
        }
        return Response(shapes.StandingsSerializer(shown).data, headers={"ETag": etag})


class Acknowledgements(ApiView):
    scope = {"POST": Scope.ENFORCEMENT_PULL}

    @posted(
        "enforcement_acknowledge",
        _("Confirm what was done"),
        tag="enforcement",
        about=_(
            "Confirms the orders up to a cursor. With `held`, the MTA's whole list is compared with ours: the answer "
            "says where they differ, the console shows it, and the orders come again."
        ),
        body=shapes.AcknowledgementSerializer,
        answer=shapes.AcknowledgedSerializer,
        refuses=[404],
        sends={"cursor": 17, "held": [{"account": "acme", "campaign": ""}]},
        example={"endpoint": ID, "cursor": 17, "differences": []},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        fields = checked(shapes.AcknowledgementSerializer, request)
        try:
            endpoint = pull_endpoint_for(self.actor, fields.get("endpoint"))
        except MultipleObjectsReturned as error:
            raise ValidationError({"endpoint": [_which()]}) from error
        held = [Stop(one["account"], one["campaign"]) for one in fields["held"]] if "held" in fields else None
        try:
            differences = pulls.acknowledge(endpoint, fields["cursor"], timezone.now(), held=held)
        except ValueError as error:
            told = gettext("This cursor was never handed out. Ask for everything, without `since`.")
            raise ValidationError({"cursor": [ErrorDetail(told, code="unknown")]}) from error
        shown = {"endpoint": endpoint.pk, "cursor": fields["cursor"], "differences": differences}
        return Response(shapes.AcknowledgedSerializer(shown).data)


def _which() -> ErrorDetail:
    return ErrorDetail(gettext("You have several endpoints that ask. Say which one this is."), code="required")


def _endpoint_of(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        told = gettext("This is no id of an endpoint.")
        raise InvalidQuery({"endpoint": [ErrorDetail(told, code="invalid")]}) from error


def _since_of(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
        told = gettext("Write the cursor of an earlier answer.")
        raise InvalidQuery({"since": [ErrorDetail(told, code="invalid")]})
    return int(text)


def _wait_of(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS or int(text) > pulls.LONGEST_WAIT:
        told = gettext("Wait for %(most)s seconds at most.") % {"most": pulls.LONGEST_WAIT}
        raise InvalidQuery({"wait": [ErrorDetail(told, code="invalid")]})
    return int(text)
