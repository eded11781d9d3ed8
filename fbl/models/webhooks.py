"""Where the webhooks of e-mail providers come in, and what they brought."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courrielleur.ids import uuid7


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
