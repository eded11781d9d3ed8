"""A step waits once, is tried a bounded number of times, and is never lost."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from courrielleur.jobs import queue, selectors
from courrielleur.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

RUNS: list[str] = []


def works() -> str:
    RUNS.append("worked")
    return "done"


def fails() -> None:
    raise RuntimeError("the disk is full")


@pytest.fixture(autouse=True)
def _steps(settings):
    RUNS.clear()
    settings.PIPELINE_STEPS = {"river": f"{works.__module__}.works", "broken": f"{works.__module__}.fails"}


def only_job() -> Job:
    return Job.objects.get()


def test_a_second_nudge_before_the_step_has_started_adds_nothing():
    assert queue.nudge("river") is True
    assert queue.nudge("river") is False
    assert (Job.objects.count(), OrmQ.objects.count()) == (1, 1)


def test_a_nudge_in_a_transaction_that_fails_leaves_nothing():
    def nudge_and_fail() -> None:
        with transaction.atomic():
            queue.nudge("river")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        nudge_and_fail()
    assert (Job.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_a_nudge_while_the_step_runs_lets_it_run_once_more():
    queue.nudge("river")
    Job.objects.update(state=Job.State.RUNNING)
    assert queue.nudge("river") is True


def test_a_job_runs_once_however_often_its_task_is_delivered():
    queue.nudge("river")
    queue.run_job(str(only_job().pk))
    queue.run_job(str(only_job().pk))

    assert RUNS == ["worked"]
    assert only_job().state == Job.State.DONE


def test_a_job_that_fails_keeps_its_error_and_ends_after_its_attempts(settings):
    queue.nudge("broken")
    for _ in range(settings.JOB_MAX_ATTEMPTS + 3):
        queue.run_job(str(only_job().pk))

    job = only_job()
    assert (job.state, job.attempts) == (Job.State.DEAD, settings.JOB_MAX_ATTEMPTS)
    assert "disk is full" in job.error
    assert [dead.pk for dead in selectors.dead_jobs()] == [job.pk]


def test_attempts_of_a_worker_that_is_killed_again_and_again_are_counted(settings):
    queue.nudge("river")
    Job.objects.update(state=Job.State.FAILED, attempts=settings.JOB_MAX_ATTEMPTS)
    queue.run_job(str(only_job().pk))

    assert RUNS == []
    assert only_job().state == Job.State.DEAD


def test_a_job_whose_worker_is_gone_is_taken_up_again():
    queue.nudge("river")
    Job.objects.update(state=Job.State.RUNNING, started_at=timezone.now() - queue.STUCK_AFTER - timedelta(seconds=1))

    assert queue.take_up_lost() == 1
    queue.run_job(str(only_job().pk))
    assert only_job().state == Job.State.DONE


def test_a_job_whose_task_was_lost_is_queued_again():
    queue.nudge("river")
    OrmQ.objects.all().delete()
    Job.objects.update(queued_at=timezone.now() - timedelta(minutes=2))

    assert queue.take_up_lost() == 1
    assert queue.take_up_lost() == 0
    assert OrmQ.objects.count() == 1


def test_a_nudge_hands_a_job_to_the_queue_again_that_has_waited_for_long_and_only_then():
    queue.nudge("river")
    OrmQ.objects.all().delete()
    assert queue.nudge("river") is False
    assert OrmQ.objects.count() == 0

    Job.objects.update(queued_at=timezone.now() - timedelta(minutes=2))
    assert queue.nudge("river") is False
    assert queue.nudge("river") is False
    assert (Job.objects.count(), OrmQ.objects.count()) == (1, 1)


def test_an_unknown_step_is_refused_by_name():
    with pytest.raises(ValueError, match="'nothing' is no step"):
        queue.run_now("nothing")


def test_health_tells_what_waits_and_for_how_long():
    queue.nudge("river")
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=90))

    health = selectors.health(timezone.now())

    assert health.waiting == 1
    assert health.oldest_seconds >= 90


def test_a_step_that_only_fails_shows_for_how_long_and_stops_showing_when_it_works_again():
    queue.nudge("broken")
    queue.run_job(str(only_job().pk))
    later = timezone.now() + timedelta(minutes=10)
    assert selectors.health(later).failing_seconds > 500

    Job.objects.create(step="broken", state=Job.State.DONE, queued_at=timezone.now())
    assert selectors.health(later).failing_seconds == 0


def test_jobs_that_were_given_up_are_kept_for_a_week():
    queue.nudge("river")
    Job.objects.update(state=Job.State.DEAD, ended_at=timezone.now() - timedelta(days=6))
    queue.take_up_lost()
    assert Job.objects.exists()

    Job.objects.update(ended_at=timezone.now() - timedelta(days=8))
    queue.take_up_lost()
    assert not Job.objects.exists()
