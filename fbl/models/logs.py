"""How far the logs of MTAs were read, and what later bounces took back."""

from django.db import models

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
