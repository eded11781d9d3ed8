"""The orders to those who send the mail: endpoints, and the outbox."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from abuse.models.standings import Suspension
from courrielleur.ids import uuid7


class Endpoint(models.Model):
    """What obeys our orders, one row for each machine. Belongs to the platform, or to one reseller.

    The last columns are what it told us itself of what it holds back, beside what we say (see `reconciliation`).
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Signed webhook")
        KUMOMTA = "kumomta", "KumoMTA"
        POSTFIX = "postfix", _("Postfix policy server")
        PMTA = "pmta", "PowerMTA"
        PULL = "pull", _("Asks over REST")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.WEBHOOK)
    name = models.CharField(max_length=63, blank=True)  # of the machine, for people; webhooks have their URL
    url = models.URLField(max_length=500, blank=True)  # of a kind that we call
    secret = models.BinaryField(default=bytes)  # encrypted: whsec_… of a webhook, user:password of an API; or none
    config = models.JSONField(default=dict, blank=True)  # read by abuse/core/channels.py
    reseller = models.ForeignKey(
        "accounts.Reseller", null=True, blank=True, on_delete=models.CASCADE, related_name="endpoints"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)

    heard_at = models.DateTimeField(null=True, blank=True)  # when it last told what it holds
    held = models.PositiveIntegerField(null=True, blank=True)  # how many stops of ours it then had
    differences = models.JSONField(default=list, blank=True)  # where it disagreed: abuse.core.channels.Difference
    differs_since = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)  # why it can't be asked; empty when it answered
    trouble_since = models.DateTimeField(null=True, blank=True)
    acknowledged = models.BigIntegerField(default=0)  # the number up to which it has taken its orders; pull only

    def __str__(self) -> str:
        return self.name or self.url

    @property
    def is_on(self) -> bool:
        return self.disabled_at is None


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
    number = models.BigIntegerField(null=True, blank=True)  # 1, 2, 3 … of an endpoint that asks, once it asked
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="orders")
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
            models.UniqueConstraint(fields=["endpoint", "number"], name="enforcement_order_number"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="enforcement_order_due"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"
