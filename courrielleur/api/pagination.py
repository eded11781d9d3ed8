"""Pages by cursor: where the last page ended, not how many rows it skipped, so that new rows shift nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from courrielleur.api.problems import InvalidQuery

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000
MAX_CURSOR = 2_000  # characters

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_cursor: str | None


def answer(
    request: Request,
    queryset: QuerySet[ModelT],
    *,
    by: Sequence[str],
    shape: type[Serializer[Any]],
    prepare: Callable[[list[ModelT]], list[Any]] | None = None,
) -> Response:
    """Return one page of *queryset*, in the order of the fields *by*, which together are unique.

    A field with a hyphen before it runs backwards. `prepare` turns the rows of the page into what `shape` reads.
    """
    limit = limit_of(request.query_params.get("limit"))
    page = page_of(queryset, by=by, cursor=request.query_params.get("cursor", ""), limit=limit)
    following = None
    if page.next_cursor is not None:
        parameters = {**request.query_params.dict(), "cursor": page.next_cursor}
        following = request.build_absolute_uri(f"{request.path}?{urlencode(parameters)}")
    items = prepare(page.rows) if prepare else page.rows
    return Response({"items": shape(items, many=True).data, "next": following})


def page_of(queryset: QuerySet[ModelT], *, by: Sequence[str], cursor: str, limit: int) -> Page:
    """Return the rows after *cursor*, *limit* at most, and the cursor of what follows."""
    ordered = queryset.order_by(*by)
    if cursor:
        ordered = ordered.filter(_after(queryset.model, by, _read(queryset.model, by, cursor)))
    rows = list(ordered[: limit + 1])
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], _write(rows[limit - 1], by))


def limit_of(text: str | None) -> int:
    """Return how many rows a page has. Raises `InvalidQuery`."""
    if text is None:
        return DEFAULT_LIMIT
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MAX_LIMIT:
        told = _("Write a whole number from 1 to %(max)d.") % {"max": MAX_LIMIT}
        raise InvalidQuery({"limit": [ErrorDetail(told, code="invalid")]})
    return int(text)


def _after(model: type[Model], by: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the rows that come later: a > x, or a = x and b > y, …"""
    later = Q()
    equal = Q()
    for ordering, value in zip(by, values, strict=True):
        name = ordering.lstrip("-")
        later |= equal & Q(**{f"{name}__{'lt' if ordering.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return later


def _write(row: Model, by: Sequence[str]) -> str:
    values = [field.value_to_string(row) for field in _fields(type(row), by)]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(model: type[Model], by: Sequence[str], cursor: str) -> list[Any]:
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError("longer than any cursor of ours")
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(texts, list) or len(texts) != len(by) or not all(isinstance(text, str) for text in texts):
            raise ValueError("not a list of the right length")
        return [field.to_python(text) for field, text in zip(_fields(model, by), texts, strict=True)]
    except (ValueError, binascii.Error, RecursionError, ValidationError) as error:
        told = _("Take the cursor from `next` of the page before, unchanged.")
        raise InvalidQuery({"cursor": [ErrorDetail(told, code="invalid")]}) from error


def _fields(model: type[Model], by: Sequence[str]) -> "list[Field[Any, Any]]":
    fields = [model._meta.get_field(name.lstrip("-")) for name in by]
    return [field for field in fields if isinstance(field, Field)]
