"""What the abuse team looks at and decides: samples to be proved, what was found in the evidence, decisions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.intake import AnswerFile
from courrielleur.ids import uuid7


class Review(models.Model):
    """What a person of the abuse team decided about a case, and why."""

    class Outcome(models.TextChoices):
        REINSTATE = "reinstate", _("reinstate")
        ASK = "ask", _("ask for more")
        REFUSE = "refuse", _("refuse")
        TERMINATE = "terminate", _("close")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("abuse.Case", on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField()
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"


class Proposal(models.Model):
    """A decision that waits for a second person, because its kind needs two."""

    class Settlement(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")
        OVERTAKEN = "overtaken", _("overtaken")  # the case moved, or another decision was proposed

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("abuse.Case", on_delete=models.PROTECT, related_name="proposals")
    outcome = models.CharField(max_length=10, choices=Review.Outcome.choices)
    reason = models.TextField()
    conditions = models.JSONField(default=dict)  # of the probation (abuse.services.probations.Conditions)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settlement = models.CharField(max_length=9, choices=Settlement.choices, blank=True)
    settled_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(settled_at=None), name="one_proposal_waits")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"


class EvidenceRequest(models.Model):
    """Some recipients, drawn by chance, whose consent the client must prove. The seed repeats the draw."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("abuse.Case", on_delete=models.PROTECT, related_name="evidence_requests")
    seed = models.CharField(max_length=32)  # hexadecimal (consent/core/sampling.py)
    wanted = models.PositiveSmallIntegerField()  # recipients asked for; fewer are drawn when fewer are known
    drawn_from = models.PositiveIntegerField()  # recipients that could have been drawn
    note = models.TextField(blank=True)  # to the client
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)  # the client said: that is all
    answered_by = models.CharField(max_length=150, blank=True)  # a person or an API key, as shown

    def __str__(self) -> str:
        return str(self.id)


class SampledRecipient(models.Model):
    """One recipient of a sample, with the client's proof. Address, words and file are encrypted."""

    class Source(models.TextChoices):
        RECORD = "record", _("consent record")
        EVENT = "event", _("delivered mail")

    class Verdict(models.TextChoices):
        PROVED = "proved", _("proved")
        DOUBTFUL = "doubtful", _("doubtful")
        NOT_PROVED = "not_proved", _("not proved")

    request = models.ForeignKey(EvidenceRequest, on_delete=models.CASCADE, related_name="recipients")
    number = models.PositiveSmallIntegerField()  # from 1
    recipient_digest = models.BinaryField(max_length=16)
    address = models.BinaryField()  # encrypted
    source = models.CharField(max_length=6, choices=Source.choices)
    fields = models.BinaryField(null=True)  # encrypted JSON of what the client answered
    file = models.BinaryField(null=True)  # encrypted
    file_name = models.CharField(max_length=255, blank=True)
    file_type = models.CharField(max_length=40, blank=True)  # by its content
    file_scan = models.CharField(max_length=8, choices=AnswerFile.Scan.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    judged_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="sampled_number_once"),
            models.UniqueConstraint(fields=["request", "recipient_digest"], name="sampled_recipient_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.number}"


class Examination(models.Model):
    """What the evidence of a case said when it was examined. Append-only; the newest version is shown."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("abuse.Case", on_delete=models.PROTECT, related_name="examinations")
    version = models.PositiveIntegerField()  # of this case, from 1
    examined_at = models.DateTimeField()
    seen = models.CharField(max_length=64)  # digest of what it looked at: the same again is not examined again
    figures = models.JSONField()  # crossing, opinions of law, recommendation (consent/services/examinations.py)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="examination_version")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.version}"


class Finding(models.Model):
    """One thing an examination found: a question to the client, never a verdict. Append-only."""

    examination = models.ForeignKey(Examination, on_delete=models.PROTECT, related_name="findings")
    upload_id = models.UUIDField(null=True)  # of the file it was found in; null: in all of them together
    code = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    examples = models.JSONField(default=list)  # lines of the file
    value = models.CharField(max_length=255, blank=True)  # what they have in common, for the desk
    weight = models.FloatField()
    p_value = models.FloatField(null=True)
    benign = models.JSONField(default=list)  # keys of the explanations that would be innocent

    def __str__(self) -> str:
        return self.code
