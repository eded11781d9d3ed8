"""How the worker is doing, told by rows, not by processes that look alive."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef

from courrielleur.jobs.models import Job


@dataclass(frozen=True)
class QueueHealth:
    waiting: int
    oldest_seconds: float  # 0 when nothing waits
    failed: int
    dead: int
    last_done_at: datetime | None
    failing_seconds: float = 0.0  # how long a step has only failed; 0 when each was done since


def health(now: datetime) -> QueueHealth:
    counts = dict(Job.objects.values_list("state").annotate(Count("pk")))
    oldest = Job.objects.filter(state=Job.State.QUEUED).aggregate(at=Min("created_at"))["at"]
    last = Job.objects.filter(state=Job.State.DONE).order_by("-ended_at").values_list("ended_at", flat=True).first()
    return QueueHealth(
        waiting=counts.get(Job.State.QUEUED, 0),
        oldest_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        failed=counts.get(Job.State.FAILED, 0),
        dead=counts.get(Job.State.DEAD, 0),
        last_done_at=last,
        failing_seconds=_failing_seconds(now),
    )


def _failing_seconds(now: datetime) -> float:
    """Return the age of the oldest job that failed while its step was never done since."""
    done = Job.objects.filter(step=OuterRef("step"), state=Job.State.DONE, created_at__gt=OuterRef("created_at"))
    failed = Job.objects.filter(~Exists(done), state__in=[Job.State.FAILED, Job.State.DEAD])
    oldest = failed.aggregate(at=Min("created_at"))["at"]
    return (now - oldest).total_seconds() if oldest else 0.0


def dead_jobs() -> list[Job]:
    return list(Job.objects.filter(state=Job.State.DEAD).order_by("-ended_at")[:100])
