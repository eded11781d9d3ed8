"""Read a log of comma-separated values by its heading (RFC 4180), millions of lines at a time."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter
from typing import Any

from fbl.core.logs.attribution import Attribution
from fbl.core.logs.csv_table import Table, count_delivered, table
from fbl.core.logs.fields import Fields, bounce, feedback
from fbl.core.logs.letters import WAITING, compose
from fbl.core.logs.record import Act, RejectReason, Tally
from fbl.core.logs.times import Untimely
from fbl.core.report import BounceClass, References

MAX_LINES_OF_A_RECORD = 20  # a diagnostic may have line ends in quotes; a lost quote must not swallow the file
SHOWN = 500  # characters of a rejected line that are kept
_BYTE_ORDER_MARK = "\ufeff"


class Words(dict[str, Act | None]):
    """What the words of the type column mean; looked up as written, then in lower case."""

    def __missing__(self, word: str) -> Act | None:
        return self.get(word.strip().lower())


@dataclass(frozen=True)
class Layout:
    """What the columns and the words in them mean.

    `columns` gives the heading's names for each field of ours: the first that is there is used. `opens_with` is
    the first name of a heading that may come again anywhere in the file; empty: the first line is the only one.
    """

    columns: Mapping[str, tuple[str, ...]]
    acts: Words
    opens_with: str = ""
    classes: Mapping[str, BounceClass] = field(default_factory=dict)  # types that say the class outright


class CsvReader:
    """A reader (`record.Reader`) for one file."""

    def __init__(self, layout: Layout, attribution: Attribution) -> None:
        self._layout, self._attribution = layout, attribution
        self._delivered = frozenset(word for word, act in layout.acts.items() if act is Act.DELIVERED)
        self._lines = 0  # physical lines used up
        self._learn_heading([])

    def feed(self, data: bytes, tally: Tally, *, final: bool) -> int:
        end = len(data) if final else data.rfind(b"\n") + 1
        piece = data[:end]
        text = piece.decode("utf-8", "replace")
        if (plain := table(text, len(self._heading))) is not None and not self._has_heading(plain):
            self._take_table(plain, tally)
            return end
        reader = csv.reader(io.StringIO(text, newline="\n"))
        try:
            rows = list(reader)
        except csv.Error:
            return self._feed_slowly(data, end, tally, final=final)
        if reader.line_num != len(rows) or (rows and _is_open(rows[-1])):
            return self._feed_slowly(data, end, tally, final=final)
        if rows and not piece.endswith(b"\n") and len(rows[-1]) < max(len(self._heading), 2):
            end = piece.rfind(b"\n") + 1  # the last line was cut: it comes again
            del rows[-1]
        self._take(rows, tally)
        return end

    def skip_line(self, tally: Tally) -> None:
        self._lines += 1
        tally.lines += 1
        tally.reject(self._lines, RejectReason.TOO_LONG, "")

    def is_heading(self, line: bytes, *, is_first: bool) -> bool:
        opening = self._layout.opens_with.encode()
        return line.lstrip(b'\xef\xbb\xbf"').startswith(opening) if opening else is_first

    def stream(self, line: bytes) -> str:
        return ""

    def state(self) -> dict[str, Any]:
        return {"heading": self._heading, "lines": self._lines}

    def restore(self, state: dict[str, Any]) -> None:
        self._lines = int(state["lines"])
        self._learn_heading([str(name) for name in state["heading"]])

    def follow_on(self, state: dict[str, Any]) -> None:
        """Do nothing: every file has a heading of its own."""

    def _feed_slowly(self, data: bytes, end: int, tally: Tally, *, final: bool) -> int:
        """Read line by line, since some record has line ends or a lost quote in it."""
        position = 0
        while position < end:
            stop = data.find(b"\n", position) + 1 or end
            until, row = stop, _row(data[position:stop])
            for _ in range(MAX_LINES_OF_A_RECORD):
                if row is None or not _is_open(row):
                    break
                if until >= end:
                    if not final:
                        return position
                    row = None
                    break
                until = data.find(b"\n", until) + 1 or end
                row = _row(data[position:until])
            if row is None or _is_open(row):
                self._lines += 1
                tally.lines += 1
                text = data[position:stop].decode("utf-8", "replace").rstrip()
                tally.reject(self._lines, RejectReason.MALFORMED, text[:SHOWN])
            else:
                inner = data.count(b"\n", position, until - 1)
                stop = until
                self._take([row], tally)
                self._lines += inner
            position = stop
        return position

    def _has_heading(self, plain: Table) -> bool:
        opening = self._layout.opens_with
        return bool(opening) and any(name.lstrip(_BYTE_ORDER_MARK) == opening for name in set(plain.column(0)))

    def _take_table(self, plain: Table, tally: Tally) -> None:
        """Count the delivered lines by their columns, and read the others one by one."""
        rest = count_delivered(plain, self._at, self._delivered, self._attribution, tally.delivered)
        first, lines = self._lines, tally.lines
        self._take(
            list(csv.reader([plain.line(number) for number in rest])), tally, [first + number + 1 for number in rest]
        )
        self._lines, tally.lines = first + plain.lines, lines + plain.lines

    def _take(self, rows: list[list[str]], tally: Tally, numbers: Iterable[int] | None = None) -> None:
        """Take records; they stand in lines of these *numbers*, from 1, or in the next ones."""
        opening, acts, attribution = self._layout.opens_with or None, self._layout.acts, self._attribution
        hours, cell_of, counted = attribution.clock.hour, attribution.cell, tally.delivered
        pick, width, others = self._pick, len(self._heading), 0
        for number, row in zip(numbers or count(self._lines + 1), rows, strict=False):
            if not row or not width or row[0] == opening:
                if row and opening and row[0].removeprefix(_BYTE_ORDER_MARK) != opening:
                    tally.reject(number, RejectReason.NO_HEADING, _line(row))
                    continue
                others += 1
                if row:
                    self._learn_heading(row)
                    pick, width = self._pick, len(self._heading)
                continue
            if len(row) < width:
                tally.reject(number, RejectReason.MALFORMED, _line(row))
                continue
            row.append("")  # what an absent column holds: its place is the last
            kind, queued, at, recipient, sender, own, account, campaign = pick(row)
            act = acts[kind]
            if act is not Act.DELIVERED:
                self._take_other(act, row, number, tally)
                continue
            try:
                hour = hours(queued or at)
            except Untimely as error:
                tally.reject(number, error.reason, _line(row))
                continue
            found = cell_of(recipient, hour, sender, own, account, campaign)
            if isinstance(found, RejectReason):
                tally.reject(number, found, _line(row))
            else:
                counted[found] = counted.get(found, 0) + 1
        tally.lines += len(rows) - others
        self._lines += len(rows)

    def _take_other(self, act: Act | None, row: list[str], number: int, tally: Tally) -> None:
        if act is Act.OTHER:
            return
        if act is None:
            tally.reject(number, RejectReason.MALFORMED, _line(row))
            return
        if act is Act.FEEDBACK:
            fields, references = self._fields(row), self._references(row)
            found = feedback(fields, references, self._attribution)
            if found in WAITING:
                tally.letters.append(compose(fields, references, self._attribution.clock))
        else:
            found = bounce(self._fields(row), self._attribution, is_late=act is Act.LATE_BOUNCE)
        if isinstance(found, RejectReason):
            tally.reject(number, found, _line(row))
        elif found is not None:
            tally.records.append(found)

    def _fields(self, row: list[str]) -> Fields:
        at = self._at
        bounce_class = self._layout.classes.get(row[at.get("type", -1)].strip().lower())
        return Fields(
            at=row[at.get("at", -1)] or row[at.get("queued", -1)],
            queued=row[at.get("queued", -1)],
            sender=row[at.get("sender", -1)],
            recipient=row[at.get("recipient", -1)],
            own=row[at.get("reference", -1)],
            account=row[at.get("account", -1)],
            campaign=row[at.get("campaign", -1)],
            diagnostic=row[at.get("diagnostic", -1)],
            status=row[at.get("status", -1)],
            remote=row[at.get("remote", -1)],
            category=row[at.get("category", -1)],
            feedback_type=row[at.get("feedback_type", -1)],
            bounce_class=bounce_class,
            user_agent=row[at.get("user_agent", -1)],
            source_ip=row[at.get("source_ip", -1)],
        )

    def _references(self, row: list[str]) -> References:
        at = self._at
        return References(
            own=row[at.get("reference", -1)],
            cfbl_feedback_id=row[at.get("cfbl_feedback_id", -1)],
            return_path=row[at.get("sender", -1)],
            envelope_id=row[at.get("envelope_id", -1)],
            list_unsubscribe=row[at.get("list_unsubscribe", -1)],
            feedback_id=row[at.get("feedback_id", -1)],
        )

    def _learn_heading(self, row: list[str]) -> None:
        self._heading = [name.removeprefix(_BYTE_ORDER_MARK) for name in row]
        present = {name.strip().lower(): place for place, name in reversed(list(enumerate(self._heading)))}
        self._at = {
            ours: next(present[name.lower()] for name in names if name.lower() in present)
            for ours, names in self._layout.columns.items()
            if any(name.lower() in present for name in names)
        }
        hot = ("type", "queued", "at", "recipient", "sender", "reference", "account", "campaign")
        self._pick: Callable[[list[str]], tuple[str, ...]] = itemgetter(*(self._at.get(name, -1) for name in hot))


def _row(record: bytes) -> list[str] | None:
    """Return the fields of one record; None when it is none."""
    try:
        rows = list(csv.reader(io.StringIO(record.decode("utf-8", "replace"), newline="\n")))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _is_open(row: list[str]) -> bool:
    """Whether the record ends within quotes: only there a line end is part of a value."""
    return bool(row) and row[-1].endswith("\n")


def _line(row: list[str]) -> str:
    return ",".join(row)[:SHOWN]
