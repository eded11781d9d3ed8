"""Tables as CSV for a spreadsheet, in which no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

# A cell that begins so is run by spreadsheets (OWASP, "CSV Injection").
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PIECE = 65_536  # characters
_BOM = "\ufeff"  # without it Excel reads UTF-8 as something else


def to_csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return the table as CSV (RFC 4180), UTF-8, with figures as they are and words made harmless."""
    return b"".join(csv_pieces(heading, rows))


def csv_pieces(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the same table bit by bit, for one that is too long to hold."""
    written = io.StringIO(_BOM)
    written.seek(0, io.SEEK_END)
    writer = csv.writer(written)
    for row in chain([heading], rows):
        writer.writerow([harmless(cell) for cell in row])
        if written.tell() > _PIECE:
            yield written.getvalue().encode()
            written.seek(0)
            written.truncate()
    yield written.getvalue().encode()


def harmless(cell: object) -> object:
    """Return *cell* so that a spreadsheet shows it and does nothing.

    >>> harmless("=1+1"), harmless(-3), harmless("Acme")
    ("'=1+1", -3, 'Acme')
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_STARTS_FORMULA):
        return f"'{cell}"
    return cell
