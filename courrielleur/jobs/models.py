"""Jobs: the rows that cap attempts. The queue may lose a task; the row is the truth."""

from django.db import models
from django.db.models import Q

from courrielleur.ids import uuid7


class Job(models.Model):
    """One run of a pipeline step. `attempts` is committed before the work, so even a SIGKILL counts."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # will be tried again
        DEAD = "dead"  # tried too often: a person looks

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    step = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField()  # when its task was last handed to the queue
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # A step waits once: a second nudge before it has started adds nothing.
            models.UniqueConstraint(fields=["step"], condition=Q(state="queued"), name="job_step_queued_once"),
        ]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"{self.step} {self.state}"
