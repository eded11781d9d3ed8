"""Where signed orders go, and what became of each."""

from dataclasses import asdict
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from abuse import selectors
from abuse.services import enforcement, trials
from courrielleur.accounts.models import Reseller
from courrielleur.accounts.permissions import Scope
from courrielleur.accounts.selectors import reseller_for
from courrielleur.api import pagination
from courrielleur.api.auth import key_of
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import InvalidQuery, Kind, Problem
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import webhooks as shapes
from courrielleur.api.serializers.common import checked, page_of
from courrielleur.api.views.base import ApiView

STATE = OpenApiParameter("state", OpenApiTypes.STR, enum=shapes.STATES, description=_("Only orders in this state."))
ENDPOINT = {
    "id": "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11",
    "url": "https://mta.example.com/hooks/courrielleur",
    "reseller": None,
    "created_at": "2026-11-20T09:00:00-05:00",
    "disabled_at": None,
    "disabled_reason": "",
}
ORDER = {
    "id": "0199a2b5-1f00-7c3e-8a11-0c5d4e3f2a10",
    "account": "acme",
    "endpoint": ENDPOINT["id"],
    "action": "account.suspended",
    "sequence": 1,
    "state": "delivered",
    "attempts": 1,
    "next_attempt_at": "2026-11-20T10:12:09-05:00",
    "last_error": "",
    "created_at": "2026-11-20T10:12:09-05:00",
    "ended_at": "2026-11-20T10:12:10-05:00",
    "body": {
        "type": "account.suspended",
        "timestamp": "2026-11-20T15:12:09Z",
        "data": {
            "account": "acme",
            "reseller": "boreal",
            "standing": "suspended",
            "since": "2026-11-20T15:12:09Z",
            "reasons": ["complaints_constant"],
            "case": "C-7K3Q9F",
            "sequence": 1,
        },
    },
}


class Endpoints(ApiView):
    scope = {"GET": Scope.WEBHOOKS_WRITE, "POST": Scope.WEBHOOKS_WRITE}

    @operation(
        "webhook_endpoints_list",
        _("List webhook endpoints"),
        tag="webhooks",
        answer=page_of(shapes.EndpointSerializer),
        is_paged=True,
        example={"items": [ENDPOINT], "next": None},
    )
    def get(self, request: Request) -> Response:
        found = selectors.endpoints_for(self.actor)
        return pagination.answer(request, found, by=["created_at", "id"], shape=shapes.EndpointSerializer)

    @posted(
        "webhook_endpoints_create",
        _("Add a webhook endpoint"),
        tag="webhooks",
        about=_(
            "Every order to stop or resume an account goes there, signed after Standard Webhooks. What is suspended "
            "now is ordered at once. The secret is shown this once."
        ),
        body=shapes.EndpointRequestSerializer,
        answer=shapes.NewEndpointSerializer,
        status=201,
        sends={"url": ENDPOINT["url"]},
        example=ENDPOINT | {"secret": "whsec_…"},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        fields = checked(shapes.EndpointRequestSerializer, request)
        reseller = self._owner(request, fields.get("reseller"))
        endpoint, secret = enforcement.create_endpoint(url=fields["url"], reseller=reseller)
        shown = dict(shapes.EndpointSerializer(endpoint).data) | {"secret": secret}
        return Response(shown, status=201)

    def _owner(self, request: Request, key: str | None) -> Reseller | None:
        """Return whose the endpoint is to be; None is the platform's. An account's key owns none."""
        api_key = key_of(request)
        if api_key.account_id is not None:
            raise Problem(
                Kind.FORBIDDEN, gettext("Endpoints belong to the platform or to a reseller, not to an account.")
            )
        if key is None:
            return api_key.reseller
        try:
            return reseller_for(self.actor, key)
        except Reseller.DoesNotExist as error:
            told = gettext("There is no reseller %(key)s.") % {"key": key}
            raise ValidationError({"reseller": [ErrorDetail(told, code="unknown")]}) from error


class Endpoint(ApiView):
    scope = {"DELETE": Scope.WEBHOOKS_WRITE}

    @operation(
        "webhook_endpoints_disable",
        _("Disable a webhook endpoint"),
        tag="webhooks",
        about=_("Nothing more is sent there; it stays listed with its orders. Doing it again changes nothing."),
        answer=None,
        status=204,
        refuses=[404],
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        endpoint = selectors.endpoint_for(self.actor, endpoint_id)
        enforcement.disable_endpoint(endpoint, f"API: {self.actor.label}")
        return Response(status=204)


class EndpointTest(ApiView):
    scope = {"POST": Scope.WEBHOOKS_WRITE}

    @posted(
        "webhook_endpoints_test",
        _("Send a test message to an endpoint"),
        tag="webhooks",
        about=_("Signed like an order, of type `endpoint.test`; it orders nothing. The answer says what came back."),
        answer=shapes.EndpointTestSerializer,
        refuses=[404],
        example={
            "delivered": False,
            "outcome": "refused",
            "status": 500,
            "detail": "The endpoint answered with HTTP status 500. An order is confirmed by 200 to 299.",
            "error": "HTTP 500",
        },
    )
    @idempotent
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        found = trials.of(selectors.endpoint_for(self.actor, endpoint_id))
        return Response({"delivered": found.is_confirmed, **asdict(found)})


class Orders(ApiView):
    scope = {"GET": Scope.WEBHOOKS_WRITE}

    @operation(
        "orders_list",
        _("List orders and their deliveries"),
        tag="webhooks",
        about=_("The newest first. A dead order was given up after the last attempt; send it again with replay."),
        answer=page_of(shapes.OrderSerializer),
        parameters=[STATE],
        is_paged=True,
        example={"items": [ORDER], "next": None},
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state")
        if state is not None and state not in shapes.STATES:
            raise InvalidQuery({"state": [ErrorDetail(gettext("There is no such state."), code="invalid_choice")]})
        found = selectors.orders(state, actor=self.actor)
        return pagination.answer(request, found, by=["-created_at", "-sequence", "id"], shape=shapes.OrderSerializer)


class OrderReplay(ApiView):
    scope = {"POST": Scope.WEBHOOKS_WRITE}

    @posted(
        "orders_replay",
        _("Send an order again"),
        tag="webhooks",
        about=_("Refused when a later order of the account was delivered: it would contradict it."),
        answer=shapes.OrderSerializer,
        status=202,
        refuses=[404],
        example=ORDER | {"state": "pending", "attempts": 0, "ended_at": None},
    )
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        enforcement.replay(selectors.order_for(self.actor, order_id), self.actor)
        return Response(shapes.OrderSerializer(selectors.order_for(self.actor, order_id)).data, status=202)
