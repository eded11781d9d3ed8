"""Resellers, accounts and what they send from."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courrielleur.accounts.models import SendingAsset
from courrielleur.api.serializers.common import KeyField, LanguageField

KINDS = SendingAsset.Kind.choices


class ResellerSerializer(serializers.Serializer[Any]):
    key = KeyField()
    name = serializers.CharField(max_length=200)
    language = LanguageField(default="fr", help_text=_("Of the notices."))
    notice_address = serializers.EmailField(max_length=254, help_text=_("Where notices of suspension go."))
    created_at = serializers.DateTimeField(read_only=True)


class AccountSerializer(serializers.Serializer[Any]):
    key = KeyField()
    number = serializers.IntegerField(
        source="pk", read_only=True, help_text=_("The number that stands for the account in references an MTA mints.")
    )
    name = serializers.CharField(max_length=200)
    reseller = KeyField(source="reseller.key", help_text=_("Key of the reseller who answers for it."))
    language = LanguageField(default="fr")
    created_at = serializers.DateTimeField(read_only=True)


class AssetSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    value = serializers.CharField(max_length=255, help_text=_("An IP address or a domain."))
    created_at = serializers.DateTimeField(read_only=True)
