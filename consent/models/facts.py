"""What was measured or asked once and is kept: how far records reach, and what the world says of a domain."""

from django.db import models


class ListCoverage(models.Model):
    """How many of the recipients that an account's feedback tells of have a consent. Measured anew every day.

    Exact figures are for the desk. A client sees steps: a figure that moves with one record would tell who complained.
    """

    account = models.OneToOneField(
        "accounts.Account", primary_key=True, on_delete=models.CASCADE, related_name="list_coverage"
    )
    measured_at = models.DateTimeField(db_index=True)
    recipients = models.PositiveIntegerField()  # distinct, of mail sent in the last 30 days; never a trap
    with_record = models.PositiveIntegerField()
    valid = models.PositiveIntegerField()  # of these: one of the records was a valid consent when the mail was sent
    share = models.FloatField(null=True)  # `valid` of `recipients` in steps, 0 to 1; None when they are too few to tell
    campaigns = models.JSONField(default=list)  # [{campaign, recipients, with_record, valid}], most recipients first

    def __str__(self) -> str:
        return f"{self.account_id} {self.valid}/{self.recipients}"


class OutsideFact(models.Model):
    """What DNS or a registry said of a domain, so that it is asked once. Waits to be asked while `asked_at` is None."""

    class Kind(models.TextChoices):
        MAIL = "mail"  # {"accepts": bool}
        REGISTRATION = "registration"  # {"on": "2019-04-02"}, empty when the registry does not tell

    pk = models.CompositePrimaryKey("kind", "name")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=253)
    wanted_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    value = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["wanted_at"], name="outside_fact_waits", condition=models.Q(asked_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
