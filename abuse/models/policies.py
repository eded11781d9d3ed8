"""The decision rule's constants as they were written, by whom, for whom, and from when to when they were in force."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from abuse.core.policy_layers import Layer, Stream


class PolicyVersion(models.Model):
    """One version: the platform's whole rule, or what a stream, a reseller or an account changes of it.

    Append-only: text, author and reason never change, and each of the last three columns is written once
    (abuse/migrations). Who wins when several speak: `abuse.services.policies`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    number = models.PositiveIntegerField(unique=True)  # 1, 2, 3 … of the platform: how people call it
    reseller = models.ForeignKey("accounts.Reseller", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("accounts.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stream = models.CharField(
        max_length=13, blank=True, choices=[(stream.value, stream.value) for stream in Stream if stream.value]
    )  # empty: all mail
    name = models.CharField(max_length=40)
    text = models.TextField()  # TOML
    sha256 = models.CharField(max_length=64)  # of the text, in hexadecimal
    reason = models.TextField()  # why it was written
    author = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # null: it came with the product
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # in force when it was written
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)  # replaced, or withdrawn when it was never in force

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "account", "stream"],
                condition=Q(activated_at__isnull=False, retired_at=None),
                nulls_distinct=False,
                name="policy_in_force_once",
            ),
            models.CheckConstraint(condition=Q(reseller=None) | Q(account=None), name="policy_of_one"),
            # Nobody puts their own text in force.
            models.CheckConstraint(
                condition=Q(activated_at=None)
                | Q(author=None)
                | (Q(activated_by__isnull=False) & ~Q(activated_by=F("author"))),
                name="policy_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def state(self) -> State:
        if self.retired_at is not None:
            return self.State.RETIRED if self.activated_at else self.State.WITHDRAWN
        return self.State.ACTIVE if self.activated_at else self.State.DRAFT

    @property
    def layer(self) -> Layer:
        if self.account_id is not None:
            return Layer.ACCOUNT
        return Layer.RESELLER if self.reseller_id is not None else Layer.PLATFORM

    @property
    def is_whole(self) -> bool:
        """Whether its text holds every constant: the platform's, for all mail."""
        return self.layer is Layer.PLATFORM and not self.stream


class PolicyEvent(models.Model):
    """Who did what to a version, when and why: the audit line. Append-only."""

    class Move(models.TextChoices):
        INSTALLED = "installed", _("Came with the product")
        OFFERED = "offered", _("Offered by a new release")
        DRAFTED = "drafted", _("Written")
        ACTIVATED = "activated", _("Put in force")
        RETIRED = "retired", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        SHADOWED = "shadowed", _("Set to run in the shadow")
        UNSHADOWED = "unshadowed", _("Taken out of the shadow")

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="events")
    move = models.CharField(max_length=10, choices=Move.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["version", "at"])]

    def __str__(self) -> str:
        return f"{self.move} {self.at:%Y-%m-%d %H:%M}"


class PolicyUsed(models.Model):
    """The values that assessments of a version were made with, so that each can be repeated. Append-only."""

    version = models.CharField(max_length=64, primary_key=True)  # as assessments name it
    values = models.JSONField()  # by the constant's name; shares as fractions
    numbers = models.JSONField()  # of the versions it is made of, the widest first
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.version


class AccountStream(models.Model):
    """An account whose mail is all of one stream: the policies of that stream are its own."""

    account = models.OneToOneField(
        "accounts.Account", primary_key=True, on_delete=models.CASCADE, related_name="mail_stream"
    )
    stream = models.CharField(
        max_length=13, choices=[(stream.value, stream.value) for stream in Stream if stream.value]
    )
    set_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.stream}"
