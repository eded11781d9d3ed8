"""Reports, references and delivered counts: what platforms send in."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courrielleur.api.rows import MAX_CAMPAIGN, MAX_CAMPAIGN_ROWS, MAX_COUNT_ROWS, MAX_LIST, MAX_REFERENCE_ROWS
from courrielleur.api.serializers.common import KeyField
from fbl.services.campaigns import STREAMS


class StoredReportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    new = serializers.BooleanField(help_text=_("False: these very bytes were here before; they are counted once."))


class FileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class ReferenceRowSerializer(serializers.Serializer[Any]):
    recipient = serializers.EmailField(max_length=320)
    campaign = serializers.CharField(max_length=MAX_CAMPAIGN, required=False)
    send_hour = serializers.CharField(
        required=False, help_text=_("ISO 8601 with zone, or hours since 1970 UTC; the present hour by default.")
    )


class ReferencesRequestSerializer(serializers.Serializer[Any]):
    account = KeyField()
    rows = serializers.ListField(child=ReferenceRowSerializer(), min_length=1, max_length=MAX_REFERENCE_ROWS)


class CarriersSerializer(serializers.Serializer[Any]):
    """What the mail to this recipient carries."""

    token = serializers.CharField()
    return_path = serializers.CharField(help_text=_("Envelope sender (MAIL FROM)."))
    envelope_id = serializers.CharField(help_text=_("ENVID of MAIL FROM, where the receiver offers DSN."))
    headers = serializers.DictField(child=serializers.CharField())


class ReferencesSerializer(serializers.Serializer[Any]):
    items = CarriersSerializer(many=True, help_text=_("In the order of the rows."))


class CountRowSerializer(serializers.Serializer[Any]):
    account = KeyField()
    campaign = serializers.CharField(max_length=MAX_CAMPAIGN, required=False)
    provider = serializers.CharField(required=False, help_text=_("Key of the mailbox provider, such as `gmail`."))
    domain = serializers.CharField(required=False, help_text=_("Or a recipient domain; we know whose it is."))
    hour = serializers.CharField(help_text=_("Of sending: ISO 8601 with zone, or hours since 1970 UTC."))
    delivered = serializers.IntegerField(min_value=1)


class CountsRequestSerializer(serializers.Serializer[Any]):
    batch = serializers.CharField(
        max_length=255,
        required=False,
        help_text=_("Your name for these rows; the same batch again adds nothing. Else the Idempotency-Key names it."),
    )
    rows = serializers.ListField(child=CountRowSerializer(), min_length=1, max_length=MAX_COUNT_ROWS)


class AddedCountsSerializer(serializers.Serializer[Any]):
    batch = serializers.CharField()
    rows = serializers.IntegerField()
    delivered = serializers.IntegerField()
    new = serializers.BooleanField(help_text=_("False: this batch was added before."))


class CampaignRowSerializer(serializers.Serializer[Any]):
    account = KeyField()
    campaign = serializers.CharField(max_length=MAX_CAMPAIGN)
    list = serializers.CharField(
        max_length=MAX_LIST, required=False, help_text=_("Your name for the list or import that it goes to.")
    )
    stream = serializers.ChoiceField(sorted(STREAMS), required=False)


class CampaignsRequestSerializer(serializers.Serializer[Any]):
    rows = serializers.ListField(child=CampaignRowSerializer(), min_length=1, max_length=MAX_CAMPAIGN_ROWS)


class ToldCampaignsSerializer(serializers.Serializer[Any]):
    campaigns = serializers.IntegerField()
