"""A probation: what a client must keep to after a reinstatement, and how it goes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from abuse.models.standings import Suspension
from courrielleur.ids import uuid7


class Probation(models.Model):
    """The conditions under which a suspension was lifted. Checked by the machine, seen by the client."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        BROKEN = "broken", _("broken")  # conditions were not kept: the account was stopped again
        ENDED = "ended", _("ended")  # stopped again for another reason, or by a person

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="probations")
    suspension = models.OneToOneField(Suspension, on_delete=models.PROTECT, related_name="probation")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    daily_volume = models.PositiveIntegerField(null=True)  # messages a day at full pace; null: nothing to go by
    needs_proof = models.BooleanField(default=False)  # only addresses with a consent record
    form_url = models.URLField(max_length=500, blank=True)  # a sign-up form that was promised
    breaches = models.JSONField(default=list)  # abuse.core.probation.Breach, oldest first
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    checked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["checked_at"], condition=models.Q(state="running"), name="probation_running"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.state}"
