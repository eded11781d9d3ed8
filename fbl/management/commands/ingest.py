"""Put mails from files, folders, mbox files or standard input through the whole pipeline."""

import json
import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from courrielleur.jobs.queue import nudge, run_now
from fbl.adapters.files import Mail, mails
from fbl.core.doors import Door
from fbl.services.inbox import Arrival, store

BATCH = 500


class Command(BaseCommand):
    help = "Store and read mails; the last line on standard output counts them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", metavar="PATH", help="file, folder, mbox file, or - for standard input")
        parser.add_argument("--store", action="store_true", help="only store; the worker reads. For an MTA's pipe")

        again = parser.add_argument_group("read again what is stored, after a fix")
        again.add_argument("--reread", action="store_true", help="as the command reread does")
        again.add_argument("--lane", default="", help="only the reports of this lane")
        again.add_argument("--since", default="", metavar="DATE", help="only reports that arrived since, as 2026-11-20")
        again.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")

    def handle(self, *args: Any, store: bool = False, reread: bool = False, **options: Any) -> None:
        if reread == bool(options["paths"]):
            raise CommandError("Name files to ingest, or say --reread; one of the two.", returncode=2)
        if reread:
            # By name: what would change in the standings is known above this room.
            asked = {name: options[name] for name in ("lane", "since", "dry_run")}
            call_command("reread", stdout=self.stdout, stderr=self.stderr, **asked)
            return
        if not store:
            self._ingest(options["paths"])
            return
        try:
            totals, failed = self._store_all(options["paths"])
            nudge("river")
        except DatabaseError as error:
            # An MTA that reads this status (sysexits.h) keeps the mail, and comes again later.
            self.stderr.write(f"The database: {str(error).strip()}")
            raise SystemExit(os.EX_TEMPFAIL) from error
        self.stdout.write(json.dumps(totals))
        if failed:
            raise SystemExit(1)

    def _ingest(self, paths: list[str]) -> None:
        totals, failed = self._store_all(paths)
        # Read once, when all of it is stored: a backlog is judged after the batch, never in the middle.
        result = run_now("river")
        run_now("deliver")  # also where no worker runs
        totals["unidentified"] = getattr(result, "unidentified", 0)
        totals["unreadable"] = getattr(result, "unreadable", 0)
        self.stdout.write(json.dumps(totals))
        if failed:
            raise SystemExit(1)

    def _store_all(self, paths: list[str]) -> tuple[dict[str, int], int]:
        """Store the mails of *paths*. Return the totals, and how many could not be had."""
        totals = {"read": 0, "new": 0, "duplicate": 0, "unidentified": 0, "unreadable": 0}
        failed = 0
        batch: list[Mail] = []
        for mail in mails(paths):
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
        return totals, failed


def _store(batch: list[Mail]) -> dict[str, int]:
    now = timezone.now()
    stored = store([Arrival(mail.raw, Door.PIPE if _is_piped(mail) else Door.FILE, now) for mail in batch])
    new = sum(row.is_new for row in stored)
    return {"read": len(stored), "new": new, "duplicate": len(stored) - new}


def _is_piped(mail: Mail) -> bool:
    return mail.source == "-" or mail.source.startswith("-#")


def _add(totals: dict[str, int], more: dict[str, int]) -> None:
    for name, number in more.items():
        totals[name] += number
