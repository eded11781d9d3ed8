"""The policy laboratory's work list: start a trial, cancel it, and work on one in slices that a kill cannot hurt.

Whoever takes a trial writes its name into the row and gives signs of life; after two minutes without one, somebody
else goes on from the last account that is done.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from abuse.models import PolicyVersion, Trial
from abuse.services import laboratory_backtest, laboratory_calibration, laboratory_simulation
from abuse.services.laboratory_bench import LEASE, Bench, Cancelled, LeaseLost
from courrielleur.accounts.models import User
from courrielleur.jobs.queue import nudge
from courrielleur.simulation import families

logger = logging.getLogger(__name__)

SLICE_SECONDS = 20.0  # a worker's turn: others wait for it
LONGEST_DAYS = 180
OPEN = (Trial.State.WAITING, Trial.State.RUNNING)
LARGEST_SCALE = 5.0  # of a simulated platform: about 5,000 senders, some minutes of work
MOST_WAITING = 20
MOST_DEATHS = 5  # of workers over one piece of work, in a row


class TrialRefused(Exception):
    """This trial can't be made. The message says why, for the person who asked."""


def start_backtest(version: PolicyVersion, *, days: int, by: User | None, now: datetime, here: bool = False) -> Trial:
    """Ask for a back-test of *version* over the last *days* whole UTC days. Raises `TrialRefused`.

    *here*: this process works on it at once (`run_to_the_end`), so no worker is called.
    """
    _check_not_in_force(version)
    return _start(Trial(kind=Trial.Kind.BACKTEST, version=version), days=days, by=by, now=now, here=here)


def start_simulation(
    version: PolicyVersion,
    *,
    seed: int,
    scale: float,
    only: Collection[str] = (),
    by: User | None,
    now: datetime,
    here: bool = False,
) -> Trial:
    """Ask for a trial of *version* on a simulated platform. *only* names families of senders; none: all.

    Raises `TrialRefused`. A scale of 1 is about a thousand senders.
    """
    _check_not_in_force(version)
    if not 0 < scale <= LARGEST_SCALE:
        raise TrialRefused(_("Simulate at a scale above 0, up to %(most)s.") % {"most": f"{LARGEST_SCALE:g}"})
    if unknown := sorted(set(only) - {family.key for family in families()}):
        raise TrialRefused(_("There is no family of senders called %(name)s.") % {"name": unknown[0]})
    parameters = {"seed": seed, "scale": scale, "families": sorted(set(only))}
    trial = Trial(kind=Trial.Kind.SIMULATION, version=version, parameters=parameters)
    return _start(trial, days=laboratory_simulation.DAYS, by=by, now=now, here=here)


def start_calibration(*, days: int, target: float, by: User | None, now: datetime, here: bool = False) -> Trial:
    """Ask for a calibration; *target* is the false stops to allow per 10,000 good account-months."""
    if not 0.1 <= target <= 1000:
        raise TrialRefused(_("Allow between 0.1 and 1,000 false stops in 10,000 months."))
    trial = Trial(kind=Trial.Kind.CALIBRATION, parameters={"target": target})
    return _start(trial, days=days, by=by, now=now, here=here)


@transaction.atomic
def cancel(trial_id: UUID, now: datetime) -> Trial:
    """Cancel a trial that is open: at once when nobody works on it, else at its next sign of life."""
    trial = Trial.objects.select_for_update().get(pk=trial_id)
    if trial.is_open:
        trial.cancel_asked_at = now
        if trial.beat_at is None or trial.beat_at < now - LEASE:
            trial.state, trial.ended_at = Trial.State.CANCELLED, now
        trial.save(update_fields=["cancel_asked_at", "state", "ended_at"])
    return trial


def is_due(now: datetime) -> bool:
    """Whether a trial waits for somebody to work on it."""
    return _free(now).exists()


def work(*, seconds: float | None = SLICE_SECONDS) -> bool:
    """Work on the oldest open trial for about *seconds*. False when none waits."""
    trial = _take(timezone.now())
    if trial is None:
        return False
    work_on(trial, seconds=seconds)
    return True


def run_to_the_end(trial: Trial, told: Callable[[Trial], None] | None = None) -> Trial:
    """Work on *trial* in this process until it ends. Raises `LeaseLost` when a worker has it."""
    taken = _take(timezone.now(), trial.pk)
    if taken is None:
        raise LeaseLost
    work_on(taken, seconds=None, told=told)
    return Trial.objects.get(pk=trial.pk)


def work_on(trial: Trial, *, seconds: float | None, told: Callable[[Trial], None] | None = None) -> None:
    bench = Bench(trial, seconds=seconds, told=told)
    try:
        bench.beat()
        result = _worker_of(trial)(bench)
        ended = timezone.now()
        if result is None:
            bench.leave()
        else:
            bench.keep(result=result, state=Trial.State.DONE, ended_at=ended)
    except Cancelled:
        Trial.objects.filter(pk=trial.pk, taken_by=trial.taken_by).update(
            state=Trial.State.CANCELLED, ended_at=timezone.now()
        )
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:
        logger.exception("trial %s failed", trial.pk)
        Trial.objects.filter(pk=trial.pk, taken_by=trial.taken_by).update(
            state=Trial.State.FAILED, ended_at=timezone.now(), error=f"{type(error).__name__}: {error}"[:300]
        )


def _worker_of(trial: Trial) -> Callable[[Bench], dict[str, Any] | None]:
    """Return what does this kind of work: a result when it is done, None when its time was up."""
    return WORKERS[Trial.Kind(trial.kind)]


WORKERS: dict[Trial.Kind, Callable[[Bench], dict[str, Any] | None]] = {
    Trial.Kind.BACKTEST: laboratory_backtest.run,
    Trial.Kind.SIMULATION: laboratory_simulation.run,
    Trial.Kind.CALIBRATION: laboratory_calibration.run,
}


def _check_not_in_force(version: PolicyVersion) -> None:
    if version.state not in (PolicyVersion.State.DRAFT, PolicyVersion.State.RETIRED):
        raise TrialRefused(_("Only what is not in force can be tried against what is."))


def _start(trial: Trial, *, days: int, by: User | None, now: datetime, here: bool) -> Trial:
    if not 1 <= days <= LONGEST_DAYS:
        raise TrialRefused(_("Look at between 1 and %(most)s days.") % {"most": LONGEST_DAYS})
    if Trial.objects.filter(state__in=OPEN).count() >= MOST_WAITING:
        raise TrialRefused(_("Many trials wait already. Cancel one, or wait."))
    trial.last_day = now.date() - timedelta(days=1)
    trial.first_day = trial.last_day - timedelta(days=days - 1)
    trial.requested_by, trial.requested_at, trial.code_version = by, now, settings.VERSION
    trial.save(force_insert=True)
    if not here:
        nudge("laboratory")
    return trial


def _free(now: datetime) -> QuerySet[Trial]:
    return Trial.objects.filter(Q(beat_at=None) | Q(beat_at__lt=now - LEASE), state__in=OPEN)


@transaction.atomic
def _take(now: datetime, trial_id: UUID | None = None) -> Trial | None:
    found = _free(now) if trial_id is None else _free(now).filter(pk=trial_id)
    trial = found.order_by("requested_at").select_for_update(skip_locked=True).first()
    if trial is None:
        return None
    if trial.beat_at is not None:  # whoever had it is gone
        trial.parameters["deaths"] = trial.parameters.get("deaths", 0) + 1
    if trial.parameters.get("deaths", 0) > MOST_DEATHS:
        trial.state, trial.ended_at, trial.beat_at = Trial.State.FAILED, now, None
        trial.error = (
            f"its worker was killed {MOST_DEATHS} times at the same place; `manage.py backtest` has no time limit"
        )
        trial.save(update_fields=["state", "ended_at", "beat_at", "error", "parameters"])
        return None
    trial.taken_by, trial.beat_at, trial.state = uuid4(), now, Trial.State.RUNNING
    trial.save(update_fields=["taken_by", "beat_at", "state", "parameters"])
    return trial
