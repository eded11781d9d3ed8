"""Make POST repeatable: the same `Idempotency-Key` does the work once and gets the same answer for 24 hours.

The reply is stored in the transaction of the work itself: after a crash either both are there or neither is,
and no half-done key can lock a client out.
Source of the header: draft-ietf-httpapi-idempotency-key-header-07.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from courrielleur import vault
from courrielleur.accounts.models import ApiKey
from courrielleur.api.auth import key_of
from courrielleur.api.models import IdempotentReply
from courrielleur.api.problems import CONTENT_TYPE, Kind, Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(hours=24)
MAX_KEY = 255  # characters
RETRY_AFTER_SECONDS = 1
FORGET_AT_ONCE = 100  # old replies deleted by each new one: the table stays small without a schedule

ViewT = TypeVar("ViewT", bound=APIView)
P = ParamSpec("P")


def idempotent(
    handler: Callable[Concatenate[ViewT, Request, P], Response],
) -> Callable[Concatenate[ViewT, Request, P], Response]:
    """Let the POST method of a view be repeated. Replies below 500 are kept, errors too."""
    return _repeatable(handler, keeps_reply=True)


def idempotent_question(
    handler: Callable[Concatenate[ViewT, Request, P], Response],
) -> Callable[Concatenate[ViewT, Request, P], Response]:
    """The same for a POST that changes nothing: a repetition is answered anew, and no addresses are kept."""
    return _repeatable(handler, keeps_reply=False)


def _repeatable(
    handler: Callable[Concatenate[ViewT, Request, P], Response], *, keeps_reply: bool
) -> Callable[Concatenate[ViewT, Request, P], Response]:
    @functools.wraps(handler)
    def repeatable(view: ViewT, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER, "")
        if not key:
            return handler(view, request, *args, **kwargs)
        if len(key) > MAX_KEY or not key.isprintable() or not key.isascii():
            raise Problem(
                Kind.INVALID, _("An Idempotency-Key has 1 to %(max)d printable ASCII characters.") % {"max": MAX_KEY}
            )
        digest = digest_of(request)
        with transaction.atomic():
            api_key = key_of(request)
            if not _locked(api_key, key):
                raise Problem(
                    Kind.IN_FLIGHT,
                    _("A request with this Idempotency-Key is under way. Ask again in a moment."),
                    headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
                )
            now = timezone.now()
            stored = _stored(api_key, key, now)
            if stored is not None and bytes(stored.request_digest) != digest:
                raise Problem(
                    Kind.KEY_REUSED,
                    _("It came with another address or body within 24 hours. Take a new key for a new request."),
                )
            if stored is not None and keeps_reply:
                return _replay(stored)
            response = _reply_of(view, handler, request, *args, **kwargs)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            elif stored is None:
                _keep(api_key, key, digest, response, now, keeps_reply=keeps_reply)
            else:
                response[REPLAYED] = "true"
        return response

    repeatable.is_idempotent = True  # type: ignore[attr-defined]  # a test looks for it on every POST
    return repeatable


def digest_of(request: Request) -> bytes:
    """Return what makes two requests the same: SHA-256 of method, path with query, content type and raw body.

    And of the file that it announces, if it does (courrielleur/api/tus.py).
    """
    hasher = hashlib.sha256()
    announced = [request.headers[name] for name in ("Upload-Length", "Upload-Metadata") if name in request.headers]
    for part in (request.method, request.get_full_path(), request.content_type, *announced):
        hasher.update(f"{part}\n".encode())
    # Read before any parser: what is read here stays readable for them.
    hasher.update(request._request.body)
    return hasher.digest()


def forget_old(now: datetime) -> int:
    """Delete some replies that nobody may ask for any more; return how many."""
    old = IdempotentReply.objects.filter(created_at__lte=now - KEPT_FOR).select_for_update(skip_locked=True)
    deleted, _tables = IdempotentReply.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE])
    ).delete()
    return deleted


def _locked(api_key: ApiKey, key: str) -> bool:
    """Take the lock of this key until the transaction ends. False: another request holds it."""
    name = hashlib.sha256(f"idempotency:{api_key.pk}:{key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)])
        row = cursor.fetchone()
    return bool(row and row[0])


def _stored(api_key: ApiKey, key: str, now: datetime) -> IdempotentReply | None:
    stored = IdempotentReply.objects.filter(api_key=api_key, key=key).first()
    if stored is not None and stored.created_at <= now - KEPT_FOR:
        stored.delete()
        return None
    return stored


def _replay(stored: IdempotentReply) -> Response:
    content_type = CONTENT_TYPE if stored.status >= 400 else None
    body = json.loads(vault.decrypt(bytes(stored.body)))
    return Response(body, status=stored.status, headers={REPLAYED: "true"}, content_type=content_type)


def _reply_of(view: Any, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    """Return the reply, an error's too; what a refused request had begun is taken back."""
    try:
        with transaction.atomic():
            return handler(view, request, *args, **kwargs)
    except Exception as error:  # every error has a reply, made where all are made
        response: Response = view.handle_exception(error)
        return response


def _keep(api_key: ApiKey, key: str, digest: bytes, response: Response, now: datetime, *, keeps_reply: bool) -> None:
    IdempotentReply.objects.create(
        api_key=api_key,
        key=key,
        request_digest=digest,
        status=response.status_code,
        body=vault.encrypt(JSONRenderer().render(response.data) or b"null") if keeps_reply else b"",
        created_at=now,
    )
    forget_old(now)
