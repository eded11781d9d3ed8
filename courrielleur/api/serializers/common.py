"""Fields and shapes that several endpoints share."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from courrielleur.accounts.models import KEY_VALIDATOR, Language

KEY_LENGTH = 63


class KeyField(serializers.CharField):
    """The name a thing has in addresses: lower-case letters, digits and hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=KEY_LENGTH, validators=[KEY_VALIDATOR], **kwargs)


class LanguageField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Language.choices, **kwargs)


class ProblemError(serializers.Serializer[Any]):
    """One thing that is wrong, and where."""

    pointer = serializers.CharField(
        required=False, help_text=_("Where in the body, as a JSON Pointer (RFC 6901); empty for the whole of it.")
    )
    parameter = serializers.CharField(required=False, help_text=_("Which query parameter."))
    row = serializers.IntegerField(
        required=False, help_text=_("Which row of a CSV body; 1 is the first below the heading.")
    )
    column = serializers.CharField(required=False, help_text=_("Which column of a CSV body."))
    detail = serializers.CharField(help_text=_("What is wrong and what to do, in the caller's language."))
    code = serializers.CharField(help_text=_("The same for machines; stable."))


class ProblemDocument(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.URLField(help_text=_("Names the kind of problem; its last part is stable."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.ListField(child=ProblemError(), required=False)  # type: ignore[assignment]  # hides a property


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the fields of a valid body. Raises the framework's `ValidationError`, a place for each error."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def page_of(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the shape of a page of *serializer*."""
    name = serializer.__name__.removesuffix("Serializer")
    page: serializers.Serializer[Any] = inline_serializer(
        f"{name}Page",
        {
            "items": serializer(many=True),
            "next": serializers.URLField(allow_null=True, help_text=_("The next page; null after the last.")),
        },
    )
    return page
