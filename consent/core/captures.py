"""Read consent records that are told one by one, as people sign up: each whole and dated, or told what is wrong.

Addresses, moments and IP addresses are read as those of files are (consent/core/records.py); here more is asked, as
whoever writes the record at the moment itself knows all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from consent.core.law import Basis
from consent.core.line import Line
from consent.core.moments import MomentError, read_moment
from consent.core.records import Record, RowError, rows_of
from consent.core.tables import Form, Plan

# What a record may say, and the longest it may be, in characters.
LONGEST = {
    "id": 200,
    "email": 320,
    "method": 40,
    "consented_at": 60,
    "confirmed_at": 60,
    "basis": 20,
    "ip": 45,
    "host": 255,
    "user_agent": 1_000,
    "form_url": 2_000,
    "form_version": 200,
    "wording": 5_000,
    "transaction": 200,
    "import_id": 200,
    "declarer": 150,
    "name": 200,
}
NEEDED = ("email", "method", "consented_at")
CLOCKS_DIFFER = timedelta(minutes=5)
_STORED_AS = {"form_url": "site"}  # where files call it otherwise
_FIELDS = tuple(_STORED_AS.get(name, name) for name in LONGEST if name != "id")
_PLAN = Plan(Form.NDJSON, is_packed=False, encoding="", delimiter="", headings=_FIELDS, fields=_FIELDS, first=0)


@dataclass(frozen=True)
class Captured:
    """A record, and the client's own name of it (empty when there is none)."""

    own_id: str
    record: Record


@dataclass(frozen=True)
class CaptureProblem:
    """What is wrong with one field of a record; `code` is one of the door's, or of a row's (`row_message`)."""

    row: int  # from 1
    field: str  # empty for the whole record
    code: str
    value: str = ""  # as `RowError` repeats it


def read_captures(rows: Sequence[object], now: datetime) -> tuple[list[Captured], list[CaptureProblem]]:
    """Return the records, and what is wrong with those that are none. A record's `line` is its number, from 1."""
    problems: list[CaptureProblem] = []
    lines: list[Line] = []
    own_ids: dict[int, str] = {}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            problems.append(CaptureProblem(number, "", "not_a_record"))
            continue
        if wrong := list(_wrong(number, row, now)):
            problems += wrong
            continue
        own_ids[number] = str(row.get("id") or "")
        cells = tuple(str(row.get(name) or "") for name in LONGEST if name != "id")
        lines.append(Line(number, number, cells))
    captured: list[Captured] = []
    for read in rows_of(lines, _PLAN):
        if read.record is None:
            problems += [_told(error) for error in read.errors]
        elif code := _doubt(read.record, now):
            problems.append(CaptureProblem(read.line, *code))
        else:
            captured.append(Captured(own_ids[read.line], read.record))
    return captured, sorted(problems, key=lambda problem: problem.row)


def _wrong(number: int, row: Mapping[str, object], now: datetime) -> "list[CaptureProblem]":
    """Return what its shape alone tells."""
    found = [CaptureProblem(number, str(name)[:60], "unknown_field") for name in row if name not in LONGEST]
    for name, longest in LONGEST.items():
        value = row.get(name)
        if value is None or value == "":
            found += [CaptureProblem(number, name, "missing")] if name in NEEDED else []
        elif not isinstance(value, str) or not _is_text(value):
            found.append(CaptureProblem(number, name, "not_text"))
        elif len(value) > longest:
            found.append(CaptureProblem(number, name, "too_long"))
    if not found and row.get("basis") and row["basis"] not in set(Basis):
        found.append(CaptureProblem(number, "basis", "basis_unknown"))
    if not found and (confirmed := row.get("confirmed_at")):
        try:
            if read_moment(str(confirmed)) > now + CLOCKS_DIFFER:
                found.append(CaptureProblem(number, "confirmed_at", "in_future"))
        except MomentError as error:
            found.append(CaptureProblem(number, "confirmed_at", error.code, str(confirmed)))
    return found


def _doubt(record: Record, now: datetime) -> tuple[str, str] | None:
    if not record.method:
        return "method", "method_unknown"
    if record.consented_at is None or record.consented_at.astimezone(UTC) > now + CLOCKS_DIFFER:
        return "consented_at", "in_future"
    return None


def _told(error: RowError) -> CaptureProblem:
    names = {stored: name for name, stored in _STORED_AS.items()}
    return CaptureProblem(error.line, names.get(error.column, error.column), error.code, error.value)


def _is_text(value: str) -> bool:
    """Whether the database can hold it: no NUL, no lone surrogate."""
    return "\0" not in value and (value.isascii() or value == value.encode("utf-8", "ignore").decode())
