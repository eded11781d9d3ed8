"""Where an account stands, and the rates behind it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

# abuse.models.Standing.Level; a test holds them together
LEVELS = ["ok", "watch", "hold", "probation", "suspended", "terminated"]


class StandingLinksSerializer(serializers.Serializer[Any]):
    rates = serializers.URLField()
    suppressions = serializers.URLField()
    case = serializers.URLField(allow_null=True)


class BreachSerializer(serializers.Serializer[Any]):
    condition = serializers.ChoiceField(choices=["volume", "proof", "form"])
    day = serializers.DateField()
    value = serializers.IntegerField()
    limit = serializers.IntegerField()


class ProbationSerializer(serializers.Serializer[Any]):
    ends_at = serializers.DateTimeField()
    today_cap = serializers.IntegerField(allow_null=True, help_text=_("Most messages on this UTC day; null: no limit."))
    weekly_caps = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("Most messages a day in each week; the last holds on.")
    )
    needs_proof = serializers.BooleanField(help_text=_("Only addresses with a consent record."))
    form_url = serializers.CharField(allow_blank=True, help_text=_("A sign-up form that must answer."))
    breaches = BreachSerializer(many=True)
    breaches_left = serializers.IntegerField(help_text=_("Days that may still break a condition before the stop."))


class StandingSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    since = serializers.DateTimeField(allow_null=True, help_text=_("Null as long as nothing was ever decided."))
    may_send = serializers.BooleanField(help_text=_("What an MTA has to know."))
    reasons = serializers.ListField(child=serializers.CharField(), help_text=_("Codes of the decision rule."))
    explanation = serializers.CharField(allow_blank=True, help_text=_("The figures behind it, in a few sentences."))
    case = serializers.CharField(allow_null=True, help_text=_("Key of the open case."))
    probation_ends_at = serializers.DateTimeField(allow_null=True)
    probation = ProbationSerializer(allow_null=True, help_text=_("The conditions after a reinstatement."))
    links = StandingLinksSerializer()


class LimitsSerializer(serializers.Serializer[Any]):
    complaint_rate = serializers.FloatField(help_text=_("Complaints per mail delivered where complaints are told."))
    hard_bounce_rate = serializers.FloatField(help_text=_("Hard bounces per delivered mail."))


class DaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text=_("Day of sending, UTC."))
    delivered = serializers.IntegerField()
    reporting = serializers.IntegerField(help_text=_("Of these, at providers that tell of complaints."))
    complaints = serializers.IntegerField(help_text=_("Distinct recipients who complained."))
    hard_bounces = serializers.IntegerField()
    soft_bounces = serializers.IntegerField()
    block_bounces = serializers.IntegerField()
    unsubscribes = serializers.IntegerField()
    complaint_rate = serializers.FloatField(allow_null=True, help_text=_("Null when nobody could have complained."))
    hard_bounce_rate = serializers.FloatField(allow_null=True, help_text=_("Null when nothing was delivered."))


class TotalsSerializer(DaySerializer):
    day = None  # type: ignore[assignment]  # the framework's way to leave a field out


class RatesSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    limits = LimitsSerializer()
    enough_data = serializers.BooleanField(help_text=_("False: too little mail so far for a rate to mean anything."))
    total = TotalsSerializer()
    days = DaySerializer(many=True)
