"""Compile message catalogues (.po to .mo) with Babel, so that no machine needs gettext to run."""

import os
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po


class UnreadableCatalogue(Exception):
    """A .po file is damaged; the text names it."""


def compile_catalogues(locale_paths: Iterable[Path]) -> list[Path]:
    """Compile the catalogues that are newer than their compiled form; return the files written."""
    written = []
    for source in sorted(path for folder in locale_paths for path in folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        unfinished = target.with_suffix(f".{os.getpid()}.new")
        try:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
            with unfinished.open("wb") as file:
                write_mo(file, catalogue)
        except (PoFileError, ValueError) as error:
            raise UnreadableCatalogue(f"{source}: {error}") from error
        unfinished.rename(target)  # two processes may compile at once: each file is whole
        written.append(target)
    return written
