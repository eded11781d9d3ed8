"""A trial of the laboratory at work: who has it, how far it is, whether to go on."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from abuse.models import Trial

LEASE = timedelta(minutes=2)  # without a sign of life for so long, whoever had a trial is gone


class LeaseLost(Exception):
    """Somebody else works on this trial, or nobody does any more: what was not written yet is forgotten."""


class Cancelled(Exception):
    """A person asked to stop."""


class Bench:
    """A trial at work: says how far it is, and whether to go on."""

    def __init__(self, trial: Trial, *, seconds: float | None, told: Callable[[Trial], None] | None = None) -> None:
        """*seconds* None: to the end, as the command does; *told* hears of each step."""
        self.trial = trial
        self.is_patient = seconds is None
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._told = told

    def has_time(self) -> bool:
        return self._ends is None or time.monotonic() < self._ends

    def beat(self) -> None:
        """Give a sign of life. Raises `LeaseLost`, and `Cancelled` when a person asked for it."""
        self._write(beat_at=timezone.now())
        if Trial.objects.filter(pk=self.trial.pk, cancel_asked_at__isnull=False).exists():
            raise Cancelled

    def keep(self, **columns: Any) -> None:
        """Write how far the trial is, in the caller's transaction. Raises `LeaseLost`."""
        if "done" in columns and self.trial.parameters.pop("deaths", None):
            columns["parameters"] = self.trial.parameters  # it got past the place
        self._write(beat_at=timezone.now(), **columns)
        for name, value in columns.items():
            setattr(self.trial, name, value)
        if self._told:
            self._told(self.trial)

    def leave(self) -> None:
        """Put the trial back: somebody goes on with it later."""
        self._write(taken_by=None, beat_at=None)

    def _write(self, **columns: Any) -> None:
        mine = Trial.objects.filter(pk=self.trial.pk, taken_by=self.trial.taken_by, state=Trial.State.RUNNING)
        if not mine.update(**columns):
            raise LeaseLost
