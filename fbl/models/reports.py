"""What came in: reports, the feeds they come from, and what people decided about those that waited."""

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
    door = models.CharField(max_length=8)  # fbl/core/doors.py
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
    heard = models.IntegerField(default=0, db_default=0)  # told something new that counts: what nobody can make up
    dated = models.IntegerField(default=0)  # reports with a date of their own
    lag_seconds = models.BigIntegerField(default=0)  # of the dated ones together: from their date to their arrival

    def __str__(self) -> str:
        return f"{self.feed_id} {self.hour}"


class DoorHour(models.Model):
    """What came in through a door in one hour of *arrival*; tells which door went quiet."""

    pk = models.CompositePrimaryKey("door", "hour")
    door = models.CharField(max_length=8)  # fbl/core/doors.py
    hour = models.IntegerField()  # hours since 1970-01-01 00:00 UTC
    reports = models.IntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.door} {self.hour}"


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
