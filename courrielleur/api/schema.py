"""What the OpenAPI document says of every operation: the key, the problems, the headers, the pages."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from courrielleur.api import problems
from courrielleur.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from courrielleur.api.serializers.common import ProblemDocument

F = TypeVar("F", bound=Callable[..., Any])

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=_(
        "Any text that is new for each request. The same key and body again get the same answer for 24 hours."
    ),
)
LANGUAGE = OpenApiParameter(
    "Accept-Language",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    enum=["fr", "en"],
    description=_("Language of sentences in the answer. French when left out."),
)
PAGES = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description=_("From `next` of the page before.")),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        description=_("Rows of a page."),
    ),
]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself, untyped
    target_class = "courrielleur.api.auth.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": str(_("An API key, shown once when it was made."))}


def operation(
    name: str,
    summary: Any,
    *,
    tag: str,
    answer: Any,
    status: int = 200,
    body: Any = None,
    about: Any = "",
    refuses: Sequence[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
    example: Any = None,
    sends: Any = None,
    is_paged: bool = False,
    media: str = "",
) -> Callable[[F], F]:
    """Describe one method of a view. 401, 403 and 429 are added to all, 400 to those that read anything.

    `example` is of the answer, `sends` of the body; `media` is the type of an answer that is no JSON.
    """
    statuses = {401, 403, 429, *refuses} | ({400} if body is not None or is_paged or parameters else set())
    told = (status, media) if media else status
    responses: dict[Any, Any] = {told: answer if answer is not None else OpenApiResponse(description=_("Done."))}
    responses |= {(refused, problems.CONTENT_TYPE): _refusal(refused) for refused in sorted(statuses)}
    examples = []
    if example is not None:
        examples.append(OpenApiExample("answer", value=example, response_only=True, status_codes=[str(status)]))
    if sends is not None:
        examples.append(OpenApiExample("request", value=sends, request_only=True))
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=about,
        tags=[tag],
        request=body,
        responses=responses,
        parameters=[LANGUAGE, *parameters, *(PAGES if is_paged else [])],
        examples=examples,
    )


def _refusal(status: int) -> OpenApiResponse:
    """Describe the problems of *status*; the example is the general one of them."""
    kinds = [kind for kind in problems.Kind if kind.value.status == status]
    example = {
        "type": f"https://console.example.com/problems/{kinds[0].value.name}",
        "title": kinds[0].value.title,
        "status": status,
        "detail": "…",
    }
    if kinds[0] is problems.Kind.INVALID:
        example["errors"] = [{"pointer": "/rows/3/hour", "detail": "…", "code": "bad_hour"}]
    return OpenApiResponse(
        ProblemDocument,
        description=" · ".join(f"`{kind.value.name}`" for kind in kinds),
        examples=[OpenApiExample("problem", value=example)],
    )


def posted(name: str, summary: Any, **described: Any) -> Callable[[F], F]:
    """Describe a POST: `operation` with the Idempotency-Key and its refusals."""
    described["parameters"] = [IDEMPOTENCY_KEY, *described.get("parameters", ())]
    described["refuses"] = [409, 422, *described.get("refuses", ())]
    return operation(name, summary, **described)
