"""The policy laboratory: trials over stored history, what they found, and drafts that run in the shadow."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from abuse.models.policies import PolicyVersion
from courrielleur.ids import uuid7


class Trial(models.Model):
    """A run of the laboratory; its row says how far it is, so a kill costs little."""

    class Kind(models.TextChoices):
        BACKTEST = "backtest", _("Back-test")
        SIMULATION = "simulation", _("Simulated platform")
        CALIBRATION = "calibration", _("Calibration")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    version = models.ForeignKey(
        PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="trials"
    )  # what is tried; null: a calibration
    first_day = models.DateField()  # of the UTC days looked at; a simulation's days never were
    last_day = models.DateField()
    parameters = models.JSONField(default=dict)  # a calibration's target, a simulation's seed and scale
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    requested_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    taken_by = models.UUIDField(null=True)  # whoever works on it; null: nobody
    beat_at = models.DateTimeField(null=True)  # its last sign of life
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)  # accounts, or parts of a calibration
    total = models.PositiveIntegerField(null=True)  # null: not begun
    # [reseller id, account id] of the last account done; of a simulation, [family, number] of the next sender
    reached = models.JSONField(default=list)
    sums = models.JSONField(default=dict)  # what was added up so far
    result = models.JSONField(null=True)
    error = models.CharField(max_length=300, blank=True)
    code_version = models.CharField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="trial_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class TrialFinding(models.Model):
    """One account that a back-tested version would have treated otherwise."""

    class Kind(models.TextChoices):
        ADDED = "added", _("stopped by the draft only")
        SPARED = "spared", _("stopped by the version in force only")
        EARLIER = "earlier", _("stopped earlier by the draft")
        LATER = "later", _("stopped later by the draft")

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="findings")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    active_hour = models.IntegerField(null=True)  # of the stop, in hours since 1970; null: never
    draft_hour = models.IntegerField(null=True)
    active_reasons = models.JSONField(default=list)
    draft_reasons = models.JSONField(default=list)
    mail = models.BigIntegerField(default=0)  # delivered between the two stops, or after the only one
    was_stopped_at = models.DateTimeField(null=True)  # what really happened, from the first of these days on
    was_cleared_at = models.DateTimeField(null=True)  # a person found nothing, or let it send again

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "account"], name="trial_finding_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"


class Shadow(models.Model):
    """A draft that judges beside the version in force, and never acts. One at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="shadows")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="shadow_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.started_at:%Y-%m-%d}"


class ShadowVerdict(models.Model):
    """What a shadow said of an account, beside what was in force: written when one of the two changed. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shadow = models.ForeignKey(Shadow, on_delete=models.PROTECT, related_name="verdicts")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=8)  # ok, watch, hold, suspend
    reasons = models.JSONField(default=list)
    active_state = models.CharField(max_length=8)
    active_reasons = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["shadow", "account", "-at"], name="shadow_verdict_latest")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.state}"
