"""Open a table that somebody exported: find its encoding, its separator and its columns, lose nothing."""

import codecs
import csv
import io
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "headings.toml"
DELIMITERS = (",", ";", "\t", "|")

_MOST_CHARACTERS_OF_HEADINGS = 65_536
_BINARY_STARTS = {
    b"PK\x03\x04": "workbook",  # XLSX, ODS
    b"\xd0\xcf\x11\xe0": "workbook",  # XLS
    b"%PDF": "not_text",
    b"\x1f\x8b": "not_text",  # gzip
}


class UnreadableFile(Exception):
    """The whole file can't be read; `code` is a key of [file.*] in `consent/data/file_messages.toml`."""

    def __init__(self, code: str, headings: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.headings = headings


@dataclass(frozen=True)
class Line:
    """One row of the file: where it begins, its cells, and whether the reader could make sense of it."""

    number: int  # of the first physical line, from 1
    cells: tuple[str, ...]
    is_readable: bool = True


@dataclass(frozen=True)
class Table:
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    columns: Mapping[str, str]  # heading -> our field; empty for a heading that we do not know
    fields: tuple[str, ...]  # our field for each column, empty for one that we do not know
    lines: Iterator[Line]  # below the headings; read once


def open_table(data: bytes) -> Table:
    """Return the table in *data*. Raises `UnreadableFile` when it is not one."""
    if not data.strip():
        raise UnreadableFile("empty")
    for start, code in _BINARY_STARTS.items():
        if data.startswith(start):
            raise UnreadableFile(code)
    encoding = _encoding(data)
    # StringIO without newline translation: the csv module must see the line ends inside quoted cells.
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter)
    first = next((line for line in lines if any(line.cells)), None)
    if first is None:
        raise UnreadableFile("empty")
    headings = tuple(cell.strip() for cell in first.cells)
    if first.number == 1 and headings[0].casefold().startswith("sep=") and not any(headings[1:]):
        first = next((line for line in lines if any(line.cells)), None)
        headings = tuple(cell.strip() for cell in first.cells) if first else ()
    fields = _fields(headings)
    if not any(fields):
        raise UnreadableFile("no_headings", headings)
    columns: dict[str, str] = {}
    for heading, field in zip(headings, fields, strict=True):
        columns[heading] = columns.get(heading) or field
    return Table(encoding, delimiter, headings, columns, fields, lines)


def plain(heading: str) -> str:
    """Return a heading as it is compared: no accents, case, spaces or punctuation.

    >>> plain("Prov/État")
    'provetat'
    """
    letters = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4096]
    if head.count(0) > len(head) // 4:  # UTF-16 without a mark: every second byte of Latin text is zero
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    if 0 in head:
        raise UnreadableFile("not_text")
    try:
        codecs.decode(data, "utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(text: io.TextIOWrapper) -> str:
    """Return the separator that finds most headings we know, else most columns; leave *text* at its start."""
    first = ""
    while not first.strip() or first.casefold().lstrip("\ufeff").startswith("sep="):
        first = text.readline(_MOST_CHARACTERS_OF_HEADINGS)
        if not first:
            break
    text.seek(0)

    def score(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return sum(map(bool, _fields(tuple(cells)))), len(cells)

    return max(DELIMITERS, key=score)


def _lines(text: io.TextIOWrapper, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line(number, (), is_readable=False)
        else:
            yield Line(number, tuple(cells))


def _fields(headings: tuple[str, ...]) -> tuple[str, ...]:
    """Return our field for each heading; of two columns with one meaning the first has it."""
    known = _known_headings()
    fields: list[str] = []
    for heading in headings:
        field = known.get(plain(heading), "")
        fields.append("" if field in fields else field)
    return tuple(fields)


@cache
def _known_headings() -> dict[str, str]:
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    known = {plain(field): field for field in table}
    return known | {plain(heading): field for field, headings in table.items() for heading in headings}
