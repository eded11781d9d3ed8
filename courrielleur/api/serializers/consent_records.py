"""Consent records told one by one, and consent taken back."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courrielleur.api.serializers.suppressions import MAX_CHECKED


class RecordRequestSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(
        required=False,
        max_length=200,
        help_text=_("Your own name of the record. The same name with the same words again is the same record."),
    )
    email = serializers.CharField(max_length=320)
    method = serializers.CharField(
        max_length=40, help_text=_("One of the consent methods that the answers of a case list, such as single_opt_in.")
    )
    consented_at = serializers.CharField(max_length=60, help_text=_("With its zone: 2026-11-20T14:02:07.250-05:00."))
    confirmed_at = serializers.CharField(
        required=False, max_length=60, help_text=_("Of a confirmed opt-in: when the confirmation was pressed.")
    )
    basis = serializers.CharField(
        required=False, max_length=20, help_text=_("Of an implied consent: purchase, contract, inquiry, …")
    )
    ip = serializers.CharField(required=False, max_length=45)
    host = serializers.CharField(required=False, max_length=255)
    user_agent = serializers.CharField(required=False, max_length=1_000)
    form_url = serializers.CharField(required=False, max_length=2_000)
    form_version = serializers.CharField(
        required=False, max_length=200, help_text=_("Of the form as it was: a version, or a digest of the page.")
    )
    wording = serializers.CharField(
        required=False, max_length=5_000, help_text=_("The very words that were agreed to, in their language.")
    )
    transaction = serializers.CharField(required=False, max_length=200, help_text=_("Number of the order, if any."))
    import_id = serializers.CharField(required=False, max_length=200)
    declarer = serializers.CharField(
        required=False, max_length=150, help_text=_("Who declares it; the label of the key if left out.")
    )
    name = serializers.CharField(required=False, max_length=200)


class RecordSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    account = serializers.CharField()
    own_id = serializers.CharField(allow_blank=True)
    digest = serializers.CharField(help_text=_("Of the recipient; the same as in suppressions."))
    email = serializers.CharField(help_text=_("Masked for a key of the platform."))
    method = serializers.CharField(allow_blank=True)
    consented_at = serializers.DateTimeField(allow_null=True)
    ip = serializers.CharField(allow_null=True)
    told_at = serializers.DateTimeField(help_text=_("When it was stored here."))
    details = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text=_("Everything else that it says.")
    )
    withdrawn_at = serializers.DateTimeField(
        allow_null=True, help_text=_("The first withdrawal of the recipient behind this consent.")
    )


class KeptSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    own_id = serializers.CharField(allow_blank=True)
    new = serializers.BooleanField(help_text=_("False: this record was told before."))


class KeptBatchSerializer(serializers.Serializer[Any]):
    new = serializers.IntegerField()
    items = KeptSerializer(many=True, help_text=_("In the order of the rows."))


class LookupRequestSerializer(serializers.Serializer[Any]):
    recipient = serializers.CharField(max_length=320, help_text=_("An address, or a digest."))


class LookupSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField()
    items = RecordSerializer(many=True, help_text=_("The newest first, a thousand at most."))
    withdrawals = serializers.ListField(child=serializers.DateTimeField())


class WithdrawalRequestSerializer(serializers.Serializer[Any]):
    withdrawn_at = serializers.DateTimeField(required=False, help_text=_("With its zone; the present if left out."))
    how = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text=_("Such as: link in the mail of 20 November.")
    )


class WithdrawalsRequestSerializer(WithdrawalRequestSerializer):
    recipients = serializers.ListField(
        child=serializers.CharField(max_length=320),
        min_length=1,
        max_length=MAX_CHECKED,
        help_text=_("Addresses or digests."),
    )


class WithdrawnSerializer(serializers.Serializer[Any]):
    withdrawn_at = serializers.DateTimeField()
    recipients = serializers.IntegerField()
    new = serializers.IntegerField(help_text=_("How many of them had not been told for this moment before."))
