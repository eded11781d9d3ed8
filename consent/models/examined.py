"""What examinations of evidence keep for themselves: how far one has come, and what a file shares with others."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class ExaminationTurn(models.Model):
    """An examination that takes several turns: all it has seen so far, encrypted. Deleted with its last turn."""

    case = models.OneToOneField("abuse.Case", primary_key=True, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()  # consent/services/walking.py
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.case_id)


class EvidenceSketch(models.Model):
    """A sample of a file's evidence as keyed digests, by which files of other accounts with the same are found."""

    upload = models.OneToOneField(
        "consent.ConsentUpload", primary_key=True, on_delete=models.CASCADE, related_name="sketch"
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
    digests = ArrayField(models.BinaryField(max_length=16))  # ascending (consent/core/evidence/copies.py)
    reach = models.BinaryField(max_length=4)

    class Meta:
        indexes = [GinIndex(fields=["digests"], name="evidence_sketch_digests")]

    def __str__(self) -> str:
        return str(self.upload_id)
