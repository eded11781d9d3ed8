"""Read mails and print one JSON line per report; stores nothing, needs no database."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fbl.core.registry import read_report
from fbl.core.report import as_json

MAX_BYTES = 50 * 1024 * 1024  # of one mail; the rest of a longer one is not read

_QUOTED_FROM = re.compile(rb">+From ")


class Command(BaseCommand):
    help = "Reads mails (files, folders, mbox files, - for standard input) and prints one JSON line per report."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--why", action="store_true", help="add to each recipient the rule, code or list that decided its class"
        )
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a mail, a folder of mails, an mbox file, or -")

    def handle(self, *args: Any, **options: Any) -> None:
        unopened: list[str] = []

        def told(error: OSError, source: str = "") -> None:
            unopened.append(source or str(error.filename))
            self.stderr.write(f"{unopened[-1]}: cannot be read: {error.strerror or error}")

        try:
            for source, mails in _sources(options["paths"], told):
                try:
                    for name, raw in mails:
                        self.stdout.write(_line(raw, name, why=options["why"]))
                except OSError as error:
                    if isinstance(error, BrokenPipeError):
                        raise
                    told(error, source)
        except BrokenPipeError:  # the reader of our lines has seen enough
            sys.stderr.close()
            return
        if unopened:
            count = len(unopened)
            raise CommandError(f"{count} of the paths given could not be read; see the lines above.", returncode=1)


def _line(raw: bytes, name: str, *, why: bool) -> str:
    line = json.dumps(as_json(read_report(raw), name, why=why), ensure_ascii=False)
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _sources(
    paths: Iterable[str], told: Callable[[OSError], None]
) -> Iterator[tuple[str, Iterator[tuple[str, bytes]]]]:
    """Yield each file's name and its mails, opened when asked for; folders in sorted order, hidden files left out.

    A folder below that can't be opened is told; the others are read.
    """
    for path in paths:
        if path == "-":
            yield path, _mails(sys.stdin.buffer, "-")
        elif Path(path).is_dir():
            below = os.walk(path, onerror=told)
            for file in sorted(Path(folder, name) for folder, _folders, names in below for name in names):
                if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                    yield str(file), _mails_of(file)
        else:
            yield path, _mails_of(Path(path))


def _mails_of(file: Path) -> Iterator[tuple[str, bytes]]:
    with file.open("rb") as stream:
        if file.suffix.lower() == ".eml":  # one mail, even when an mbox line stands before it
            yield str(file), stream.read(MAX_BYTES)
        else:
            yield from _mails(stream, str(file))


def _mails(stream: BinaryIO, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the mail in the stream, or the mails when it is an mbox: then the name gets a number."""
    first = stream.readline(MAX_BYTES)
    if not first.startswith(b"From "):
        yield name, first + stream.read(MAX_BYTES)
        return
    lines: list[bytes] = []
    number, size, after_blank = 1, 0, False
    for line in stream:
        if after_blank and line.startswith(b"From "):
            yield f"{name}#{number}", b"".join(lines)
            lines, size, after_blank = [], 0, False
            number += 1
            continue
        size += len(line)
        if size <= MAX_BYTES:
            lines.append(line[1:] if _QUOTED_FROM.match(line) else line)
        after_blank = line in (b"\n", b"\r\n")
    yield f"{name}#{number}", b"".join(lines)
