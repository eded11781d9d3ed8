"""Open a table that somebody exported: find its form, encoding, separator and columns once; lose nothing.

`inspect` goes over the whole file and says how to read it; `lines_of` reads it, from the beginning or from any row
where an interrupted reading stood. Neither holds more of a text than a piece of it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import chain, islice
from typing import Any, BinaryIO

from consent.core import loose, workbooks
from consent.core.encodings import encoding_of
from consent.core.headings import fields_of, names_of, plain
from consent.core.line import Line
from consent.core.moments import DateOrder, Habits, read_zone
from consent.core.packing import GZIP, Limits, UnreadableFile, unpacked

__all__ = ["Line", "Plan", "Table", "UnreadableFile", "inspect", "lines_of", "open_table", "plain"]

DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADING = 200  # characters

_MOST_CHARACTERS_OF_HEADINGS = 65_536
_BINARY_STARTS = {
    b"\xd0\xcf\x11\xe0": "workbook",  # XLS, or a workbook with a password
    b"%PDF": "not_text",
    b"\x89PNG": "not_text",
    b"\xff\xd8\xff": "not_text",
    GZIP: "packed_twice",
    b"\x28\xb5\x2f\xfd": "other_packing",  # Zstandard
    b"BZh": "other_packing",
    b"\xfd7zXZ": "other_packing",
    b"7z\xbc\xaf": "other_packing",
    b"Rar!": "other_packing",
}


class Form(StrEnum):
    CSV = "csv"  # TSV too, and any other separator
    WORKBOOK = "xlsx"
    NDJSON = "ndjson"  # one JSON object in each line
    PAIRS = "pairs"  # `Key: value` lines, an empty line between recipients


@dataclass(frozen=True)
class Plan:
    """How to read one file; kept as JSON while it is read in parts."""

    form: Form
    is_packed: bool
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    fields: tuple[str, ...]  # our field for each column, empty for one that we do not know
    first: int  # lines of the file up to the first one of data
    # How its moments are written, where the writing does not tell (consent/core/moments.py); empty: nobody said.
    order: str = ""
    zone: str = ""
    takes_days: bool = False
    serials_from: str = ""  # day 0 of a workbook, ISO 8601
    is_sampled: bool = False  # only the first rows were asked how they write moments

    @property
    def habits(self) -> Habits:
        return Habits(
            order=DateOrder(self.order) if self.order else None,
            zone=read_zone(self.zone) if self.zone else None,
            takes_days=self.takes_days,
            serials_from=date.fromisoformat(self.serials_from) if self.serials_from else None,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Return a name for each column, its heading where it is the only one with it."""
        return names_of(self.headings)

    def with_columns(self, meant: Mapping[str, str]) -> "Plan":
        """Return the plan in which columns of these names are taken for these fields of ours, or for none if empty.

        A column that was taken for one of these fields by its heading is no longer.
        """
        given = {name: meant[name] for name in self.names if name in meant}
        claimed = set(given.values())
        fields = [
            given.get(name, "" if field in claimed else field)
            for name, field in zip(self.names, self.fields, strict=True)
        ]
        return replace(self, fields=tuple(fields))

    @property
    def columns(self) -> dict[str, str]:
        """Return our field by heading, empty for a heading that we do not know."""
        columns: dict[str, str] = {}
        for heading, field in zip(self.headings, self.fields, strict=True):
            columns[heading] = columns.get(heading) or field
        return columns

    def dated(self, *, order: str, zone: str, takes_days: bool, is_sampled: bool) -> "Plan":
        return replace(self, order=order, zone=zone, takes_days=takes_days, is_sampled=is_sampled)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Plan":
        shapes = {"form": Form(kept["form"]), "headings": tuple(kept["headings"]), "fields": tuple(kept["fields"])}
        return cls(**{**kept, **shapes})


@dataclass(frozen=True)
class Table:
    plan: Plan
    lines: Iterator[Line]  # below the headings; read once


def open_table(data: bytes) -> Table:
    """Return the table in *data*. Raises `UnreadableFile` when it is not one."""
    plan = inspect(lambda: io.BytesIO(data))
    return Table(plan, lines_of(io.BytesIO(data), plan))


def inspect(opened: Callable[[], BinaryIO], limits: Limits | None = None) -> Plan:
    """Return how to read a file, after a look at all of it; *opened* opens it anew. Raises `UnreadableFile`.

    Its headings may all be unknown (`records.check_plan`): its sender can tell what they mean.
    """
    limits = limits or Limits()
    is_packed = _head(opened(), len(GZIP)) == GZIP
    head = _head(unpacked(opened(), limits, is_packed=is_packed), 8)
    for start, code in _BINARY_STARTS.items():
        if head.startswith(start):
            raise UnreadableFile(code)
    if head.startswith(workbooks.ZIP):
        sheet = workbooks.open_sheet(unpacked(opened(), limits, is_packed=is_packed), limits)
        plan = _table_plan(Form.WORKBOOK, is_packed, "", "", sheet.rows)
        plan = replace(plan, serials_from=sheet.serials_from.isoformat())
    else:
        encoding = encoding_of(unpacked(opened(), limits, is_packed=is_packed), limits)
        # No newline translation: the csv module must see the line ends inside quoted cells.
        plain_bytes = unpacked(opened(), limits, is_packed=is_packed)
        text = io.TextIOWrapper(plain_bytes, encoding=encoding, errors="replace", newline="")
        plan = _text_plan(text, is_packed, encoding)
    if len(plan.headings) > limits.columns:
        raise UnreadableFile("too_many_columns")
    return plan


def lines_of(stream: BinaryIO, plan: Plan, *, after: int = 0, limits: Limits | None = None) -> Iterator[Line]:
    """Yield the lines of data that begin after line *after* of the file, where an earlier one ended."""
    limits = limits or Limits()
    plain_bytes = unpacked(stream, limits, is_packed=plan.is_packed)
    after = max(after, plan.first)
    if plan.form is Form.WORKBOOK:
        return (line for line in workbooks.rows_of(plain_bytes, limits) if line.number > after)
    text = io.TextIOWrapper(plain_bytes, encoding=plan.encoding, errors="replace", newline="")
    rest = islice(text, after, None)
    if plan.form is Form.NDJSON:
        return loose.json_lines(rest, after, plan.headings)
    if plan.form is Form.PAIRS:
        return loose.pair_lines(rest, after, plan.headings)
    return _csv_lines(rest, after, plan.delimiter)


def _head(stream: BinaryIO, size: int) -> bytes:
    return stream.read(size)


def _text_plan(text: io.TextIOWrapper, is_packed: bool, encoding: str) -> Plan:
    head: list[str] = []
    room = _MOST_CHARACTERS_OF_HEADINGS
    for line in text:
        head.append(line)
        room -= len(line)
        if room < 0:
            break
    first = next((line.lstrip("\ufeff \t") for line in head if line.strip("\ufeff \t\r\n")), "")
    if not first:
        raise UnreadableFile("empty")
    if first.startswith("["):
        raise UnreadableFile("json_list")
    if first.startswith("{"):
        return _loose_plan(Form.NDJSON, is_packed, encoding, loose.json_headings(head))
    delimiter, known = _delimiter(head)
    if not known and (headings := loose.pair_headings(head)):
        return _loose_plan(Form.PAIRS, is_packed, encoding, headings)
    return _table_plan(Form.CSV, is_packed, encoding, delimiter, _csv_lines(chain(head, text), 0, delimiter))


def _loose_plan(form: Form, is_packed: bool, encoding: str, headings: tuple[str, ...]) -> Plan:
    if not headings:
        raise UnreadableFile("no_headings")
    return Plan(form, is_packed, encoding, "", headings, fields_of(headings), 0)


def _table_plan(form: Form, is_packed: bool, encoding: str, delimiter: str, lines: Iterator[Line]) -> Plan:
    filled = (line for line in lines if any(line.cells))
    first = next(filled, None)
    if first is None:
        raise UnreadableFile("empty")
    headings = _short(first.cells)
    if first.number == 1 and headings[0].casefold().startswith("sep=") and not any(headings[1:]):
        first = next(filled, first)
        headings = _short(first.cells)
    fields = fields_of(headings)
    if not any(fields) and any("@" in heading for heading in headings):  # a row of data, and no headings above it
        raise UnreadableFile("no_headings")
    return Plan(form, is_packed, encoding, delimiter, headings, fields, first.end)


def _short(headings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(heading.replace("\0", "").strip()[:LONGEST_HEADING] for heading in headings)


def _delimiter(head: list[str]) -> tuple[str, int]:
    """Return the separator that finds most headings we know, else most columns; and how many it finds."""
    is_heading = (line for line in head if line.strip() and not line.casefold().lstrip("\ufeff").startswith("sep="))
    first = next(is_heading, "")[:_MOST_CHARACTERS_OF_HEADINGS]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return sum(map(bool, fields_of(tuple(cells)))), len(cells)

    best = max(DELIMITERS, key=score)
    return best, score(best)[0]


def _csv_lines(text: Iterator[str], before: int, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        number = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line(number, before + reader.line_num, (), is_readable=False)
        else:
            yield Line(number, before + reader.line_num, tuple(cells))
