"""Mails from files, folders, mbox files and standard input, one at a time."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MBOX_START = b"From "
MAX_MAIL_BYTES = 64 * 1024 * 1024  # no mail is longer; what is, is cut here and read as far as it goes


@dataclass(frozen=True)
class Mail:
    """The bytes of a mail and where they came from; `error` when they could not be had."""

    source: str
    raw: bytes = b""
    error: str = ""


def mails(paths: Iterable[str]) -> Iterator[Mail]:
    """Yield the mails of each path in order: folders sorted and with all below them, `-` for standard input."""
    for path in paths:
        if path == "-":
            yield from _split("-", sys.stdin.buffer.read(MAX_MAIL_BYTES))
        else:
            yield from _below(Path(path))


def _below(path: Path) -> Iterator[Mail]:
    try:
        if path.is_dir():
            for child in sorted(path.iterdir()):
                if not child.name.startswith("."):
                    yield from _below(child)
        else:
            yield from _from_file(path)
    except OSError as error:
        yield Mail(str(path), error=error.strerror or "can't be read")


def _from_file(path: Path) -> Iterator[Mail]:
    with path.open("rb") as file:
        if file.peek(len(MBOX_START)).startswith(MBOX_START):
            yield from _from_mbox(str(path), file)
        else:
            yield Mail(str(path), file.read(MAX_MAIL_BYTES))


def _split(source: str, data: bytes) -> Iterator[Mail]:
    if data.startswith(MBOX_START):
        yield from _from_mbox(source, data.splitlines(keepends=True))
    else:
        yield Mail(source, data)


def _from_mbox(source: str, lines: Iterable[bytes]) -> Iterator[Mail]:
    """Yield the mails of an mbox (RFC 4155), with memory for one mail: a line `From ` after an empty one begins one."""
    mail: list[bytes] = []
    number, size, after_empty = 0, 0, True
    for line in lines:
        if after_empty and line.startswith(MBOX_START):
            if number:
                yield Mail(f"{source}#{number}", b"".join(mail))
            mail, size, number = [], 0, number + 1
        elif size < MAX_MAIL_BYTES:
            size += len(line)
            # mboxrd quotes such lines with ">"; one is taken off (qmail's mbox(5)).
            mail.append(line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(MBOX_START) else line)
        after_empty = not line.strip(b"\r\n")
    if number:
        yield Mail(f"{source}#{number}", b"".join(mail))
