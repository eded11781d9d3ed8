"""Read consent records: each row becomes a record, or says what is wrong with it; none disappears."""

import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from consent.core.moments import MomentError, read_moment, read_zone
from consent.core.questionnaire import question_set
from consent.core.tables import Line, Table, UnreadableFile, open_table, plain

MESSAGES = Path(__file__).resolve().parent.parent / "data" / "file_messages.toml"
MASKED_FIELDS = frozenset({"email"})
_HAS_TIME = re.compile(r"\d\s*[:hH]\s*\d")
_LONGEST_VALUE = 120  # characters of a wrong value that are repeated


@dataclass(frozen=True)
class RowError:
    """What is wrong in one row; `row_message` puts it in words. `code` is a key of [row.*] in the message file."""

    line: int
    column: str  # as the file names it
    code: str
    value: str = ""  # as written; an address is masked


@dataclass(frozen=True)
class Record:
    """One recipient's consent as a row tells it."""

    line: int
    email: str  # as written, trimmed
    consented_at: datetime | None  # UTC
    ip: str  # canonical, empty when the row has none
    method: str  # a consent method's key (consent/core/questionnaire.py), empty when unknown
    fields: Mapping[str, str]  # everything the row said: our fields, then other columns by their heading


@dataclass(frozen=True)
class Row:
    """A record, or the errors that keep it from being one."""

    line: int
    record: Record | None
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True)
class RecordFile:
    columns: Mapping[str, str]  # heading -> our field, empty when unknown
    rows: Iterator[Row]  # read once, as it goes


@dataclass
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
    if "email" not in table.fields:
        raise UnreadableFile("no_email_column", table.headings)
    return RecordFile(table.columns, _rows(table, default_zone))


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


def _rows(table: Table, default_zone: tzinfo | None) -> Iterator[Row]:
    headings = {name: heading for name, heading in zip(table.fields, table.headings, strict=True) if name}
    for line in table.lines:
        if not line.is_readable:
            yield Row(line.number, None, (RowError(line.number, "", "unreadable"),))
        elif any(cell.strip() for cell in line.cells):
            yield _row(line, table, headings, default_zone)


def _row(line: Line, table: Table, headings: Mapping[str, str], default_zone: tzinfo | None) -> Row:
    cells = [cell.replace("\0", "").strip() for cell in line.cells]
    if any(cells[len(table.headings) :]):
        return Row(line.number, None, (RowError(line.number, "", "too_many_cells"),))
    values: dict[str, str] = {}
    others: dict[str, str] = {}
    for number, (name, heading, cell) in enumerate(zip(table.fields, table.headings, cells, strict=False), start=1):
        if cell and name:
            values[name] = cell
        elif cell:
            others[_own_name(heading, number, others, table)] = cell
    row = _Checked(line.number, values, headings)
    email = _email(row)
    consented_at = _consented_at(row, default_zone)
    ip = _ip(row)
    if row.errors:
        return Row(line.number, None, tuple(row.errors))
    method = _methods().get(plain(values.get("method", "")), "")
    return Row(line.number, Record(line.number, email, consented_at, ip, method, others | values))


def _own_name(heading: str, number: int, others: Mapping[str, str], table: Table) -> str:
    """Return the name of a column we do not know; two may bear one heading, or none: the number tells them apart."""
    is_free = heading and heading not in others and heading not in table.fields
    return heading if is_free else f"{heading} ({number})".strip()


def _email(row: _Checked) -> str:
    written = row.values.get("email", "")
    bare = written.removeprefix("mailto:").strip().removeprefix("<").removesuffix(">").strip()
    if not bare:
        row.wrong("email", "email_missing")
        return ""
    try:
        validate_email(bare, check_deliverability=False)
    except EmailNotValidError:
        row.wrong("email", "email_bad")
    return bare


def _consented_at(row: _Checked, default_zone: tzinfo | None) -> datetime | None:
    name = "consented_at" if "consented_at" in row.values else "consent_date"
    written = row.values.get(name, "")
    if not written:
        return None
    # "Date of consent" may hold the day alone, with the time of day in a column of its own.
    if (time := row.values.get("consent_time")) and not _HAS_TIME.search(written):
        written = f"{written} {time}"
    try:
        zone = read_zone(row.values["zone"]) if "zone" in row.values else default_zone
        return read_moment(written, default_zone=zone)
    except MomentError as error:
        row.wrong(name, error.code)
        return None


def _ip(row: _Checked) -> str:
    written = row.values.get("ip", "")
    if not written:
        return ""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        row.wrong("ip", "ip_bad")
        return ""
    if "%" in written:  # a zone of one machine's own network means nothing here
        row.wrong("ip", "ip_bad")
    return str(address)


@cache
def _methods() -> dict[str, str]:
    known: dict[str, str] = {}
    for method in question_set().methods:
        known |= {plain(name): method.key for name in (method.key, *method.names.values())}
    return known


@cache
def _messages() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(MESSAGES.read_text(encoding="utf-8"))
