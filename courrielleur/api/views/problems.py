"""The pages that the `type` of a problem document leads to: when it happens, and what to do. Open to everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from courrielleur.api.problems import Kind

ADVICE: dict[Kind, str | Promise] = {
    Kind.INVALID: _(
        "Fields are missing or wrong. `errors` says where: `pointer` in a JSON body, `parameter` in the query, `row` "
        "and `column` in a CSV file. Nothing was stored; correct it and send the request again."
    ),
    Kind.MALFORMED: _("The body is not what its Content-Type says. Nothing was stored."),
    Kind.UNAUTHENTICATED: _(
        "No key came, or one that is unknown, expired, revoked, or used from a network it is not allowed in. Send it "
        "as Authorization: Bearer KEY."
    ),
    Kind.FORBIDDEN: _("The key is valid and lacks a scope, which `detail` names. Make a key that has it."),
    Kind.NOT_FOUND: _("There is no such thing, or it belongs to somebody else: the answer is the same."),
    Kind.METHOD_NOT_ALLOWED: _("This address has other methods. The reference lists them."),
    Kind.NOT_ACCEPTABLE: _("Answers are JSON. Ask for application/json, or leave Accept out."),
    Kind.CONFLICT: _("Things stand differently by now. Read again, then decide."),
    Kind.IN_FLIGHT: _("A request with this Idempotency-Key is under way. Wait as long as Retry-After says, then ask."),
    Kind.LENGTH_REQUIRED: _("Send the body with Content-Length; chunked bodies are not read."),
    Kind.PRECONDITION_FAILED: _("Files are sent in pieces by the version of tus that `Tus-Version` names."),
    Kind.TOO_LARGE: _("The body is larger than what is taken at once. `detail` tells the limit; send smaller parts."),
    Kind.UNSUPPORTED_MEDIA_TYPE: _("This type of body is not read here. The reference lists those that are."),
    Kind.KEY_REUSED: _("This Idempotency-Key came with another request before. Take a new one for each request."),
    Kind.THROTTLED: _(
        "The quota of the key, or of the address when no valid key came, is used up for now. Wait as long as "
        "Retry-After says; the RateLimit headers tell what is left."
    ),
    Kind.INTERNAL: _("Recorded on our side; nothing was stored. Try again; if it stays, tell us when it happened."),
    Kind.UNAVAILABLE: _("The database does not answer. Nothing was stored; wait as long as Retry-After says."),
}


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"kinds": [(kind.value, ADVICE[kind]) for kind in Kind]})


@require_safe
def problem(request: HttpRequest, name: str) -> HttpResponse:
    kind = next((kind for kind in Kind if kind.value.name == name), None)
    if kind is None:
        raise Http404
    return render(request, "api/problem.html", {"kind": kind.value, "uri": kind.uri, "advice": ADVICE[kind]})
