"""What an MTA that asks is told, and what it says in return."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courrielleur.api.serializers.common import KeyField
from courrielleur.api.serializers.standing import LEVELS

HOLDS = ["all", "campaign", "nothing"]
MOST_HELD = 100_000  # rows of one acknowledgement


class AccountToHoldSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    since = serializers.DateTimeField()
    hold = serializers.ChoiceField(
        choices=HOLDS, help_text=_("What to hold back: all mail of the account, one campaign, or nothing.")
    )
    campaign = serializers.CharField(allow_blank=True, help_text=_("The campaign to hold back; or empty."))


class StandingsSerializer(serializers.Serializer[Any]):
    endpoint = serializers.UUIDField()
    cursor = serializers.IntegerField(help_text=_("Hand it back as `since`, and acknowledge it once it is done."))
    complete = serializers.BooleanField(
        help_text=_("True: hold back what is listed, and nothing else. False: only these accounts have changed.")
    )
    standings = AccountToHoldSerializer(many=True)


class HeldSerializer(serializers.Serializer[Any]):
    account = KeyField()
    campaign = serializers.CharField(default="", allow_blank=True, max_length=200)


class AcknowledgementSerializer(serializers.Serializer[Any]):
    endpoint = serializers.UUIDField(required=False, help_text=_("May be left out by whoever has only one."))
    cursor = serializers.IntegerField(min_value=0)
    held = serializers.ListField(
        child=HeldSerializer(),
        required=False,
        max_length=MOST_HELD,
        help_text=_("Everything the MTA holds back for us now; then we say where we disagree, and order it anew."),
    )


class DifferenceSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="stop.account")
    campaign = serializers.CharField(source="stop.campaign", allow_blank=True)
    it_holds = serializers.BooleanField(help_text=_("True: the MTA holds it back and should not."))
    since = serializers.DateTimeField()


class AcknowledgedSerializer(serializers.Serializer[Any]):
    endpoint = serializers.UUIDField()
    cursor = serializers.IntegerField()
    differences = DifferenceSerializer(many=True)
