"""What came in, and whose it is: reports, the events they tell of, hourly counters, suppressions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courrielleur.ids import uuid7


class InboundReport(models.Model):
    """The bytes a door took, stored once (by SHA-256) and encrypted; read later, by the worker."""

    class State(models.TextChoices):
        STORED = "stored", _("stored")  # waits for the reader
        RECORDED = "recorded", _("recorded")  # its events are counted
        UNIDENTIFIED = "unidentified", _("unidentified")  # read, but whose mail it was is unknown
        UNVERIFIED = "unverified", _("unverified")  # names an account, without our valid reference
        UNREADABLE = "unreadable", _("unreadable")  # no format we know
        IGNORED = "ignored", _("ignored")  # read, and nothing to count: auto-replies, delivery notices
        REPLY = "reply", _("reply to a case")  # waits for the case it answers
        DISMISSED = "dismissed", _("dismissed")  # looked at by a person, and put away

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.BinaryField(max_length=32, unique=True)
    received_at = models.DateTimeField()
    door = models.CharField(max_length=8)  # smtp, lmtp, file, api
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.CharField(max_length=320, blank=True)
    raw = models.BinaryField(null=True)  # encrypted; null once purged
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.STORED)
    kind = models.CharField(max_length=16, blank=True)
    format = models.CharField(max_length=32, blank=True)
    reporter = models.CharField(max_length=255, blank=True)  # domain or name of the feed, never a person
    reason = models.CharField(max_length=255, blank=True)  # why it is in its lane: a code (fbl/core/authenticity.py)
    read_at = models.DateTimeField(null=True, blank=True)
    feed = models.ForeignKey("Feed", null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    account_id = models.BigIntegerField(null=True, blank=True)  # whom it names, counted or not
    reported_at = models.DateTimeField(null=True, blank=True)  # the report's own date
    witness = models.CharField(
        max_length=300, blank=True, db_default=""
    )  # who vouched for it: "dkim example.net", "mta example.net"

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state="stored"), name="inbound_report_to_read"),
            models.Index(fields=["state", "-received_at"], name="inbound_report_lane"),
            models.Index(fields=["feed", "-received_at"], condition=Q(feed__isnull=False), name="inbound_report_feed"),
        ]

    def __str__(self) -> str:
        return bytes(self.sha256).hex()[:8]


class Feed(models.Model):
    """An enrolled source of complaints: where its reports come from, who signs them, how many are to be expected."""

    class Kind(models.TextChoices):
        ARF = "arf", _("complaint reports (ARF)")
        JMRP = "jmrp", _("Microsoft JMRP")
        VALIDITY = "validity", _("Validity universal feed")
        SIGNAL_SPAM = "signal_spam", _("Signal Spam")
        XARF = "xarf", _("abuse reports (X-ARF)")
        TRAP = "trap", _("spam-trap operator")

    key = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    providers = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # whose complaints it brings
    senders = ArrayField(models.CharField(max_length=320))  # addresses or domains it comes from, lower case
    recipients = ArrayField(models.CharField(max_length=320), default=list, blank=True)  # of ours, it arrives at
    signers = ArrayField(models.CharField(max_length=253), default=list, blank=True)  # d= it signs with
    expected_per_day = models.PositiveIntegerField(null=True, blank=True)  # null: learned from the last two weeks
    is_trusted = models.BooleanField(default=False)  # signed reports count without our reference
    is_redacting = models.BooleanField(default=False)  # names recipients by tokens
    silent_since = models.DateTimeField(null=True, blank=True)  # written by the watch
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FeedHour(models.Model):
    """What a feed brought in one hour of *arrival*, by lane; the watch reads it."""

    pk = models.CompositePrimaryKey("feed_id", "hour")
    feed_id = models.BigIntegerField()
    hour = models.IntegerField()  # hours since 1970-01-01 00:00 UTC
    reports = models.IntegerField(default=0)
    unidentified = models.IntegerField(default=0)
    unverified = models.IntegerField(default=0)
    unreadable = models.IntegerField(default=0)
    dated = models.IntegerField(default=0)  # reports with a date of their own
    lag_seconds = models.BigIntegerField(default=0)  # of the dated ones together: from their date to their arrival

    def __str__(self) -> str:
        return f"{self.feed_id} {self.hour}"


class LaneDecision(models.Model):
    """What a person decided about a report that counted against nobody. Append-only, once a report."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DISMISSED = "dismissed", _("dismissed")

    report = models.OneToOneField(InboundReport, primary_key=True, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    note = models.TextField(blank=True)
    reason = models.CharField(max_length=255)  # why it was in its lane
    counted = models.PositiveIntegerField(default=0)  # events that entered the counters
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.outcome} {self.report_id}"


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
    is_counted = models.BooleanField()  # in the counters; duplicates of a recipient and unknown send hours are not
    status = models.CharField(max_length=12, blank=True)  # enhanced status code, when the report has one
    report_id = models.UUIDField(null=True)

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

    def __str__(self) -> str:
        return f"{self.account_id} {self.send_hour}"


class CampaignName(models.Model):
    """The name behind the campaign digest that our references carry (fbl/core/identify.py)."""

    pk = models.CompositePrimaryKey("account_id", "digest")
    account_id = models.BigIntegerField()
    digest = models.BinaryField(max_length=5)
    name = models.CharField(max_length=100)
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


class EspEndpoint(models.Model):
    """An address of ours for the webhooks of an e-mail provider. The token in it is kept as a digest only."""

    key = models.SlugField(max_length=63, unique=True)
    provider = models.CharField(max_length=16)  # a table of fbl/data/esp.toml
    account = models.ForeignKey(
        "accounts.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the only one that mails through it; null: several do, and events count with our reference only
    token_digest = models.BinaryField(max_length=32, unique=True)
    secret = models.BinaryField()  # encrypted: what the provider signs with, or the password we gave it
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class EspPost(models.Model):
    """A request that came to an endpoint, stored once and encrypted before anybody reads it."""

    class State(models.TextChoices):
        STORED = "stored", _("stored")  # waits for the reader
        READ = "read", _("read")
        UNREADABLE = "unreadable", _("unreadable")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(EspEndpoint, on_delete=models.PROTECT, related_name="posts")
    digest = models.BinaryField(max_length=32)  # of the body: the same again is the same
    received_at = models.DateTimeField()
    body = models.BinaryField(null=True)  # encrypted; null once purged
    content_type = models.CharField(max_length=100, blank=True)
    event_id = models.CharField(max_length=100, blank=True)  # where the provider writes it beside the body
    state = models.CharField(max_length=10, choices=State.choices, default=State.STORED)
    events = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)  # of these, the ones that say something of a recipient
    damaged = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "digest"], name="esp_post_once")]
        indexes = [models.Index(fields=["received_at"], condition=Q(state="stored"), name="esp_post_to_read")]

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:8]


class LogImport(models.Model):
    """How far a log of an MTA was read. Moved on in the transaction that writes what was read.

    A file is known by its first record and, at the point where reading stopped, by its content: however it is
    renamed, rotated, compressed or copied, it goes on there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    format = models.CharField(max_length=8)
    name = models.CharField(max_length=255)  # of the file when it was last read, without its folder
    stream = models.CharField(max_length=255, blank=True)  # what rotates as one: the host, for Postfix
    first_digest = models.BinaryField(max_length=32)  # of all up to the end of the first record
    position = models.BigIntegerField()  # bytes that are counted
    tail_digest = models.BinaryField(max_length=32)  # of the last of them
    is_mid_line = models.BooleanField(default=False)  # the last record was taken without its line end
    state = models.BinaryField()  # encrypted; what the reader must know to go on
    lines = models.BigIntegerField(default=0)
    delivered = models.BigIntegerField(default=0)
    hard = models.BigIntegerField(default=0)
    soft = models.BigIntegerField(default=0)
    block = models.BigIntegerField(default=0)
    complaints = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)  # events known before by another way
    rejected = models.JSONField(default=dict)  # lines by reason (fbl/core/logs/record.py)
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["format", "first_digest"], name="log_import_first"),
            models.Index(fields=["format", "stream", "-updated_at"], name="log_import_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.name}"


class TakenBackDelivery(models.Model):
    """A delivered mail that bounced later, and left the delivered count: once, however often that is reported."""

    pk = models.CompositePrimaryKey("account_id", "send_hour", "digest")
    account_id = models.BigIntegerField()
    send_hour = models.IntegerField()
    digest = models.BinaryField(max_length=16)  # of campaign, send hour and recipient
    provider = models.CharField(max_length=40)
    campaign = models.BinaryField(max_length=5)  # digest

    def __str__(self) -> str:
        return f"{self.account_id} {self.send_hour}"
