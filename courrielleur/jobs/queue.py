"""Nudge a step of the pipeline, and run it: at most once waiting, a bounded number of tries, all visible.

A queue may lose a task; rows are the truth. The worker takes a job's row and commits the attempt *before* it
works, so that a job whose worker is killed again and again ends as DEAD instead of running for ever
(django-q2 alone would run it without end).
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.tasks import async_task

from courrielleur.ids import uuid7
from courrielleur.jobs.models import Job

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(seconds=10)  # in the queue: a live worker takes a task within a second
STUCK_AFTER = timedelta(minutes=10)  # more than the worker's time limit: whoever had it is gone
KEEP_ENDED = timedelta(days=1)
KEEP_DEAD = timedelta(days=7)  # long enough for a person to have looked


def nudge(step: str) -> bool:
    """Ask for *step* to run soon; False when it waits already. Inside a transaction it takes effect at commit.

    A job that has waited for long may have lost its task with a killed worker: it is handed to the queue again.
    """
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_QUEUE, [uuid7(), step, now, now])
        row = cursor.fetchone()
        is_new = row is not None
        if row is None:
            cursor.execute(_QUEUE_AGAIN, [now, step, now - LOST_AFTER])
            row = cursor.fetchone()
        if row is not None:
            async_task(run_job, str(row[0]))
    return is_new


def run_job(job_id: str) -> None:
    """Run one job, as the worker does. A job that another worker has, or that has ended, is left alone."""
    now = timezone.now()
    taken = Job.objects.filter(pk=UUID(job_id), state__in=[Job.State.QUEUED, Job.State.FAILED]).update(
        state=Job.State.RUNNING, attempts=F("attempts") + 1, started_at=now
    )
    if not taken:
        return
    job = Job.objects.get(pk=job_id)
    if job.attempts > settings.JOB_MAX_ATTEMPTS:
        _end(job, Job.State.DEAD, job.error)
        return
    try:
        run_now(job.step)
    except Exception as error:
        logger.exception("step %s failed, attempt %s", job.step, job.attempts)
        dead = job.attempts >= settings.JOB_MAX_ATTEMPTS
        _end(job, Job.State.DEAD if dead else Job.State.FAILED, f"{type(error).__name__}: {error}"[:2000])
    else:
        _end(job, Job.State.DONE, "")


def run_now(step: str) -> object:
    """Run *step* in this process and return what it returns."""
    return _step(step)()


def run_scheduled(step: str) -> None:
    """Run *step* from a schedule. The net under everything: it also takes up what was dropped."""
    take_up_lost()
    nudge(step)


def take_up_lost() -> int:
    """Queue again the jobs whose worker died or whose task was lost; prune those ended long ago. Return how many."""
    now = timezone.now()
    Job.objects.filter(state=Job.State.DONE, ended_at__lt=now - KEEP_ENDED).delete()
    Job.objects.filter(state=Job.State.DEAD, ended_at__lt=now - KEEP_DEAD).delete()
    lost = Job.objects.filter(state=Job.State.RUNNING, started_at__lt=now - STUCK_AFTER)
    lost.update(state=Job.State.FAILED, error="the worker ended in the middle")
    waiting = Job.objects.filter(state=Job.State.FAILED) | Job.objects.filter(
        state=Job.State.QUEUED, queued_at__lt=now - LOST_AFTER
    )
    ids = list(waiting.values_list("pk", flat=True))
    waiting.update(queued_at=now)
    for job_id in ids:
        async_task(run_job, str(job_id))
    return len(ids)


def _end(job: Job, state: Job.State, error: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, error=error, ended_at=timezone.now())


def _step(name: str) -> Callable[[], object]:
    try:
        path = settings.PIPELINE_STEPS[name]
    except KeyError as error:
        raise ValueError(
            f"{name!r} is no step of the pipeline; known are {', '.join(settings.PIPELINE_STEPS)}"
        ) from error
    step: Callable[[], object] = import_string(path)
    return step


_QUEUE = """
    INSERT INTO jobs_job (id, step, state, attempts, error, created_at, queued_at)
    VALUES (%s, %s, 'queued', 0, '', %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""

_QUEUE_AGAIN = "UPDATE jobs_job SET queued_at = %s WHERE step = %s AND state = 'queued' AND queued_at < %s RETURNING id"
