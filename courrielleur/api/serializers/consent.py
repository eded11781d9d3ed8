"""Uploads of consent records."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

# consent.models.ConsentUpload.State; a test holds them together
STATES = ["receiving", "stored", "needs_answer", "reading", "done", "failed", "withdrawn"]


class UploadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account = serializers.CharField(source="account.key")
    file_name = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(help_text=_("Bytes."))
    uploaded_by = serializers.CharField()
    uploaded_at = serializers.DateTimeField()
    state = serializers.ChoiceField(
        choices=STATES,
        help_text=_("`failed`: the file as a whole could not be read. Records count as evidence once it is `done`."),
    )
    read_bytes = serializers.IntegerField(
        help_text=_("How much of it was read, in bytes; the rows are those read so far.")
    )
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()


class RowErrorSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text=_("Line of the file; the heading is line 1."))
    column = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    value = serializers.CharField(allow_blank=True, help_text=_("As written; an address is masked."))
    detail = serializers.CharField()


class UploadDetailSerializer(UploadSerializer):
    columns = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text=_("Your headings and the field each was taken for; empty when it was not known."),
    )
    error = serializers.CharField(allow_blank=True, help_text=_("Code of why the whole file failed."))
    detail = serializers.CharField(allow_blank=True, help_text=_("The same in words."))
    errors = serializers.ListField(  # type: ignore[assignment]  # hides a property that only input needs
        child=RowErrorSerializer(), help_text=_("The first thousand.")
    )
