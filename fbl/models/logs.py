"""How far the logs of MTAs were read, what their hooks posted, and what later bounces took back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courrielleur.ids import uuid7


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


class LogPost(models.Model):
    """Records of a log that an MTA's hook posted, encrypted before anybody reads them; gone once they are counted.

    Of one that has records which can't be counted, those are kept as long as raw reports are.
    """

    class State(models.TextChoices):
        STORED = "stored", _("stored")  # waits for the reader
        READ = "read", _("read")  # holds what could not be counted

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    format = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    body = models.BinaryField(null=True)  # encrypted
    state = models.CharField(max_length=6, choices=State.choices, default=State.STORED)
    rejected = models.JSONField(default=dict)  # records by reason (fbl/core/logs/record.py)

    class Meta:
        indexes = [models.Index(fields=["received_at"], condition=Q(state="stored"), name="log_post_to_read")]

    def __str__(self) -> str:
        return f"{self.format} {self.received_at}"


class SeenLogRecord(models.Model):
    """A record that a hook posted: it is counted once, however often it is sent again. Forgotten after some days."""

    digest = models.BinaryField(max_length=16, primary_key=True)  # of its content, whatever the spelling of the JSON
    day = models.DateField()  # it came

    class Meta:
        indexes = [models.Index(fields=["day"], name="seen_log_record_day")]

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:8]


class LoggedHour(models.Model):
    """An hour of sending whose delivered mail a log told, in part at least: a bounce by mail corrects it."""

    pk = models.CompositePrimaryKey("account_id", "send_hour")
    account_id = models.BigIntegerField()
    send_hour = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.send_hour}"


class TakenBackDelivery(models.Model):
    """A delivered mail that bounced later, and left the delivered count: once, however often that is reported."""

    pk = models.CompositePrimaryKey("account_id", "send_hour", "digest")
    account_id = models.BigIntegerField()
    send_hour = models.IntegerField()
    digest = models.BinaryField(max_length=16)  # of campaign, send hour and recipient
    provider = models.CharField(max_length=40)
    campaign = models.BinaryField(max_length=5)  # digest
    is_by_mail = models.BooleanField(db_default=False)  # the log has not said so: it may still say "never accepted"

    def __str__(self) -> str:
        return f"{self.account_id} {self.send_hour}"
