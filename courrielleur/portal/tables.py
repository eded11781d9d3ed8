"""Tables as CSV for a spreadsheet, in which no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins so is run by spreadsheets (OWASP, "CSV Injection").
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"  # without it Excel reads UTF-8 as something else


def to_csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return the table as CSV (RFC 4180), UTF-8, with figures as they are and words made harmless."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([harmless(name) for name in heading])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return (_BOM + written.getvalue()).encode()


def harmless(cell: object) -> object:
    """Return *cell* so that a spreadsheet shows it and does nothing.

    >>> harmless("=1+1"), harmless(-3), harmless("Acme")
    ("'=1+1", -3, 'Acme')
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_STARTS_FORMULA):
        return f"'{cell}"
    return cell
