"""What a POST answered, kept for a day, so that its repetition gets the same answer and does nothing twice."""

from django.db import models


class IdempotentReply(models.Model):
    """The reply to one `Idempotency-Key` of one API key, written in the transaction of the work it answers."""

    api_key = models.ForeignKey("accounts.ApiKey", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.BinaryField(max_length=32)  # SHA-256 of method, path and body
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()  # encrypted JSON: it may hold a secret; empty when nothing was done
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotent_reply_once")]
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return self.key
