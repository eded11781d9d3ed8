"""Who calls: an API key in `Authorization: Bearer KEY`, and what its scopes allow."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from courrielleur.accounts import actors
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import ApiKey
from courrielleur.accounts.permissions import PLATFORM_ONLY_SCOPES, Scope
from courrielleur.accounts.services import KeyRefused, key_for
from courrielleur.api.problems import Kind, Problem

if TYPE_CHECKING:
    from rest_framework.views import APIView  # itself imports this module, by the settings

REALM = 'Bearer realm="Courrielleur"'
MAX_SECRET = 200  # characters; ours have fewer than 80


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the ApiKey. There is no user: a key belongs to an organisation, not to a person."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer" or len(words[1]) > MAX_SECRET or b"\x00" in words[1]:
            raise AuthenticationFailed(_("Write the header as: Authorization: Bearer KEY."))
        try:
            secret = words[1].decode("ascii")
            # BaseThrottle.get_ident believes X-Forwarded-For only behind a proxy we know of (NUM_PROXIES).
            api_key = key_for(secret, ip=BaseThrottle().get_ident(request), now=timezone.now())
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_("A key has ASCII characters only. Check that it was copied whole.")) from error
        except ValueError as error:  # a proxy that names no address
            raise AuthenticationFailed(_("This key can't be used from your address.")) from error
        except KeyRefused as error:
            raise AuthenticationFailed(str(error)) from error
        return AnonymousUser(), api_key

    def authenticate_header(self, request: Request) -> str:
        return REALM


class HasScope(BasePermission):
    """A view names the scope of each method: `scope = {"GET": Scope.CASES_READ}`. A method without one is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        api_key = request.auth
        if not isinstance(api_key, ApiKey):
            return False  # the framework answers 401
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            return True  # the framework answers 405
        scopes: Mapping[str, Scope] = getattr(view, "scope", {})
        scope = scopes.get(method)
        if scope is None:
            return False
        if scope not in api_key.scopes:
            raise Problem(Kind.FORBIDDEN, _("Your key lacks the scope %(scope)s.") % {"scope": scope.value})
        if scope in PLATFORM_ONLY_SCOPES and (api_key.reseller_id is not None or api_key.account_id is not None):
            raise Problem(Kind.FORBIDDEN, _("Only a key of the platform may use %(scope)s.") % {"scope": scope.value})
        return True


def key_of(request: Any) -> ApiKey:
    """Return the key of an authenticated *request*."""
    api_key = request.auth
    if not isinstance(api_key, ApiKey):
        raise TypeError("this view is open to callers without a key")
    return api_key


def actor_of(request: Any) -> Actor:
    """Return who is acting: what the key of *request* sees."""
    return actors.for_key(key_of(request))
