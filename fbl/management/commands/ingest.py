"""Put mails from files, folders, mbox files or standard input through the whole pipeline."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from courrielleur.jobs.queue import run_now
from fbl.adapters.files import Mail, mails
from fbl.services.inbox import Arrival, store

BATCH = 500


class Command(BaseCommand):
    help = "Store and read mails; the last line on standard output counts them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="file, folder, mbox file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        totals = {"read": 0, "new": 0, "duplicate": 0, "unidentified": 0, "unreadable": 0}
        failed = 0
        batch: list[Mail] = []
        for mail in mails(options["paths"]):
            if mail.error:
                failed += 1
                self.stderr.write(f"{mail.source}: {mail.error}")
                continue
            batch.append(mail)
            if len(batch) >= BATCH:
                _add(totals, _store(batch))
                batch = []
        if batch:
            _add(totals, _store(batch))
        # Read once, when all of it is stored: a backlog is judged after the batch, never in the middle.
        result = run_now("river")
        run_now("deliver")  # also where no worker runs
        totals["unidentified"] = getattr(result, "unidentified", 0)
        totals["unreadable"] = getattr(result, "unreadable", 0)
        self.stdout.write(json.dumps(totals))
        if failed:
            raise SystemExit(1)


def _store(batch: list[Mail]) -> dict[str, int]:
    now = timezone.now()
    stored = store([Arrival(mail.raw, "file", now) for mail in batch])
    new = sum(row.is_new for row in stored)
    return {"read": len(stored), "new": new, "duplicate": len(stored) - new}


def _add(totals: dict[str, int], more: dict[str, int]) -> None:
    for name, number in more.items():
        totals[name] += number
