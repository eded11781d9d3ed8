"""What reports tell: events, hourly counters, suppressions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedbackEvent(models.Model):
    """One thing one recipient's side said of one message. The same report twice is one event.

    Partitioned by month of the send day. `send_day` 1970-01-01 means the send hour is unknown; such an event
    is shown, never scored.
    """

    pk = models.CompositePrimaryKey("account_id", "send_day", "digest")
    account_id = models.BigIntegerField()
    send_day = models.DateField()
    digest = models.BinaryField(max_length=16)  # of kind, message, recipient: what makes it the same event
    kind = models.CharField(max_length=16)  # complaint, bounce, unsubscribe, not_spam, …
    bounce_class = models.CharField(max_length=5, blank=True)  # hard, soft, block, other
    reason = models.CharField(max_length=32, blank=True)
    campaign = models.CharField(max_length=100, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    recipient_digest = models.BinaryField(max_length=16, null=True)
    recipient = models.BinaryField(null=True)  # encrypted, when the report names it
    send_hour = models.IntegerField(null=True)  # hours since 1970-01-01 00:00 UTC
    arrived_at = models.DateTimeField()
    method = models.CharField(max_length=24)  # how the account was identified
    confidence = models.CharField(max_length=8)  # certain, strong, weak
    may_count = models.BooleanField(default=False, db_default=False)  # vouched for, and its send hour is known
    is_counted = models.BooleanField()  # in the counters: it may, and is no second complaint of its recipient
    status = models.CharField(max_length=12, blank=True)  # enhanced status code, when the report has one
    report_id = models.UUIDField(null=True)
    mta_category = models.CharField(max_length=40, blank=True, db_default="")  # what our own MTA's log called it

    class Meta:
        indexes = [
            models.Index(fields=["account_id", "arrived_at"], name="feedback_event_arrival"),
            models.Index(fields=["account_id", "recipient_digest"], name="feedback_event_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {bytes(self.digest).hex()[:8]}"


class HourlyCount(models.Model):
    """Counters of one account, campaign and provider in one hour of *sending* (hours since 1970, UTC)."""

    pk = models.CompositePrimaryKey("account_id", "send_hour", "provider", "campaign")
    account_id = models.BigIntegerField()
    send_hour = models.IntegerField()
    provider = models.CharField(max_length=40)
    campaign = models.CharField(max_length=100)
    delivered = models.BigIntegerField(default=0)
    complaints = models.IntegerField(default=0)
    hard_bounces = models.IntegerField(default=0)
    soft_bounces = models.IntegerField(default=0)
    block_bounces = models.IntegerField(default=0)
    unsubscribes = models.IntegerField(default=0)

    class Meta:
        # Who else sent to this provider in this hour: asked when many bounce at once (abuse/services/incidents.py).
        indexes = [models.Index(fields=["send_hour", "provider"], name="hourly_count_cell")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.send_hour}"


class CampaignName(models.Model):
    """The name behind the campaign digest that our references carry (fbl/core/identify.py), and what it belongs to."""

    class Stream(models.TextChoices):
        MARKETING = "marketing", "marketing"  # people read courrielleur/portal/policy_words.py
        TRANSACTIONAL = "transactional", "transactional"

    pk = models.CompositePrimaryKey("account_id", "digest")
    account_id = models.BigIntegerField()
    digest = models.BinaryField(max_length=5)
    name = models.CharField(max_length=100)
    list_key = models.CharField(max_length=100, blank=True, db_default="", default="")  # the list or import it went to
    stream = models.CharField(max_length=13, blank=True, choices=Stream.choices, db_default="", default="")
    first_seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class VolumeBatch(models.Model):
    """A batch of delivered counts that was added; the same batch again adds nothing."""

    key = models.CharField(max_length=255, unique=True)  # the sender's own name for the batch
    content_digest = models.BinaryField(max_length=32)
    rows = models.PositiveIntegerField()
    delivered = models.BigIntegerField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key


class Suppression(models.Model):
    """An address an account must not mail again, matched by digest. A complainer is tagged `pourriel`."""

    class Reason(models.TextChoices):
        COMPLAINT = "complaint", _("complaint")
        HARD_BOUNCE = "hard_bounce", _("hard bounce")
        UNSUBSCRIBE = "unsubscribe", _("unsubscribe")

    pk = models.CompositePrimaryKey("account_id", "recipient_digest", "reason")
    account_id = models.BigIntegerField()
    recipient_digest = models.BinaryField(max_length=16)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    recipient = models.BinaryField(null=True)  # encrypted, when known
    tag = models.CharField(max_length=16, blank=True)  # "pourriel" for complainers
    campaign = models.CharField(max_length=100, blank=True)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account_id", "since"], name="suppression_since")]

    def __str__(self) -> str:
        return bytes(self.recipient_digest).hex()[:8]


class TouchedAccount(models.Model):
    """An account whose counters moved since it was last judged: the row the judge picks up."""

    account_id = models.BigIntegerField(primary_key=True)
    touched_at = models.DateTimeField()
    first_touched_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["first_touched_at"])]

    def __str__(self) -> str:
        return str(self.account_id)
