"""The reinstatement case of an incident: its state, its history, its letters."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from abuse.core.case import CaseState
from abuse.core.priority import Degree, Weight
from abuse.models.standings import Suspension
from courrielleur.ids import uuid7


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
