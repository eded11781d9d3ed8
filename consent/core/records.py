"""Read consent records: each row becomes a record, or says what is wrong with it; none disappears."""

import ipaddress
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from consent.core.addresses import is_address
from consent.core.headings import field_of, plain
from consent.core.law_reading import tells_moment
from consent.core.line import Line
from consent.core.moments import Habits, MomentError, read_in_habit, read_zone
from consent.core.packing import UnreadableFile
from consent.core.questionnaire import question_set
from consent.core.tables import LONGEST_HEADING, Plan, open_table

MESSAGES = Path(__file__).resolve().parent.parent / "data" / "file_messages.toml"
MASKED_FIELDS = frozenset({"email"})
DAY_ONLY = "date_precision"  # a field of ours: "day" when the row told no time of day
_HAS_TIME = re.compile(r"\d\s*[:hH]\s*\d")
_MIDNIGHT = re.compile(r"[ T]00:00(?::00)?$")
_PLAIN_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_LONGEST_VALUE = 120  # characters of a wrong value that are repeated


@dataclass(frozen=True)
class RowError:
    """What is wrong in one row; `row_message` puts it in words. `code` is a key of [row.*] in the message file."""

    line: int
    column: str  # as the file names it
    code: str
    value: str = ""  # as written; an address is masked


class Record(NamedTuple):  # not a dataclass, as Row: millions are made, and a tuple is made five times as fast
    """One recipient's consent as a row tells it."""

    line: int
    email: str  # as written, trimmed
    consented_at: datetime | None  # UTC
    ip: str  # canonical, empty when the row has none
    method: str  # a consent method's key (consent/core/questionnaire.py), empty when unknown
    fields: Mapping[str, str]  # everything the row said: our fields, then other columns by their heading


class Row(NamedTuple):
    """A record, or the errors that keep it from being one."""

    line: int
    record: Record | None
    errors: tuple[RowError, ...] = ()
    end: int = 0  # line of the file that it ends in


@dataclass(frozen=True)
class RecordFile:
    columns: Mapping[str, str]  # heading -> our field, empty when unknown
    rows: Iterator[Row]  # read once, as it goes


@dataclass(slots=True)
class _Checked:
    """The cells of a row by field while they are checked; headings are kept for the errors."""

    line: int
    values: dict[str, str]
    headings: Mapping[str, str]
    errors: list[RowError] = field(default_factory=list)

    def wrong(self, name: str, code: str) -> None:
        value = self.values.get(name, "")[:_LONGEST_VALUE]
        shown = mask(value) if name in MASKED_FIELDS else value
        self.errors.append(RowError(self.line, self.headings.get(name, ""), code, shown))


def read_records(data: bytes, *, default_zone: tzinfo | None = None) -> RecordFile:
    """Return the records of a CSV file. Raises `UnreadableFile` when the file as a whole can't be read.

    *default_zone* is for files whose dates name none; without it such a row is refused.
    """
    table = open_table(data)
    return RecordFile(table.plan.columns, rows_of(table.lines, table.plan, default_zone=default_zone))


def check_plan(plan: Plan) -> None:
    """Raise `UnreadableFile` when nothing that is read by *plan* could be a record."""
    if not any(plan.fields):
        raise UnreadableFile("no_headings", plan.headings[:50])
    if "email" not in plan.fields:
        raise UnreadableFile("no_email_column", plan.headings[:50])


def rows_of(lines: Iterable[Line], plan: Plan, *, default_zone: tzinfo | None = None) -> Iterator[Row]:
    """Yield a row for each line in which something is written. Raises `UnreadableFile` as `check_plan`.

    *default_zone* stands for the zone of the plan.
    """
    check_plan(plan)
    habits = replace(plan.habits, zone=default_zone) if default_zone else plan.habits
    return _rows(lines, _Reader(plan, habits))


def row_message(error: RowError, language: str) -> str:
    text: str = _messages()["row"][error.code][language]
    return text.format(line=error.line, column=error.column, value=error.value)


def file_message(code: str, language: str) -> str:
    return _messages()["file"][code][language]


def mask(address: str) -> str:
    """Return an address that its owner's sender recognises, and nobody else.

    >>> mask("marie@example.com")
    'm…@example.com'
    """
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}" if at else f"{address[:1]}…"


def _rows(lines: Iterable[Line], reader: "_Reader") -> Iterator[Row]:
    for line in lines:
        if not line.is_readable:
            yield Row(line.number, None, (RowError(line.number, "", "unreadable"),), line.end)
        elif any(map(str.strip, line.cells)) or line.others:
            yield reader.row(line)


class _Reader:
    """Reads the lines of one file; what is the same for all of them is worked out once."""

    def __init__(self, plan: Plan, habits: Habits) -> None:
        self._width = len(plan.headings)
        self._habits = habits
        self._headings = {name: heading for name, heading in zip(plan.fields, plan.headings, strict=True) if name}
        self._names = _names(plan)
        self._moments = tuple(name for name in self._names if tells_moment(name))
        if not (habits.zone or habits.order or "zone" in plan.fields):
            self._moments = ()  # then whoever reads them knows as much as we do

    def row(self, line: Line) -> Row:
        number = line.number
        cells = [cell.strip() for cell in line.cells]
        if "\0" in "".join(cells):
            cells = [cell.replace("\0", "").strip() for cell in cells]
        if len(cells) > self._width and any(cells[self._width :]):
            return Row(number, None, (RowError(number, "", "too_many_cells"),), line.end)
        fields = {name: cell for name, cell in zip(self._names, cells, strict=False) if cell}
        if line.others:
            self._take_others(line.others, fields)
        row = _Checked(number, fields, self._headings)
        email = _email(row)
        consented_at = _consented_at(row, self._habits)
        ip = _ip(row) if "ip" in fields else ""
        if row.errors:
            return Row(number, None, tuple(row.errors), line.end)
        if self._moments:
            self._settle(fields)
        method = _method(fields["method"]) if "method" in fields else ""
        return Row(number, Record(number, email, consented_at, ip, method, fields), (), line.end)

    def _settle(self, fields: dict[str, str]) -> None:
        """Write the moments of confirmation and withdrawal in UTC: later nobody knows what the sender said of them."""
        for name in self._moments:
            if written := fields.get(name):
                with suppress(MomentError):
                    fields[name] = read_in_habit(written, _zoned(self._habits, fields)).at.isoformat()

    def _take_others(self, found: Mapping[str, str], fields: dict[str, str]) -> None:
        """Take what stood under headings that the first rows did not have."""
        for heading, written in found.items():
            if not (value := written.replace("\0", "").strip()):
                continue
            meant = field_of(heading)
            name = meant if meant and meant not in self._headings else heading[:LONGEST_HEADING]
            if name not in self._headings:
                fields.setdefault(name, value)


def _names(plan: Plan) -> tuple[str, ...]:
    """Return what each column is called in a record: our field, or its heading where we do not know one.

    Two may bear one heading, or none: the number tells them apart.
    """
    taken = set(plan.fields)
    return tuple(
        field_meant or (f"{name} ({number})" if name in taken else name)
        for number, (field_meant, name) in enumerate(zip(plan.fields, plan.names, strict=True), start=1)
    )


def _email(row: _Checked) -> str:
    bare = row.values.get("email", "")
    if bare[-1:] == ">" or bare[:1] == "<" or ":" in bare:
        bare = bare.removeprefix("mailto:").strip().removeprefix("<").removesuffix(">").strip()
    if not bare:
        row.wrong("email", "email_missing")
        return ""
    if not is_address(bare):
        row.wrong("email", "email_bad")
    return bare


def written_moment(values: Mapping[str, str]) -> tuple[str, str]:
    """Return the field that tells the moment of the consent, and what is written of it; empty when nothing is."""
    name = "consented_at" if "consented_at" in values else "consent_date"
    written = values.get(name, "")
    # "Date of consent" may hold the day alone, with the time of day in a column of its own. A spreadsheet's day has
    # midnight for its time.
    if written and (time := values.get("consent_time")):
        written = _MIDNIGHT.sub("", written)
        if not _HAS_TIME.search(written):
            written = f"{written} {time}"
    return name, written


def _consented_at(row: _Checked, habits: Habits) -> datetime | None:
    name, written = written_moment(row.values)
    if not written:
        return None
    try:
        moment = read_in_habit(written, _zoned(habits, row.values))
    except MomentError as error:
        row.wrong(name, error.code)
        return None
    if moment.is_day:
        row.values[DAY_ONLY] = "day"
    return moment.at


def _zoned(habits: Habits, values: Mapping[str, str]) -> Habits:
    """Return *habits* with the zone that the row names in a column of its own. Raises `MomentError`."""
    return _in_zone(habits, values["zone"]) if "zone" in values else habits


@lru_cache(maxsize=1024)
def _in_zone(habits: Habits, zone: str) -> Habits:
    return replace(habits, zone=read_zone(zone))


def _ip(row: _Checked) -> str:
    written = row.values.get("ip", "")
    if not written:
        return ""
    if _PLAIN_IPV4.fullmatch(written):
        return written
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        row.wrong("ip", "ip_bad")
        return ""
    if "%" in written:  # a zone of one machine's own network means nothing here
        row.wrong("ip", "ip_bad")
    return str(address)


@lru_cache(maxsize=1024)
def _method(written: str) -> str:
    return _methods().get(plain(written), "")


@cache
def _methods() -> dict[str, str]:
    known: dict[str, str] = {}
    for method in question_set().methods:
        known |= {plain(name): method.key for name in (method.key, *method.names.values())}
    return known


@cache
def _messages() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(MESSAGES.read_text(encoding="utf-8"))
