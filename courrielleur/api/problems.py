"""Every error of the API as a problem document (RFC 9457), in the caller's language, never a traceback."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from json import JSONDecodeError
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.core.signals import got_request_exception
from django.db import DataError, OperationalError
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
MAX_ERRORS = 1_000  # listed in one document; a file may be wrong in every line
RETRY_AFTER_SECONDS = 5  # when the database does not answer


@dataclass(frozen=True)
class ProblemKind:
    name: str  # the last part of `type`: stable, described in docs/api.md
    status: int
    title: Promise


class Kind(Enum):
    """The kinds of problem there are. Clients may rely on the names."""

    INVALID = ProblemKind("invalid", 400, gettext_lazy("The request has errors"))
    MALFORMED = ProblemKind("malformed", 400, gettext_lazy("The body can't be read"))
    UNAUTHENTICATED = ProblemKind("unauthenticated", 401, gettext_lazy("A valid API key is needed"))
    FORBIDDEN = ProblemKind("forbidden", 403, gettext_lazy("This key may not do that"))
    NOT_FOUND = ProblemKind("not-found", 404, gettext_lazy("Nothing is here"))
    METHOD_NOT_ALLOWED = ProblemKind("method-not-allowed", 405, gettext_lazy("This method is not offered here"))
    NOT_ACCEPTABLE = ProblemKind("not-acceptable", 406, gettext_lazy("Answers are JSON"))
    CONFLICT = ProblemKind("conflict", 409, gettext_lazy("The state of things does not allow that now"))
    IN_FLIGHT = ProblemKind("in-flight", 409, gettext_lazy("The same request is still under way"))
    LENGTH_REQUIRED = ProblemKind("length-required", 411, gettext_lazy("Content-Length is needed"))
    PRECONDITION_FAILED = ProblemKind(
        "precondition-failed", 412, gettext_lazy("Another version of the protocol is spoken here")
    )
    TOO_LARGE = ProblemKind("too-large", 413, gettext_lazy("The body is too large"))
    UNSUPPORTED_MEDIA_TYPE = ProblemKind("unsupported-media-type", 415, gettext_lazy("This type of body is not read"))
    KEY_REUSED = ProblemKind("idempotency-key-reused", 422, gettext_lazy("This Idempotency-Key was used before"))
    THROTTLED = ProblemKind("too-many-requests", 429, gettext_lazy("Too many requests"))
    INTERNAL = ProblemKind("internal", 500, gettext_lazy("Something failed on our side"))
    UNAVAILABLE = ProblemKind("unavailable", 503, gettext_lazy("The database does not answer"))

    @property
    def uri(self) -> str:
        return f"{settings.PUBLIC_URL}/problems/{self.value.name}"


class Problem(exceptions.APIException):
    """An error a view raises on purpose."""

    def __init__(self, kind: Kind, detail: str | Promise, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail=str(detail), code=kind.value.name)
        self.kind = kind
        self.status_code = kind.value.status
        self.headers = dict(headers or {})


class InvalidQuery(exceptions.ValidationError):
    """Query parameters that can't be used: an error names its `parameter`, where one of the body has a `pointer`."""


_BY_STATUS = {
    kind.value.status: kind
    for kind in reversed(Kind)  # where two share a status, the first one listed is the general one
}


def problem_response(exception: Exception, context: Mapping[str, Any]) -> Response:
    """Return the answer to *exception*; what nobody foresaw is logged and answered with 500."""
    error = _as_api_error(exception)
    if error is None:
        request = context.get("request")
        logger.error("unexpected error in the API", exc_info=exception)
        got_request_exception.send(sender=None, request=getattr(request, "_request", request))
        return document(Kind.INTERNAL, _("The error was recorded. Try again; if it stays, tell us when it happened."))
    return _answer(error)


def document(
    kind: Kind, detail: str, *, errors: list[dict[str, Any]] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem document of *kind*."""
    body: dict[str, Any] = {
        "type": kind.uri,
        "title": str(kind.value.title),
        "status": kind.value.status,
        "detail": _plain(detail),
    }
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=kind.value.status, headers=headers, content_type=CONTENT_TYPE)


def invalid(errors: list[dict[str, Any]], *, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a body or a query with *errors*; the first thousand are listed."""
    told = ngettext(
        "%(count)d error. Nothing was stored; correct it and send the request again.",
        "%(count)d errors. Nothing was stored; correct them and send the request again.",
        len(errors),
    ) % {"count": len(errors)}
    return document(Kind.INVALID, told, errors=errors[:MAX_ERRORS], headers=headers)


def _as_api_error(exception: Exception) -> exceptions.APIException | None:
    """Translate the errors of services, once, here. None: nobody foresaw it."""
    match exception:
        case exceptions.APIException():
            return exception
        case Http404() | ObjectDoesNotExist():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case ValidationError():
            return exceptions.ValidationError(_of_django(exception))
        case RequestDataTooBig():
            return Problem(Kind.TOO_LARGE, too_large_text(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
        case SuspiciousOperation() | RecursionError():  # the second: JSON nested without end
            return exceptions.ParseError()
        case DataError():  # a NUL in a query parameter, a number beyond every column
            logger.warning("the database refused a value", exc_info=exception)
            return exceptions.ParseError(_("A value of the request can't be kept or looked up. Check what you send."))
        case OperationalError():
            logger.warning("the database did not answer", exc_info=exception)
            return Problem(
                Kind.UNAVAILABLE,
                _("Nothing was stored. Try again in a few seconds."),
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
    return None


def too_large_text(limit: int) -> str:
    return _("%(limit)d bytes at most. Send a smaller part.") % {"limit": limit}


def _answer(error: exceptions.APIException) -> Response:
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(_wait_of(error))
    if isinstance(error, exceptions.ValidationError):
        member = "parameter" if isinstance(error, InvalidQuery) else "pointer"
        return invalid(list(_errors(error.get_full_details(), "", member)), headers=headers)
    kind = error.kind if isinstance(error, Problem) else _kind_of(error)
    return document(kind, _detail_of(error), headers=headers)


def _kind_of(error: exceptions.APIException) -> Kind:
    if isinstance(error, exceptions.ParseError):
        return Kind.MALFORMED
    return _BY_STATUS.get(error.status_code, Kind.INTERNAL)


def _detail_of(error: exceptions.APIException) -> str:
    """Return our own words; the framework's own are about code, not about what to do."""
    match error:
        case exceptions.NotAuthenticated():
            return _("Send your key in the header: Authorization: Bearer KEY.")
        case exceptions.NotFound():
            return _("This address leads to nothing that your key can see. Check its spelling.")
        case exceptions.PermissionDenied() if str(error.detail) == str(exceptions.PermissionDenied.default_detail):
            return _("No scope opens this.")
        case exceptions.MethodNotAllowed():
            return _("Look up the methods of this address in the reference.")
        case exceptions.NotAcceptable():
            return _("Ask for application/json, or leave Accept out.")
        case exceptions.UnsupportedMediaType():
            return _("Look up the types this address reads in the reference, and set Content-Type.")
        case exceptions.Throttled():
            return _("Wait %(seconds)d seconds, then go on.") % {"seconds": _wait_of(error)}
        case exceptions.ParseError(__context__=JSONDecodeError() as found):
            place = {"line": found.lineno, "column": found.colno}
            return _("This is not JSON: look at line %(line)d, column %(column)d.") % place
        case exceptions.ParseError() if _is_of_the_framework(error):
            return _("Check the body and its Content-Type.")
    return str(error.detail)


def _is_of_the_framework(error: exceptions.ParseError) -> bool:
    """Say whether a parser of the framework wrote the detail: it repeats an error of Python, in English.

    Ours name their cause, or have none.
    """
    is_repeated = error.__context__ is not None and error.__cause__ is None
    return is_repeated or str(error.detail) == str(exceptions.ParseError.default_detail)


def _wait_of(error: exceptions.Throttled) -> int:
    return max(1, int(getattr(error, "wait", None) or 1))


def _of_django(error: ValidationError) -> dict[str, list[exceptions.ErrorDetail]]:
    """Return Django's own validation errors by field, as the framework writes them."""
    fields = error.error_dict if hasattr(error, "error_dict") else {api_settings.NON_FIELD_ERRORS_KEY: [error]}
    return {
        api_settings.NON_FIELD_ERRORS_KEY if name == "__all__" else name: [
            exceptions.ErrorDetail(text, code=part.code or "invalid") for part in parts for text in part.messages
        ]
        for name, parts in fields.items()
    }


def _errors(details: Any, path: str, member: str) -> Iterator[dict[str, Any]]:
    """Flatten the framework's nested details: each error with its place, as a JSON Pointer (RFC 6901)."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"} and isinstance(details["message"], str):
        place = path if member == "pointer" else path.removeprefix("/").partition("/")[0]
        yield {member: _plain(place), "detail": _plain(details["message"]), "code": str(details["code"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            step = "" if name == api_settings.NON_FIELD_ERRORS_KEY else f"/{_escaped(str(name))}"
            yield from _errors(inner, path + step, member)
    elif isinstance(details, list):
        for number, inner in enumerate(details):
            is_error = isinstance(inner, Mapping) and set(inner) == {"message", "code"}
            yield from _errors(inner, path if is_error else f"{path}/{number}", member)


def _plain(text: str) -> str:
    """Return *text* as it can be sent: a message that quotes a lone surrogate of the body can't be encoded."""
    return str(text).encode("utf-8", "replace").decode()


def is_encodable(text: str) -> bool:
    """Return whether *text* is free of lone surrogates, which JSON can write and no database can hold."""
    return text.isascii() or text == text.encode("utf-8", "ignore").decode()


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
