"""What clients hand in: questionnaires with their answers, and uploads of consent records."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from courrielleur.ids import uuid7


class Questionnaire(models.Model):
    """The eight questions put to a reseller in one case. A request for more information reopens it."""

    case = models.OneToOneField("abuse.Case", on_delete=models.PROTECT, related_name="questionnaire")
    version = models.CharField(max_length=16)  # of the question set (consent/core/questionnaire.py)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declared_name = models.CharField(max_length=150, blank=True)
    receipt = models.CharField(max_length=16, blank=True)
    reached = models.JSONField(null=True, blank=True)  # {address of question 4: whether it answered}, once asked

    def __str__(self) -> str:
        return f"{self.case_id} {self.version}"


class Answer(models.Model):
    """The latest words of a person to one question; drafts are kept as they are typed."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=32)
    value = models.JSONField()  # shape by question, see consent/core/questionnaire.py
    answered_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_by_label = models.CharField(max_length=150)  # the person or API key, as shown
    saved_at = models.DateTimeField()
    authors = models.JSONField(default=list)  # [{label, at}]: everybody who wrote at it, with their last time

    class Meta:
        constraints = [models.UniqueConstraint(fields=["questionnaire", "question"], name="answer_once")]

    def __str__(self) -> str:
        return self.question


class AnswerFile(models.Model):
    """A document added to an answer: a screenshot, a contract, a mail. Encrypted; can be removed until handed in."""

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        IMAGE = "image", _("image")
        MAIL = "mail", _("e-mail")

    class Scan(models.TextChoices):
        """What the antivirus said. Nobody opens a file that waits."""

        NONE = "", _("not scanned")  # no antivirus was set
        CLEAN = "clean", _("no virus found")
        WAITING = "waiting", _("waits for the antivirus")
        INFECTED = "infected", _("infected: its content was deleted")
        SKIPPED = "skipped", _("the antivirus did not answer")  # and files are not kept aside for it

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="files")
    question = models.CharField(max_length=32)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    media_type = models.CharField(max_length=32)  # by its content, whatever its name says
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    scan = models.CharField(max_length=8, choices=Scan.choices, blank=True, default="")
    added_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    added_by_label = models.CharField(max_length=150)  # the person or API key, as shown
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["questionnaire", "question", "sha256"], name="answer_file_once")]

    def __str__(self) -> str:
        return str(self.id)


class ConsentUpload(models.Model):
    """One file of consent records that an account sent, with what became of its rows.

    Its bytes wait in `ConsentPart` rows until they were read. Only a file that is DONE counts as evidence.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("being received")
        STORED = "stored", _("waiting")
        NEEDS_ANSWER = "needs_answer", _("needs an answer")  # something in it has two meanings
        READING = "reading", _("being read")
        DONE = "done", _("read")
        FAILED = "failed", _("could not be read")
        WITHDRAWN = "withdrawn", _("withdrawn")  # before anything of it was kept, by its sender or by time

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="consent_uploads")
    file_name = models.CharField(max_length=255, blank=True)
    # Of the bytes as they were sent; null until all are here, and once withdrawn: the same file may come again.
    sha256 = models.BinaryField(max_length=32, null=True)
    size = models.PositiveBigIntegerField()  # bytes received so far
    uploaded_by = models.CharField(max_length=150)  # a person or an API key, as shown
    uploaded_at = models.DateTimeField()
    raw = models.BinaryField(null=True)  # the whole file, encrypted, of a release that kept it in one piece
    state = models.CharField(max_length=12, choices=State.choices, default=State.STORED)
    plan = models.JSONField(default=dict)  # how to read it: format, encoding, separator (consent/core/tables.py)
    asks = models.JSONField(default=list)  # what its sender must answer before it is read (consent/core/asks.py)
    answers = models.JSONField(default=dict)  # what its sender said: meaning of columns, order of day and month, zone
    preview = models.BinaryField(null=True)  # its first rows while it needs an answer: JSON, compressed, encrypted
    columns = models.JSONField(default=dict)  # heading in the file -> our field, empty for those we do not know
    rows = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    undated = models.PositiveIntegerField(default=0)  # accepted rows that tell no moment
    day_only = models.PositiveIntegerField(default=0)  # accepted rows that tell the day and no time
    errors = models.JSONField(default=list)  # [{line, column, code, value}], the first thousand; values masked
    last_line = models.PositiveBigIntegerField(default=0)  # read and stored up to here, in lines of the file
    read_bytes = models.PositiveBigIntegerField(default=0)  # the same in bytes as sent, about
    error = models.CharField(max_length=32, blank=True)  # the code of why the whole file failed
    # Of a file that is sent in pieces (consent/services/sending.py):
    declared_size = models.PositiveBigIntegerField(null=True)  # bytes that will come
    declared_sha256 = models.BinaryField(max_length=32, null=True)
    expires_at = models.DateTimeField(null=True)  # forgotten then, if it is not whole
    same_as = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+")  # was here before
    # Not a file: what came record by record on this UTC day (consent/services/captures.py)
    live_on = models.DateField(null=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sha256"], name="consent_upload_once"),
            models.UniqueConstraint(fields=["account", "live_on"], name="consent_live_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class KnownHeading(models.Model):
    """What a column means in the files of one account, as its sender said once; the next file needs no correction."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="known_headings")
    heading = models.CharField(max_length=200)  # without accents, case, spaces or punctuation
    field = models.CharField(max_length=24, blank=True)  # ours; empty: none of them
    said_by = models.CharField(max_length=150)  # a person or an API key, as shown
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "heading"], name="known_heading_once")]

    def __str__(self) -> str:
        return f"{self.heading} {self.field}"


class ConsentPart(models.Model):
    """A piece of a file that waits to be read: compressed, then encrypted. Deleted once the file was read."""

    pk = models.CompositePrimaryKey("upload_id", "position")
    upload = models.ForeignKey(ConsentUpload, on_delete=models.CASCADE, related_name="parts", db_index=False)
    position = models.PositiveBigIntegerField()  # of its first byte in the file
    size = models.PositiveIntegerField()  # bytes of the file in it
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.upload_id} {self.position}"


class ConsentRejects(models.Model):
    """The rows of one chunk of a file that were refused, with their errors: NDJSON, compressed, then encrypted."""

    pk = models.CompositePrimaryKey("upload_id", "line")
    upload = models.ForeignKey(ConsentUpload, on_delete=models.CASCADE, related_name="rejects", db_index=False)
    line = models.PositiveBigIntegerField()  # of the first of them
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.upload_id} {self.line}"


class EvidenceManager(models.Manager["ConsentRecord"]):
    """Only records that count: those of a file that was read to its end."""

    def get_queryset(self) -> models.QuerySet["ConsentRecord"]:
        read = ConsentUpload.objects.filter(pk=models.OuterRef("upload_id"), state=ConsentUpload.State.DONE)
        return super().get_queryset().filter(models.Exists(read))


class ConsentRecord(models.Model):
    """One recipient's consent as the client records it. Append-only."""

    pk = models.CompositePrimaryKey("account_id", "upload_id", "line")
    account_id = models.BigIntegerField()
    upload_id = models.UUIDField()
    line = models.PositiveIntegerField()
    recipient_digest = models.BinaryField(max_length=16)
    fields = models.BinaryField()  # encrypted JSON of everything the row said
    method = models.CharField(max_length=24, blank=True)
    consented_at = models.DateTimeField(null=True)
    ip = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceManager()
    stored = models.Manager["ConsentRecord"]()  # with the rows of a file that is still being read

    class Meta:
        indexes = [models.Index(fields=["account_id", "recipient_digest"], name="consent_record_recipient")]

    def __str__(self) -> str:
        return bytes(self.recipient_digest).hex()[:8]
