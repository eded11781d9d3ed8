"""The guard before every page: who is it, may they, and do they know this thing at all?

Nobody: the login page. A member without the permission: 403. A stranger to the object: 404, as if it were not there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from courrielleur.accounts import actors
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import User
from courrielleur.accounts.permissions import Permission

View = Callable[..., HttpResponseBase]  # a long table is streamed


class ActorRequest(HttpRequest):
    """A request behind the guard."""

    actor: Actor
    user: User


def require(*permissions: Permission) -> Callable[[View], View]:
    """Let through a person who has one of *permissions* (any person, when none is named); set `request.actor`."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if actor is None:
                return redirect_to_login(_way_back(request))
            if permissions and not any(actor.can(permission) for permission in permissions):
                raise PermissionDenied
            if has_nul(request):
                raise BadRequest  # no form of ours sends it, and no database keeps it
            try:
                return view(request, *args, **kwargs)
            except ObjectDoesNotExist as error:
                raise Http404 from error

        guarded.permissions = permissions  # type: ignore[attr-defined]  # read by the permission matrix
        return guarded

    return guard


def _way_back(request: HttpRequest) -> str:
    """Return where a person goes after the login: of a form, the page it stood on, for its own address has none."""
    before = request.headers.get("Referer", "")
    if request.method in ("GET", "HEAD") or not url_has_allowed_host_and_scheme(before, {request.get_host()}):
        return request.get_full_path()
    parts = urlsplit(before)
    return urlunsplit(("", "", parts.path, parts.query, ""))


def has_nul(request: HttpRequest) -> bool:
    return any(
        "\x00" in text for sent in (request.GET, request.POST) for _name, texts in sent.lists() for text in texts
    )


def actor_of(request: HttpRequest) -> Actor | None:
    """Return who acts, asked for once per request; None for somebody who isn't logged in."""
    known = cast(ActorRequest, request)
    if not hasattr(known, "actor"):
        if not request.user.is_authenticated:
            return None
        known.actor = actors.for_user(request.user)
    return known.actor
