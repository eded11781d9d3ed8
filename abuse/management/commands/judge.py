"""Run the decision rule over an event file, without a database: what would it have stopped, and when?"""

import csv
import gzip
import json
import sys
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from abuse.core.event_file import COLUMNS, BadEvents, BadHeading, in_order
from abuse.core.judging import Judge
from abuse.core.policy import BadPolicy, Policy, default_policy, parse_policy, reference_policy
from abuse.core.vectors import answer_of, differences, verdict_of

FAILED, WRONG_USAGE = 1, 2
GZIPPED = b"\x1f\x8b"  # how such a file begins


class Command(BaseCommand):
    help = (
        "Judge the accounts of an event file hour by hour and print a JSON line whenever one changes its state. "
        f"Columns, in any order, the rows sorted by seen_hour: {','.join(COLUMNS)}."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "events",
            nargs="?",
            metavar="EVENTS.csv",
            help="the event file, as text or gzipped, or - for standard input",
        )
        parser.add_argument(
            "--providers",
            metavar="NAME=fbl,NAME=none",
            help="which mailbox providers have a feedback loop; without it, those that sent a complaint so far",
        )
        parser.add_argument(
            "--policy",
            metavar="FILE|reference",
            help="a policy to try instead of the one that comes with us; reference is the published rule",
        )
        parser.add_argument(
            "--vectors", metavar="VECTORS.jsonl", help="answer test vectors by the reference rule instead of judging"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["vectors"]:
            self._answer(options["vectors"])
            return
        if options["events"] is None:
            raise CommandError("Name an event file, or - for standard input.", returncode=WRONG_USAGE)
        judge = Judge(_policy(options["policy"]), _providers(options["providers"]))
        path = options["events"]
        try:
            with nullcontext(sys.stdin) if path == "-" else _opened(path) as file:
                self._judge(judge, file)
        except BrokenPipeError:
            pass  # a reader such as `head` may leave early; that is no failure
        except BadHeading as error:
            raise CommandError(str(error), returncode=WRONG_USAGE) from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise CommandError(f"{path}: {error}", returncode=FAILED) from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.", returncode=WRONG_USAGE) from error
        except (BadEvents, csv.Error, UnicodeDecodeError) as error:
            raise CommandError(str(error), returncode=FAILED) from error

    def _answer(self, path: str) -> None:
        """Print what the reference rule says of each vector, and where that is not what the vector expects."""
        differing = 0
        try:
            for line in Path(path).read_text(encoding="utf-8").splitlines():
                vector = json.loads(line)
                found = {key: {"expected": a, "found": b} for key, (a, b) in differences(vector).items()}
                differing += bool(found)
                answer = {"name": vector["name"], "agrees": not found, "differs": found}
                self.stdout.write(json.dumps(answer | answer_of(verdict_of(vector))))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.", returncode=WRONG_USAGE) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError(f"{path} holds a line that is no vector: {error}.", returncode=FAILED) from error
        if differing:
            raise CommandError(f"{differing} vectors expect something else.", returncode=FAILED)

    def _judge(self, judge: Judge, file: TextIO) -> None:
        rows = csv.reader(file)
        for change in judge.changes(in_order(next(rows, []), rows)):
            figures = change.verdict.figures()
            line = {"account": change.account, "hour": change.hour, "state": figures.pop("state"), **figures}
            self.stdout.write(json.dumps(line))


def _opened(path: str) -> TextIO:
    """Open an event file, gzipped or not, with or without a byte order mark."""
    with open(path, "rb") as file:
        is_gzipped = file.read(len(GZIPPED)) == GZIPPED
    if is_gzipped:
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig")
    return open(path, newline="", encoding="utf-8-sig")


def _policy(path: str | None) -> Policy:
    if path is None:
        return default_policy()
    if path == "reference":
        return reference_policy()
    try:
        return parse_policy(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadPolicy) as error:
        raise CommandError(f"{path}: {error}", returncode=WRONG_USAGE) from error


def _providers(text: str | None) -> frozenset[str] | None:
    """Return the providers marked fbl, or None when the option was not given."""
    if text is None:
        return None
    named: dict[str, str] = {}
    for item in text.split(","):
        name, _, feed = item.strip().partition("=")
        if not name or feed not in {"fbl", "none"}:
            raise CommandError(
                f"--providers: {item.strip()!r} should look like name=fbl or name=none.", returncode=WRONG_USAGE
            )
        named[name] = feed
    return frozenset(name for name, feed in named.items() if feed == "fbl")
