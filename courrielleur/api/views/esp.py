"""The webhooks of e-mail providers: who signs with the endpoint's secret is let in. docs/doors.md has the set-up."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from courrielleur.api.problems import Kind, Problem
from courrielleur.api.views.base import ApiView
from fbl.adapters import webhooks
from fbl.adapters.sns import SnsUnavailable
from fbl.services.endpoints import UnknownEndpoint

CHALLENGE = 'Basic realm="Courrielleur"'


class EspWebhook(ApiView):
    """No API key: the token in the address finds the endpoint, the provider's signature opens it."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []  # a provider that is held back sends again, and more
    schema = None

    def head(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response()  # Mandrill looks whether something is there before it saves the address

    def post(self, request: Request, provider: str, token: str) -> Response:
        asked: HttpRequest = request._request  # the signature is over the bytes, which the framework would parse
        try:
            webhooks.receive(provider, token, asked, timezone.now())
        except UnknownEndpoint as error:
            raise Problem(Kind.NOT_FOUND, _("No webhook has this address.")) from error
        except webhooks.Refused as error:
            if error.asks_for_password:
                challenge = {"WWW-Authenticate": 'Basic realm="Courrielleur"'}
                raise Problem(
                    Kind.UNAUTHENTICATED, _("Send the user name and the password."), headers=challenge
                ) from error
            raise Problem(Kind.INVALID, _("The signature is not the one of this webhook.")) from error
        except SnsUnavailable as error:
            raise Problem(Kind.UNAVAILABLE, _("Amazon SNS does not answer us. Send it again.")) from error
        return Response({"stored": True})
