"""Consent told record by record as people sign up, and consent that was taken back. Nothing here is ever changed."""

from django.db import models


class CapturedId(models.Model):
    """The client's own name of a record, which makes a repetition the same record. A digest: it may be an address."""

    pk = models.CompositePrimaryKey("account_id", "own_id")
    account_id = models.BigIntegerField()
    own_id = models.BinaryField(max_length=16)
    said = models.BinaryField(max_length=32)  # keyed digest of the record; other words under the same name are refused
    upload_id = models.UUIDField()
    line = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.upload_id} {self.line}"


class ConsentWithdrawal(models.Model):
    """One recipient took the consent back: what was given before counts no longer for mail after it. Append-only."""

    pk = models.CompositePrimaryKey("account_id", "recipient_digest", "withdrawn_at")
    account_id = models.BigIntegerField()
    recipient_digest = models.BinaryField(max_length=16)
    withdrawn_at = models.DateTimeField()
    told_at = models.DateTimeField()
    told_by = models.CharField(max_length=150)  # the API key, as shown
    fields = models.BinaryField()  # encrypted JSON: how it was taken back, and the address when it was told
    upload_id = models.UUIDField(null=True)  # of the record it was told about, when one was named
    line = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return bytes(self.recipient_digest).hex()[:8]
