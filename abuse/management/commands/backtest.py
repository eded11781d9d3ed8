"""Try a version of the policy on the stored history, or calibrate, in one go."""

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from abuse.models import PolicyVersion, Trial, TrialFinding
from abuse.selectors import laboratory as selectors
from abuse.services import laboratory
from abuse.services.laboratory import TrialRefused
from abuse.services.laboratory_bench import LeaseLost
from fbl.selectors import day_of

FAILED, WRONG_USAGE = 1, 2


class Command(BaseCommand):
    help = (
        "Say whom a version of the policy would have stopped, against what is in force: a JSON line for each account"
        " treated otherwise (on a simulated platform, for each family of senders), then one with the sums."
        " A trial that was cut off goes on with --resume."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("version", type=int, nargs="?", help="the number of a draft")
        what.add_argument("--calibrate", action="store_true", help="estimate the constants from good senders instead")
        what.add_argument("--resume", metavar="TRIAL", help="go on with a trial, by its id")
        parser.add_argument("--days", type=int, default=30, help="whole UTC days to look at, up to yesterday")
        parser.add_argument(
            "--target", type=float, default=5.0, help="false stops to allow in 10,000 good account-months"
        )

        simulated = parser.add_argument_group("on a simulated platform")
        simulated.add_argument("--simulated", action="store_true", help="judge senders of whom the truth is known")
        simulated.add_argument("--seed", type=int, default=1, help="a number; another one is another platform")
        simulated.add_argument("--scale", type=float, default=0.5, help="1 is about a thousand senders")
        simulated.add_argument("--families", metavar="NAME,NAME", default="", help="only these; see `simulate --help`")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            trial = self._trial(options)
        except TrialRefused as refused:
            raise CommandError(str(refused), returncode=WRONG_USAGE) from refused
        except (PolicyVersion.DoesNotExist, Trial.DoesNotExist, ValidationError, ValueError) as error:
            raise CommandError("There is no such version or trial.", returncode=WRONG_USAGE) from error
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task(str(trial.get_kind_display()), total=trial.total, completed=trial.done)
            try:
                ended = laboratory.run_to_the_end(
                    trial, told=lambda one: progress.update(bar, total=one.total, completed=one.done)
                )
            except LeaseLost as error:
                raise CommandError(
                    f"Another process works on trial {trial.pk}; try again in two minutes.", returncode=FAILED
                ) from error
        result = ended.result or {}
        for family in result.pop("families", []):
            self.stdout.write(json.dumps(family))
        for finding in selectors.findings(ended).iterator(500):
            self.stdout.write(json.dumps(_as_json(finding), ensure_ascii=False))
        self.stdout.write(json.dumps({"trial": str(ended.pk), "state": ended.state, **result}))
        if ended.state != Trial.State.DONE:
            raise CommandError(f"The trial is {ended.state}. {ended.error}", returncode=FAILED)

    def _trial(self, options: dict[str, Any]) -> Trial:
        now = timezone.now()
        if options["simulated"] and options["version"] is None:
            raise TrialRefused("--simulated takes the number of a version.")
        if options["resume"]:
            trial = Trial.objects.get(pk=UUID(options["resume"]))
            if not trial.is_open:
                raise TrialRefused(f"The trial is {trial.state}.")
            return trial
        if options["calibrate"]:
            return laboratory.start_calibration(
                days=options["days"], target=options["target"], by=None, now=now, here=True
            )
        version = PolicyVersion.objects.get(number=options["version"])
        if options["simulated"]:
            return laboratory.start_simulation(
                version,
                seed=options["seed"],
                scale=options["scale"],
                only=[name for name in options["families"].split(",") if name],
                by=None,
                now=now,
                here=True,
            )
        return laboratory.start_backtest(version, days=options["days"], by=None, now=now, here=True)


def _as_json(finding: TrialFinding) -> dict[str, Any]:
    return {
        "account": finding.account.key,
        "kind": finding.kind,
        "active_hour": finding.active_hour,
        "draft_hour": finding.draft_hour,
        "active_day": _day(finding.active_hour),
        "draft_day": _day(finding.draft_hour),
        "active_reasons": finding.active_reasons,
        "draft_reasons": finding.draft_reasons,
        "mail": finding.mail,
        "was_stopped_at": finding.was_stopped_at.isoformat() if finding.was_stopped_at else None,
        "was_cleared_at": finding.was_cleared_at.isoformat() if finding.was_cleared_at else None,
    }


def _day(hour: int | None) -> str | None:
    return None if hour is None else day_of(hour).isoformat()
