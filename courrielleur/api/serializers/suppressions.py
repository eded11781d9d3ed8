"""Whom an account must not mail again."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

REASONS = ["complaint", "hard_bounce", "unsubscribe"]  # fbl.models.Suppression.Reason; a test holds them together
MAX_CHECKED = 10_000
MAX_ADDRESS = 320  # characters, RFC 5321 §4.5.3.1


class SuppressionSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(help_text=_("Stands for the address: 32 hexadecimal digits, always the same."))
    reason = serializers.ChoiceField(choices=REASONS)
    tag = serializers.CharField(help_text=_("`pourriel` for a recipient who complained; else empty."))
    since = serializers.DateTimeField()
    address = serializers.CharField(
        allow_null=True,
        help_text=_("For hard bounces and unsubscribes, when we know it. Who complained is not told by address."),
    )


class CheckRequestSerializer(serializers.Serializer[Any]):
    recipients = serializers.ListField(
        child=serializers.CharField(max_length=MAX_ADDRESS),
        min_length=1,
        max_length=MAX_CHECKED,
        help_text=_("Addresses, or digests from the list."),
    )


class CheckReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=REASONS)
    tag = serializers.CharField()
    since = serializers.DateTimeField()


class SuppressedSerializer(serializers.Serializer[Any]):
    recipient = serializers.CharField(help_text=_("As you sent it."))
    digest = serializers.CharField()
    reasons = CheckReasonSerializer(many=True)


class CheckSerializer(serializers.Serializer[Any]):
    checked = serializers.IntegerField()
    suppressed = SuppressedSerializer(many=True, help_text=_("Those you must not mail; the others may be mailed."))
