"""See a piece of a CSV log as a table of plain columns, when it is regular enough; no row of it is made.

Nearly every line of a mail log tells of a delivery, and a handful of its columns is looked at. Two splits give these
columns at a fraction of the cost of reading each record. Whatever is not plain beyond doubt is left to Python's csv
module, whose answer is the same (a test holds the two side by side).
"""

import re
from collections.abc import Mapping, Set
from itertools import compress
from operator import not_

from fbl.core.logs.attribution import AFTER_TOKEN, Attribution
from fbl.core.logs.record import Cell, RejectReason
from fbl.core.logs.times import Untimely

# A quote that neither begins nor ends a field: the csv module has rules for it, we have none.
_ODD_QUOTE = re.compile(r'"(?:(?<=[^,\n"]")|[^,\n"])')
LONGEST_LINE = 100_000  # characters; the csv module refuses fields of 131,072


class Table:
    """Lines of exactly *width* fields each.

    In `column`, what stood in quotes is a bare quote, whatever it was; `line` has all of it.
    """

    def __init__(self, text: str, fields: list[str], width: int) -> None:
        self._text, self._fields, self._width = text, fields, width
        self._rows: list[str] = []
        self.lines = len(fields) // width

    def column(self, place: int) -> list[str]:
        """Return a column, from 0; empty values for an absent one, whose place is below 0."""
        if place == 0:
            return [value[1:] for value in self._fields[:: self._width]]  # behind its line feed
        return self._fields[place :: self._width] if place > 0 else [""] * self.lines

    def line(self, number: int) -> str:
        """Return a line as it stands in the log, from 0, without its end."""
        if not self._rows:
            self._rows = self._text.split("\n")
        return self._rows[number]


def table(text: str, width: int) -> Table | None:
    """Return the table that *text* is; None when one of its lines is not plain or has not *width* fields."""
    if width < 2 or not text.endswith("\n"):
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            return None
    parts = text.split('"')
    if not len(parts) % 2:
        return None  # a quoted field that does not end
    lines = text.count("\n")
    outline = '"'.join(parts[::2]) if len(parts) > 1 else text
    if outline.count("\n") != lines:
        return None
    # Quotes around whole fields in the middle of a line are counted faster than they are searched.
    if outline.count('"') != outline.count(',",') and _ODD_QUOTE.search(outline):
        return None
    if len(text) > LONGEST_LINE and max(map(len, text.split("\n"))) > LONGEST_LINE:
        return None
    # A line feed opens each line's first field. When all of them stand in the first column, no line is out of step.
    fields = ("\n" + outline[:-1].replace("\n", ",\n")).split(",")
    if len(fields) != lines * width:
        return None
    is_in_step = all(value.startswith("\n") for value in set(fields[::width]))
    return Table(text, fields, width) if is_in_step else None


def count_delivered(
    plain: Table, at: Mapping[str, int], words: Set[str], attribution: Attribution, counted: dict[Cell, int]
) -> list[int]:
    """Count the delivered lines into *counted*; return the numbers of the lines that need to be read whole.

    *at* gives the column of each field of ours, *words* what the type says of a delivery.
    """
    names = ("queued" if "queued" in at else "at", "recipient", "sender", "campaign", "reference")
    kinds, times, recipients, senders, campaigns, owns = (plain.column(at.get(name, -1)) for name in ("type", *names))
    ours = [
        sender[AFTER_TOKEN : AFTER_TOKEN + 1] == "@" and sender[:2] == "b-" and not own and kind in words
        for kind, sender, own in zip(kinds, senders, owns, strict=True)
    ]
    left: list[int] = []
    if any(ours):
        numbers = list(compress(range(plain.lines), ours))
        picked = [list(compress(column, ours)) for column in (times, recipients, senders, campaigns)]
        left = [numbers[place] for place in attribution.count_many(picked, counted)]
    rest: list[int] = []
    accounts = plain.column(at.get("account", -1))
    for number in sorted([*compress(range(plain.lines), map(not_, ours)), *left]):
        values = [column[number] for column in (times, recipients, senders, owns, accounts, campaigns)]
        cell = _cell(values, attribution) if kinds[number] in words else None
        if cell is None:
            rest.append(number)
        else:
            counted[cell] = counted.get(cell, 0) + 1
    return rest


def _cell(values: list[str], attribution: Attribution) -> Cell | None:
    """Return where a delivered line is counted; None when that can't be told from what a table shows."""
    if '"' in "".join(values):
        return None
    time, recipient, *others = values
    try:
        hour = attribution.clock.hour(time)
    except Untimely:
        return None
    found = attribution.cell(recipient, hour, *others)
    return None if isinstance(found, RejectReason) else found
