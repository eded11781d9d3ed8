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


class ChoiceSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField()


class AskSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=_("Answer under this key."))
    text = serializers.CharField()
    needed = serializers.BooleanField(help_text=_("False: without an answer, the rows concerned are refused."))
    rows = serializers.IntegerField(help_text=_("Rows that it concerns."))
    examples = serializers.ListField(child=serializers.CharField())
    choices = serializers.ListField(child=ChoiceSerializer(), help_text=_("Of a zone, the usual ones."))


class PreviewSerializer(serializers.Serializer[Any]):
    names = serializers.ListField(child=serializers.CharField(), help_text=_("Names of the columns, for `columns`."))
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))


class UploadAnswersSerializer(serializers.Serializer[Any]):
    """Each where it was asked, or to say it beforehand."""

    columns = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text=_("What columns mean: our field by the name of the column, empty for none."),
    )
    date_order = serializers.CharField(required=False, help_text=_("`day_first`, `month_first` or `mixed`."))
    zone = serializers.CharField(required=False, help_text=_("Such as America/Toronto, HNE or -05:00."))
    days = serializers.CharField(required=False, help_text=_("Dates without a time of day: `accept` or `refuse`."))
    confirm = serializers.BooleanField(required=False)


class UploadDetailSerializer(UploadSerializer):
    progress = serializers.FloatField(allow_null=True, help_text=_("How much of it was read, from 0 to 1."))
    undated = serializers.IntegerField(help_text=_("Accepted rows that tell no moment."))
    day_only = serializers.IntegerField(help_text=_("Accepted rows that tell the day and no time."))
    asks = serializers.ListField(
        child=AskSerializer(), help_text=_("What must be answered before it is read; `needs_answer`.")
    )
    preview = PreviewSerializer(
        allow_null=True, help_text=_("The first rows, while an answer is needed; not for a key of the platform.")
    )
    answer_until = serializers.DateTimeField(allow_null=True, help_text=_("Then an unanswered file is forgotten."))
    columns = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text=_("Your headings and the field each was taken for; empty when it was not known."),
    )
    error = serializers.CharField(allow_blank=True, help_text=_("Code of why the whole file failed."))
    detail = serializers.CharField(allow_blank=True, help_text=_("The same in words."))
    errors = serializers.ListField(  # type: ignore[assignment]  # hides a property that only input needs
        child=RowErrorSerializer(), help_text=_("The first thousand.")
    )
