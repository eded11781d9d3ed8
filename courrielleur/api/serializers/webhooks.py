"""Endpoints of signed webhooks, and the orders that go to them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courrielleur.api.serializers.common import KeyField

# abuse.models.EnforcementOrder.State and .Action; a test holds them together
STATES = ["pending", "delivered", "dead", "skipped"]
OUTCOMES = ["confirmed", "refused", "unreachable"]
ACTIONS = ["account.suspended", "account.reinstated", "account.terminated", "account.held", "account.released"]


class EndpointSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    url = serializers.URLField()
    reseller = serializers.CharField(source="reseller.key", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_blank=True)


class NewEndpointSerializer(EndpointSerializer):
    secret = serializers.CharField(help_text=_("Verifies the signatures (Standard Webhooks). Shown this once."))


class EndpointRequestSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(max_length=500)
    reseller = KeyField(required=False, help_text=_("For a key of the platform: whose accounts' orders go there."))


class EndpointTestSerializer(serializers.Serializer[Any]):
    delivered = serializers.BooleanField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    status = serializers.IntegerField(allow_null=True, help_text=_("What the endpoint answered; null without answer."))
    detail = serializers.CharField(help_text=_("What came back, and what to do, for people."))
    error = serializers.CharField(allow_null=True, help_text=_("The technical cause, when it was not confirmed."))


class OrderSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account = serializers.CharField(source="account.key")
    endpoint = serializers.UUIDField(source="endpoint_id")
    action = serializers.ChoiceField(choices=ACTIONS)
    sequence = serializers.IntegerField(help_text=_("1, 2, 3 … of this account and endpoint."))
    state = serializers.ChoiceField(choices=STATES)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(help_text=_("Of a pending order."))
    last_error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    body = serializers.JSONField(help_text=_("What is sent."))
