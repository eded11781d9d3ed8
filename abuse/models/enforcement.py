"""The orders to those who send the mail: endpoints, and the outbox."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from abuse.models.standings import Suspension
from courrielleur.ids import uuid7


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
