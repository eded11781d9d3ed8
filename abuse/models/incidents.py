"""Trouble that is ours or a provider's: no client is stopped for it."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courrielleur.ids import uuid7


class Incident(models.Model):
    """Many accounts bounced at once where they usually don't. One row from the first hour to the last."""

    class Kind(models.TextChoices):
        HARD = "hard", _("a provider refuses addresses that exist")
        BLOCK = "block", _("our addresses are blocked or listed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    opened_at = models.DateTimeField()
    first_hour = models.IntegerField()  # hours of sending, since 1970-01-01 00:00 UTC
    last_hour = models.IntegerField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)  # what a person found out
    is_dismissed = models.BooleanField(default=False)  # it was the clients after all: the bounces count again

    class Meta:
        indexes = [models.Index(fields=["-last_hour"], name="incident_last_hour")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_dismissed=False) | Q(closed_at__isnull=False), name="incident_dismissed_is_closed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_hour}"


class IncidentCell(models.Model):
    """One provider and hour of sending of an incident; its bounces of this kind leave every account's rate."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="cells")
    kind = models.CharField(max_length=5, choices=Incident.Kind.choices)
    provider = models.CharField(max_length=40)
    hour = models.IntegerField()
    accounts = models.PositiveIntegerField()  # in trouble
    senders = models.PositiveIntegerField()  # accounts that sent enough to tell
    sent = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "hour", "provider"], name="incident_cell_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.hour}"

    @property
    def at(self) -> datetime:
        """When the hour of sending begins."""
        return datetime.fromtimestamp(self.hour * 3600, UTC)
