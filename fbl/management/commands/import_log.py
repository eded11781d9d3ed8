"""Import the accounting logs of an MTA: delivered mail as counts, bounces and complaints as events."""

import csv
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from courrielleur import vault
from fbl.adapters.log_files import STDIN, LogFile
from fbl.adapters.log_runs import Watch, follow, import_each
from fbl.core.logs import generic_csv, pmta
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.bounces import class_of
from fbl.core.logs.kumo import KumoReader
from fbl.core.logs.postfix import PostfixReader
from fbl.core.logs.record import Reader, Reject
from fbl.core.logs.times import Clock
from fbl.services.log_imports import FileImport, known_accounts
from fbl.services.log_ledger import Summary

REJECT_COLUMNS = ("line", "reason", "text")


class Command(BaseCommand):
    help = (
        "Import accounting logs, each record once; a run that was cut short goes on where it stopped."
        " The last line on standard output counts the lines."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="log file, plain, .gz or .zst; - for stdin")
        parser.add_argument("--format", required=True, choices=("pmta", "kumo", "postfix", "csv"))
        parser.add_argument("--follow", action="store_true", help="wait for more, also across rotation, until stopped")
        parser.add_argument("--account-from", default="", metavar="FIELD", help="what names the account")
        parser.add_argument("--campaign-from", default="", metavar="FIELD", help="what names the campaign")
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="for csv; may be given several times"
        )
        parser.add_argument("--timezone", default="UTC", metavar="ZONE", help="of times written without one")
        parser.add_argument(
            "--categories", action="store_true", help="also print what the MTA called the bounces, beside our classes"
        )
        parser.add_argument("--rejects", metavar="FILE", help="add the lines that can't be counted to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        summary = Summary()
        with ExitStack() as stack:
            new_reader = _new_reader(options)
            on_rejects = stack.enter_context(_rejects(options["rejects"]))
            is_told_to_stop = stack.enter_context(_told_to_stop())
            progress = stack.enter_context(_progress())

            def new_import(file: LogFile) -> FileImport:
                attribution = _attribution(options)
                reader = new_reader(file, attribution)
                return FileImport(
                    file, reader, attribution, format=options["format"], summary=summary, on_rejects=on_rejects
                )

            run = follow if options["follow"] else import_each
            failures = run(options["paths"], new_import, Watch(is_told_to_stop, self.stderr.write, progress))
        reasons = summary.reasons
        if reasons:
            told = ", ".join(f"{reason} {number}" for reason, number in reasons.most_common())
            self.stderr.write(f"Not counted: {told}.")
        if options["categories"]:
            for row in _agreement(summary):
                self.stdout.write(json.dumps(row))
        figures = {name: value for name, value in asdict(summary).items() if name not in ("reasons", "categories")}
        self.stdout.write(json.dumps(figures))
        if failures:
            raise SystemExit(1)


def _agreement(summary: Summary) -> Iterator[dict[str, object]]:
    """Yield how often each word of the MTA met each class of ours; `agrees` is null when the word names no class."""
    for (category, ours), number in sorted(summary.categories.items(), key=lambda one: (-one[1], one[0])):
        theirs = class_of(category)
        yield {
            "category": category,
            "category_class": theirs.value if theirs else None,
            "class": ours,
            "agrees": theirs.value == ours if theirs else None,
            "bounces": number,
        }


def _new_reader(options: dict[str, Any]) -> Callable[[LogFile, Attribution], Reader]:
    """Return what makes a reader. Raises `CommandError` for options that don't fit."""
    zone, names = _zone(options), {"account_from": options["account_from"], "campaign_from": options["campaign_from"]}
    if options["map"] and options["format"] != "csv":
        raise CommandError("--map is for --format csv: the other formats name their fields.", returncode=2)
    try:
        columns = generic_csv.mapping(options["map"])
    except generic_csv.BadMapping as error:
        raise CommandError(f"--map {error}", returncode=2) from error

    def new_reader(file: LogFile, attribution: Attribution) -> Reader:
        if options["format"] == "pmta":
            return pmta.reader(attribution, **names)
        if options["format"] == "kumo":
            return KumoReader(attribution, **names)
        if options["format"] == "csv":
            return generic_csv.reader(attribution, columns=columns, **names)
        until = file.modified_at or timezone.now()
        return PostfixReader(attribution, until=until, zone=zone, account_from=options["account_from"])

    return new_reader


def _attribution(options: dict[str, Any]) -> Attribution:
    return Attribution(
        accounts=known_accounts(),
        keys=vault.reference_keys(),
        digest_key=vault.digest_key(),
        clock=Clock(int(timezone.now().timestamp() // 3600) + 1, _zone(options)),
    )


def _zone(options: dict[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(options["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(f"--timezone {options['timezone']}: there is no such zone.", returncode=2) from error


@contextmanager
def _rejects(path: str | None) -> Iterator[Callable[[Sequence[Reject]], None]]:
    """Yield what writes rejected lines down, before the batch they stand in is committed: none is lost."""
    if path is None:
        yield lambda rejects: None
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(path).open("a", encoding="utf-8", newline=""))
        except OSError as error:
            raise CommandError(f"--rejects {path}: {error.strerror}.", returncode=2) from error
        writer = csv.writer(file)
        if file.tell() == 0:
            writer.writerow(REJECT_COLUMNS)

        def write(rejects: Sequence[Reject]) -> None:
            writer.writerows((one.line, one.reason.value, one.text) for one in rejects)
            file.flush()

        yield write


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Yield whether SIGTERM or Ctrl-C came: the batch is finished, then we end."""
    told: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, remember) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress() -> Iterator[Callable[[LogFile], None]]:
    """Yield what moves the bar; there is none unless a person watches."""
    if not sys.stderr.isatty():
        yield lambda file: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def show(file: LogFile) -> None:
            done, total = file.progress()
            if file.name not in tasks:
                tasks[file.name] = bar.add_task("stdin" if file.name == STDIN else file.name)
            bar.update(tasks[file.name], completed=done, total=total)

        yield show
