"""Write the events of a platform that never was, and the truth about its senders: something to judge."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courrielleur.simulation import COLUMNS, families, rows, senders

TRUTH = ("account", "parent", "family", "truth", "bad_from")


class Command(BaseCommand):
    help = (
        "Write DIR/events.csv, which judge and the policy laboratory read, and DIR/truth.csv: what each sender is. "
        f"The same seed gives the same files. Families: {', '.join(family.key for family in families())}."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="a number; another one is another platform")
        parser.add_argument("--scale", type=float, default=0.1, help="1 is about a thousand accounts")
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--families", metavar="NAME,NAME", help="only these")
        parser.add_argument("--out", metavar="DIR", required=True, help="a folder; made when it is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        only = options["families"] and set(options["families"].split(","))
        if unknown := sorted((only or set()) - {family.key for family in families()}):
            raise CommandError(f"There is no family {unknown[0]!r}; see --help.", returncode=2)
        if not 0 < options["scale"] <= 1000 or not 1 <= options["days"] <= 3650:
            raise CommandError("--scale is above 0 and up to 1000, --days from 1 to 3650.", returncode=2)
        platform = list(senders(options["seed"], scale=options["scale"], days=options["days"], only=only))
        folder = Path(options["out"])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with open(folder / "truth.csv", "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(TRUTH)
                writer.writerows(
                    (one.account, one.reseller, one.family, one.truth.value, one.bad_from) for one in platform
                )
            with open(folder / "events.csv", "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows(rows(platform, days=options["days"]))
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}.") from error
        self.stderr.write(f"{len(platform)} senders are in {folder}.")
