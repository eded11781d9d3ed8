"""The first sheet of an XLSX workbook, as rows of text (ECMA-376, part 1).

The reader holds the whole rectangle around what is written, so one cell in the last corner of a sheet would take all
memory there is: the sheet is measured before, cell by cell, and what is too large is refused.
"""

import io
import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import BinaryIO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from consent.core.line import Line
from consent.core.packing import Limits, UnreadableFile

ZIP = b"PK\x03\x04"

_PIECE = 256 * 1024
_ENTRIES = 2_000  # of the archive; a real workbook has some dozens
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TEXTS = "xl/sharedstrings.xml"
_WORKBOOK = "xl/workbook.xml"
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    rows: Iterator[Line]  # that are not empty; read once
    serials_from: date  # day 0 of its count of days


def open_sheet(stream: BinaryIO, limits: Limits) -> Sheet:
    """Return the first sheet. Raises `UnreadableFile`."""
    data = _bytes_of(stream, limits)
    dates = _measure(data, limits)
    return Sheet(_opened(data), dates.serials_from)


def rows_of(stream: BinaryIO, limits: Limits) -> Iterator[Line]:
    """Return the rows of the first sheet of a workbook that `open_sheet` measured before: it takes twice the time."""
    return _opened(_bytes_of(stream, limits))


def _bytes_of(stream: BinaryIO, limits: Limits) -> bytes:
    data = stream.read(limits.workbook_bytes + 1)
    if len(data) > limits.workbook_bytes:
        raise UnreadableFile("workbook_too_large")
    return data


def _opened(data: bytes) -> Iterator[Line]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise UnreadableFile("damaged") from error
    return _rows(sheet.iter_rows())


def _rows(rows: Iterable[Sequence[object]]) -> Iterator[Line]:
    for number, row in enumerate(rows, start=1):
        cells = tuple(map(_text, row))
        if any(cells):
            yield Line(number, number, cells)


def _measure(data: bytes, limits: Limits) -> "_Dates":
    """Return how the workbook counts days.

    Raises `UnreadableFile` when the archive unpacks to too much, or a sheet has a rectangle too large to hold.
    """
    room = limits.workbook_unpacked_bytes
    dates = _Dates()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not any(_SHEETS.fullmatch(entry.filename) for entry in entries):
                raise UnreadableFile("archive")
            if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > room:
                raise UnreadableFile("bomb")
            lengths: list[int] = []
            # Shared texts first: a cell that names one weighs as much as the text.
            for entry in sorted(entries, key=lambda entry: entry.filename.lower() != _TEXTS):
                sheet: _Scan | None = None
                if _SHEETS.fullmatch(entry.filename):
                    sheet = _Measure(limits, lengths)
                elif entry.filename.lower() == _TEXTS:
                    sheet = _Lengths(lengths)
                elif entry.filename.lower() == _WORKBOOK:
                    sheet = dates
                with archive.open(entry) as content:
                    # The sizes an archive declares may lie: what really comes out is counted.
                    while piece := content.read(_PIECE):
                        room -= len(piece)
                        if room < 0:
                            raise UnreadableFile("bomb")
                        if sheet is not None:
                            sheet.take(piece)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile("damaged") from error  # RuntimeError: zipfile's word for an archive with a password
    return dates


class _Scan(ABC):
    """A part of the workbook as its XML goes by."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EntityDeclHandler = self._entity

    def take(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)

    @abstractmethod
    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """See an element begin."""

    def _entity(self, *_declaration: object) -> None:
        raise UnreadableFile("bomb")  # no spreadsheet program declares entities


class _Dates(_Scan):
    """Which day the workbook's count of days begins with (`workbookPr`, attribute `date1904`)."""

    def __init__(self) -> None:
        super().__init__()
        # 1900 is a leap year to spreadsheets, so that counted from 1899-12-30 all days since March 1900 are right.
        self.serials_from = date(1899, 12, 30)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            self.serials_from = date(1904, 1, 1)


class _Lengths(_Scan):
    """How many characters each shared text has."""

    def __init__(self, lengths: list[int]) -> None:
        super().__init__()
        self._lengths = lengths
        self._parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            self._lengths.append(0)

    def _text(self, text: str) -> None:
        if self._lengths:
            self._lengths[-1] += len(text)


class _Measure(_Scan):
    """The rectangle around the cells of one sheet, and the characters its cells take from the shared texts."""

    def __init__(self, limits: Limits, lengths: list[int]) -> None:
        super().__init__()
        self._limits, self._lengths = limits, lengths
        self._columns = self._rows = self._characters = 0
        self._is_shared = False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            number = attributes.get("r", "")
            self._grow(0, int(number) if number.isdecimal() and len(number) < 8 else self._rows + 1)
        elif tag == "c":
            self._is_shared = attributes.get("t") == "s"
            if place := _PLACE.fullmatch(attributes.get("r", "")):
                self._grow(_column(place[1]), int(place[2]))
        self._parser.CharacterDataHandler = self._number if tag == "v" and self._is_shared else None

    def _number(self, text: str) -> None:
        number = int(text) if text.isdecimal() and len(text) < 9 else -1
        if 0 <= number < len(self._lengths):
            self._characters += self._lengths[number]
            if self._characters > self._limits.workbook_unpacked_bytes:
                raise UnreadableFile("bomb")

    def _grow(self, column: int, row: int) -> None:
        if column > self._columns or row > self._rows:
            self._columns, self._rows = max(column, self._columns), max(row, self._rows)
            if self._columns > self._limits.columns:
                raise UnreadableFile("too_many_columns")
            if self._columns * self._rows > self._limits.workbook_cells:
                raise UnreadableFile("workbook_too_large")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
