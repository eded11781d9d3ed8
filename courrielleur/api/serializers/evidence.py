"""Samples of recipients whose consent a client must prove."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from consent.core.proofs import LONGEST


class EvidenceRequestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    asked_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True, help_text=_("Of the abuse team, to you."))
    recipients = serializers.IntegerField(help_text=_("How many chance has drawn."))
    answered = serializers.IntegerField(help_text=_("For how many of them a proof is here."))
    submitted_at = serializers.DateTimeField(allow_null=True, help_text=_("When you said that no more come."))


class EvidenceRequestsSerializer(serializers.Serializer[Any]):
    items = EvidenceRequestSerializer(many=True)


class ProofSerializer(serializers.Serializer[Any]):
    """Give a date, the form's address, a few words or a file; the more, the better."""

    method = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST["method"])
    consented_on = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST["consented_on"], help_text=_("A day: 2025-04-21.")
    )
    ip = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST["ip"])
    url = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST["url"])
    text = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST["text"])


class ProofRequestSerializer(ProofSerializer):
    file = serializers.FileField(
        required=False, help_text=_("A PDF, a PNG or JPEG image or a mail, of 5 MB at most; as multipart/form-data.")
    )


class SampledRecipientSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    email = serializers.CharField(help_text=_("Masked for a key of the platform."))
    proof = ProofSerializer()
    file_name = serializers.CharField(allow_blank=True)
    file_type = serializers.CharField(allow_blank=True, help_text=_("Told by its content."))
    answered_at = serializers.DateTimeField(allow_null=True)
    answered_by = serializers.CharField(allow_blank=True)


class EvidenceRequestDetailSerializer(EvidenceRequestSerializer):
    items = SampledRecipientSerializer(many=True, help_text=_("In the order drawn."))
