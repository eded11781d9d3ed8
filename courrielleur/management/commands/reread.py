"""Read stored reports again after a fix, and say which decisions about accounts would be others now."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from courrielleur.jobs.queue import run_now
from courrielleur.rereading import reread
from fbl.services.rereading import ids_to_reread

LANES = ("recorded", "unidentified", "unverified", "unreadable", "ignored")


class Command(BaseCommand):
    help = "Read reports again. One JSON line for each account the rule judges otherwise now; the last line counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lane", default="", help=f"only the reports of this lane: {', '.join(LANES)}")
        parser.add_argument(
            "--since", default="", metavar="DATE", help="only reports that arrived since, as 2026-11-20"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lane"] not in ("", *LANES):
            raise CommandError(f"--lane: choose one of {', '.join(LANES)}.", returncode=2)
        outcome = reread(
            ids_to_reread(options["lane"], _date(options["since"])),
            timezone.now(),
            is_rehearsal=options["dry_run"],
        )
        for change in outcome.changes:
            self.stdout.write(json.dumps(asdict(change)))
        if not options["dry_run"]:
            run_now("river")
        names = ("read", "recorded", "unidentified", "unverified", "unreadable", "ignored")
        self.stdout.write(json.dumps({name: getattr(outcome.result, name) for name in names}))


def _date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--since {text}: write a date as 2026-11-20.", returncode=2) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
