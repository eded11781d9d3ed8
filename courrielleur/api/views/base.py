"""What every endpoint shares: the caller, the headers, and the refusal of bodies without a length."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from abuse.services import cases, enforcement
from consent.services import asking, questionnaires, samples, sending, uploads
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.permissions import Scope
from courrielleur.api.auth import actor_of
from courrielleur.api.problems import Kind, Problem
from courrielleur.api.throttles import AddressThrottle, RateLimit

# What services refuse because of how things stand; their messages are written for people.
REFUSALS = (
    cases.CaseMoved,
    cases.MoveRefused,
    enforcement.ReplayRefused,
    questionnaires.QuestionnaireClosed,
    sending.SendingRefused,
    asking.NothingAsked,
    samples.SampleClosed,
)


class ApiView(APIView):
    """Names the scope of each method it has."""

    scope: ClassVar[Mapping[str, Scope]] = {}
    http_method_names = ["get", "head", "post", "put", "delete"]
    rate_limit: RateLimit | None = None

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except (AuthenticationFailed, NotAuthenticated):
            throttle = AddressThrottle()
            if not throttle.allow_request(request, self):
                raise Throttled(wait=throttle.wait()) from None
            raise
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            # Django reads as many bytes as Content-Length says: such a body would seem empty.
            raise Problem(Kind.LENGTH_REQUIRED, _("Send the body with Content-Length, not chunked."))

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, REFUSALS):
            exc = Problem(Kind.CONFLICT, str(exc))
        elif isinstance(exc, uploads.FileTooLarge):
            exc = Problem(Kind.TOO_LARGE, str(exc))
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if self.rate_limit is not None:
            for name, value in self.rate_limit.headers().items():
                response[name] = value
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class NothingHere(ApiView):
    """Any other address below /api/v1/: a 404 in the form of all our errors."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = [AddressThrottle]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Problem(
            Kind.NOT_FOUND, _("No endpoint has this address. Addresses have no slash at their end; see the reference.")
        )
