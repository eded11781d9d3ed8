"""Repeat decisions from what they kept, and say which would be others today."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from abuse.models import Assessment
from abuse.services import chain, repairs, replays
from abuse.services.replays import Replay

FAILED, WRONG_USAGE = 1, 2


class Command(BaseCommand):
    help = (
        "Repeat decisions and print a JSON line for each: with --decision always, with --since those that would "
        "differ today, be it from what they kept or from the reports of then as they are read now."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--decision", metavar="ID", help="the decision's id, as in its statement of reasons")
        which.add_argument("--since", metavar="DATE", help="every decision since then: 2026-11-21 or a time, UTC")
        parser.add_argument("--repair", action="store_true", help="open a repair case for each stop that was wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        total = differ = wrong = opened = unknown = 0
        for replay in self._replays(options):
            total += 1
            differ += replay.would_differ
            unknown += replay.from_inputs is None
            wrong += replay.would_not_stop
            case = repairs.open_for(replay, now) if options["repair"] and replay.would_not_stop else None
            opened += case is not None
            if options["decision"] or replay.would_differ or not replay.is_intact:
                told = replay.as_json() | ({"repair_case": case.key} if case else {})
                self.stdout.write(json.dumps(told, ensure_ascii=False))
        self.stderr.write(
            f"{total} decisions repeated, {differ} would differ today, {wrong} stops would not have happened, "
            f"{opened} repair cases opened."
        )
        if unknown:
            self.stderr.write(f"{unknown} name a policy that is not here any more, and were not repeated.")
        if wrong and not options["repair"]:
            self.stderr.write("Put these stops before a person: run this again with --repair.")
        if broken := list(chain.broken()):
            for flaw in broken[:20]:
                self.stderr.write(f"Account {flaw.account_id}, decision {flaw.sequence}: {flaw.flaw}.")
            raise CommandError(
                f"{len(broken)} decisions are not what was written: somebody changed the database.", returncode=FAILED
            )

    def _replays(self, options: dict[str, Any]) -> Iterator[Replay]:
        if options["since"]:
            return replays.since(_moment(options["since"]))
        try:
            return iter([replays.one(UUID(options["decision"]))])
        except ValueError:
            raise CommandError(
                f"--decision: {options['decision']!r} is no id. Copy it from the statement of reasons.",
                returncode=WRONG_USAGE,
            ) from None
        except Assessment.DoesNotExist:
            raise CommandError(f"There is no decision {options['decision']}.", returncode=WRONG_USAGE) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if len(text) > 10 else datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        raise CommandError(
            f"--since: {text!r} is no date. Write 2026-11-21, or 2026-11-21T14:00.", returncode=WRONG_USAGE
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
