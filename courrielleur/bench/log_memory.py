"""`log-memory`: the peak memory of an import of 5 and of 20 million lines, beside that of one million. Takes minutes.

Each import runs in a process of its own, on lines that are made while they are read.
"""

import multiprocessing
import resource
from collections.abc import Callable, Iterator

from django.db import connection
from django.utils import timezone

from courrielleur import vault
from courrielleur.bench.figures import Figure
from courrielleur.bench.log_lines import PMTA_HEADING, Made, pmta_block
from courrielleur.bench.samples import new_account
from fbl.core.logs import pmta
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.record import Reader
from fbl.core.logs.times import Clock
from fbl.services.log_imports import FileImport, known_accounts
from fbl.services.log_ledger import Summary

MILLION = 1_000_000


def measure() -> Iterator[Figure]:
    yield from peaks(new_account().pk, 5 * MILLION, 20 * MILLION)


def peaks(account_id: int, *numbers: int) -> Iterator[Figure]:
    """Yield the peak for each number of lines, in megabytes."""
    floor = _peak_megabytes(account_id, MILLION)
    for lines in numbers:
        yield Figure(f"log memory {lines // MILLION}M", _peak_megabytes(account_id, lines), "MB", floor)


def import_made(source: Made, new_reader: Callable[[Attribution], Reader]) -> None:
    """Import a log as `import_log` does."""
    now = timezone.now()
    attribution = Attribution(
        accounts=known_accounts(),
        keys=vault.reference_keys(),
        digest_key=vault.digest_key(),
        clock=Clock(int(now.timestamp() // 3600) + 1),
    )
    summary = Summary()
    run = FileImport(
        source,
        new_reader(attribution),
        attribution,
        format="bench",
        summary=summary,
        on_rejects=lambda rejects: None,
    )
    run.begin(final=True)
    run.advance(timezone.now, final=True)
    run.end()
    if summary.rejected or not summary.delivered:
        raise RuntimeError(f"the made log is not read as meant: {summary}")


def _peak_megabytes(account_id: int, lines: int) -> float:
    """Return the peak memory of a fresh process that imports so many lines."""
    connection.close()  # neither process may use the other's
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_import_and_weigh, (account_id, lines))


def _import_and_weigh(account_id: int, lines: int) -> float:
    import_made(Made(PMTA_HEADING, pmta_block(account_id), lines, f"m{lines}"), pmta.reader)
    connection.close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
