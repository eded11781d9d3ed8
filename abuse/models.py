"""How bad it is, and what we do: assessments, standings, suspensions, orders to the MTAs, cases."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from abuse.core.case import CaseState
from abuse.core.priority import Degree, Weight
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

    class Meta:
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
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lift_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(lifted_at=None), name="suspension_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.imposed_at:%Y-%m-%d}"


class WebhookEndpoint(models.Model):
    """Where orders are sent, signed (Standard Webhooks). Belongs to the platform, or to one reseller."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.URLField(max_length=500)
    secret = models.BinaryField()  # encrypted whsec_…
    reseller = models.ForeignKey(
        "accounts.Reseller", null=True, blank=True, on_delete=models.CASCADE, related_name="webhook_endpoints"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.url


class EnforcementOrder(models.Model):
    """An order to stop or resume an account, for one channel; the outbox. Delivered in order per account."""

    class Action(models.TextChoices):
        SUSPEND = "account.suspended", _("stop the account")
        LIFT = "account.reinstated", _("resume the account")
        TERMINATE = "account.terminated", _("close the account")
        HOLD = "account.held", _("pause the campaign")
        RELEASE = "account.released", _("resume the campaign")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")  # later orders of the account wait until someone replays or skips it
        SKIPPED = "skipped", _("skipped")  # a person said why, or its endpoint was disabled

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="orders")
    sequence = models.PositiveIntegerField()  # 1, 2, 3 … of this account and endpoint
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="orders")
    action = models.CharField(max_length=24, choices=Action.choices)
    suspension = models.ForeignKey(Suspension, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    body = models.JSONField()  # what is sent, byte for byte, on each attempt
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "endpoint", "sequence"], name="enforcement_order_sequence"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="enforcement_order_due"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"


class Case(models.Model):
    """One incident of one account, from the suspension to the decision. Moves are `abuse.core.case.TRANSITIONS`."""

    class Level(models.TextChoices):
        AGENT = "agent", _("agent")
        SPECIALIST = "specialist", _("specialist")
        LEAD = "lead", _("lead")

    class Priority(models.IntegerChoices):
        LOW = 1, _("low")
        MEDIUM = 2, _("medium")
        HIGH = 3, _("high")
        URGENT = 4, _("urgent")

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=16, unique=True)  # C-7K3Q9F, in subjects and URLs; can't be guessed
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="cases")
    suspension = models.OneToOneField(Suspension, null=True, blank=True, on_delete=models.PROTECT, related_name="case")
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in CaseState])
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.AGENT)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    priority_code = models.CharField(max_length=40, blank=True)  # impact and urgency (abuse/core/priority.py)
    assigned_to = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_cases"
    )
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-priority", "opened_at"])]

    def __str__(self) -> str:
        return self.key

    @property
    def priority_reason(self) -> str:
        """Return in words why the case has its priority; empty when a person set it."""
        if not self.priority_code:
            return ""
        weight = Weight.from_code(self.priority_code)
        words = [_IMPACT_WORDS[weight.impact], _URGENCY_WORDS[weight.urgency]]
        if weight.is_repeat:
            words.append(_("stopped before within a year"))
        return ", ".join(str(word) for word in words)


_IMPACT_WORDS = {
    Degree.LOW: _("little mail concerned"),
    Degree.MEDIUM: _("much mail concerned"),
    Degree.HIGH: _("very much mail concerned"),
}
_URGENCY_WORDS = {
    Degree.LOW: _("can wait a little"),
    Degree.MEDIUM: _("lasting trouble"),
    Degree.HIGH: _("sudden or serious trouble"),
}


class CaseEvent(models.Model):
    """One line of a case's history. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    actor = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=100, blank=True)  # "API key …" or the address of a reply
    move = models.CharField(max_length=24)  # a CaseMove, or message, note, assigned
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, blank=True)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    is_internal = models.BooleanField(default=False)  # seen by the abuse team only

    class Meta:
        indexes = [models.Index(fields=["case", "at"])]

    def __str__(self) -> str:
        return self.move


class Notice(models.Model):
    """A letter that was sent, or waits to be: the row, so that none is lost and none is sent twice."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    name = models.CharField(max_length=40)  # a function of abuse/notices.py
    to = models.EmailField()
    language = models.CharField(max_length=2)
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="notice_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
