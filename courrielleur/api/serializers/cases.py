"""Cases: what is asked of a client, and what the client says."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from abuse.core.case import CaseState
from consent.core.questionnaire import Kind

STATES = [state.value for state in CaseState]
KINDS = [kind.value for kind in Kind]
MAX_MESSAGE = 20_000  # characters (abuse/services/cases.py)
MAX_NAME = 150


class CaseLinksSerializer(serializers.Serializer[Any]):
    account = serializers.URLField()
    standing = serializers.URLField()
    answers = serializers.URLField()
    messages = serializers.URLField()


class CaseSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    account = serializers.CharField()
    reseller = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    waits_for_client = serializers.BooleanField(help_text=_("True while answers are awaited of you."))
    reasons = serializers.ListField(child=serializers.CharField(), help_text=_("Codes of the decision rule."))
    suspended_at = serializers.DateTimeField(allow_null=True)
    lifted_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    links = CaseLinksSerializer()


class CaseDetailSerializer(CaseSerializer):
    explanation = serializers.CharField(allow_blank=True, help_text=_("The figures behind it, in a few sentences."))


class FiguresSerializer(serializers.Serializer[Any]):
    first_day = serializers.DateField(help_text=_("First send day of the period, UTC."))
    last_day = serializers.DateField()
    delivered = serializers.IntegerField()
    reporting = serializers.IntegerField(help_text=_("Delivered to providers that tell of complaints."))
    complaints = serializers.IntegerField()
    complaint_rate = serializers.FloatField(allow_null=True, help_text=_("A fraction: 0.0025 is 0.25 %."))
    complaints_limit = serializers.FloatField()
    bounces = serializers.IntegerField()
    bounce_rate = serializers.FloatField(allow_null=True)
    bounces_limit = serializers.FloatField()


class DecisionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    policy_version = serializers.CharField()
    code_version = serializers.CharField()
    sequence = serializers.IntegerField(allow_null=True, help_text=_("1, 2, 3 … of the account."))
    digest = serializers.CharField(
        allow_blank=True, help_text=_("SHA-256 over this decision and the digest of the one before it.")
    )


class StatementSerializer(serializers.Serializer[Any]):
    case = serializers.CharField()
    account = serializers.CharField()
    stated_at = serializers.DateTimeField()
    is_automated = serializers.BooleanField(help_text=_("False when a person decided."))
    reasons = serializers.ListField(child=serializers.CharField(), help_text=_("Codes of the decision rule."))
    facts = serializers.CharField(allow_blank=True, help_text=_("The figures behind it, in a few sentences."))
    figures = FiguresSerializer(allow_null=True)
    decision = DecisionSerializer(allow_null=True)
    may_answer = serializers.BooleanField()
    may_appeal = serializers.BooleanField()
    text = serializers.CharField(help_text=_("The whole statement, as the letter tells it."))


class PartProblemSerializer(serializers.Serializer[Any]):
    part = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(help_text=_("Key of the question, for its address."))
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS, help_text=_("Says which parts a value has."))
    title = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    why = serializers.CharField(help_text=_("Why we ask."))
    value = serializers.JSONField(help_text=_("The answer so far, an object; empty when there is none."))
    saved_at = serializers.DateTimeField(allow_null=True)
    problems = PartProblemSerializer(many=True, help_text=_("What keeps the answer from being complete."))


class MethodSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()


class AnswersSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    is_complete = serializers.BooleanField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    receipt = serializers.CharField(allow_blank=True)
    items = AnswerSerializer(many=True)
    methods = MethodSerializer(
        many=True, help_text=_("The consent methods that the question of kind `methods` offers.")
    )


class AnswerRequestSerializer(serializers.Serializer[Any]):
    value = serializers.DictField(help_text=_("Its parts depend on the kind; see docs/api.md."))


class SubmissionRequestSerializer(serializers.Serializer[Any]):
    declared_name = serializers.CharField(
        max_length=MAX_NAME, help_text=_("Name of the person who declares that the answers are true.")
    )


class SubmissionSerializer(serializers.Serializer[Any]):
    receipt = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)


class MessageRequestSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_MESSAGE)


class LineSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    who = serializers.CharField()
    kind = serializers.CharField(help_text=_("The step, `message` or `letter`."))
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)


class HistorySerializer(serializers.Serializer[Any]):
    items = LineSerializer(many=True, help_text=_("Oldest first."))
