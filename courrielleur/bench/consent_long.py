"""`consent-long`: ten million rows of consent records, and a workbook of 200,000. Takes minutes; see `consent`."""

from collections.abc import Iterator

from courrielleur.bench.consent import MILLION, csv_figures, workbook_figures
from courrielleur.bench.figures import Figure


def measure() -> Iterator[Figure]:
    yield from workbook_figures(200_000, "consent xlsx")
    yield from csv_figures(10 * MILLION, "consent 10M")
