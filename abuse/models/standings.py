"""How an account was judged and where it stands: assessments, standings, suspensions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courrielleur.ids import uuid7


class Assessment(models.Model):
    """One application of the decision rule to one account, with all it saw. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    state = models.CharField(max_length=8)  # ok, watch, hold, suspend
    reasons = models.JSONField(default=list)
    figures = models.JSONField()  # the verdict's figures (abuse/core/decision.py)
    inputs = models.JSONField()  # the cells it was computed from: enough to repeat it
    policy_version = models.CharField(max_length=64)
    code_version = models.CharField(max_length=32)
    sequence = models.PositiveIntegerField(
        null=True
    )  # 1, 2, 3 … of the account; null: written before there was a chain
    digest = models.BinaryField(
        max_length=32, null=True
    )  # of this row and the account's one before (abuse/core/chain.py)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "sequence"], name="assessment_sequence")]
        indexes = [models.Index(fields=["account", "-at"])]

    def __str__(self) -> str:
        return f"{self.state} {self.at:%Y-%m-%d %H:%M}"


class Standing(models.Model):
    """Where an account stands. What the platform imposed and what the client paused itself are kept apart."""

    class Level(models.TextChoices):
        OK = "ok", _("In good standing")
        WATCH = "watch", _("Watched")
        HOLD = "hold", _("Campaign on hold")
        PROBATION = "probation", _("On probation")
        SUSPENDED = "suspended", _("Suspended")
        TERMINATED = "terminated", _("Closed")

    account = models.OneToOneField(
        "accounts.Account", primary_key=True, on_delete=models.PROTECT, related_name="standing"
    )
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.OK)
    since = models.DateTimeField()
    assessment = models.ForeignKey(Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField(null=True, blank=True)
    probation_ends_at = models.DateTimeField(null=True, blank=True)
    scores_from = models.DateField(null=True, blank=True)  # after a reinstatement: first send day that counts
    held_campaign = models.CharField(max_length=200, blank=True)  # what a hold pauses; of no meaning on other levels
    paused_by_client_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["level"])]

    def __str__(self) -> str:
        return f"{self.account_id} {self.level}"


class Suspension(models.Model):
    """Mail of an account is stopped, since when, by what evidence or whom, until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="suspensions")
    assessment = models.ForeignKey(Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    imposed_at = models.DateTimeField()
    imposed_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # null: by itself
    reason = models.TextField(blank=True)  # a person's words
    code = models.CharField(max_length=32, blank=True)  # why, when neither an assessment nor a person says it
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lift_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(lifted_at=None), name="suspension_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.imposed_at:%Y-%m-%d}"
