"""`ingest`: stored reports read, identified, recorded and counted a second, by two readers as the worker has them.

Floor: COPY of the rows that came of it.
"""

import statistics
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django
from django.db import connection
from django.utils import timezone

from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.samples import incidents, mails, new_account
from courrielleur.demo.traffic import Incident
from fbl.services.inbox import Arrival, store
from fbl.services.reports import BATCH, read_stored

REPORTS = 4_000
ROUNDS = 3
READERS = 2


def measure() -> Iterator[Figure]:
    start = int(timezone.now().timestamp() // 60)
    happened = incidents(REPORTS, start=start)
    ours, bare = [], []
    with ProcessPoolExecutor(READERS, get_context("spawn"), initializer=django.setup) as readers:
        for _ in range(ROUNDS):
            account = new_account()
            _store(account.pk, happened)
            list(readers.map(_connect, range(READERS)))
            ours.append(len(happened) / seconds(lambda: list(readers.map(_read_all, range(READERS)))))
            bare.append(len(happened) / _copy_seconds(account.pk))
    yield Figure("ingest", statistics.median(ours), "reports/s", statistics.median(bare))


def _store(account_id: int, happened: list[Incident]) -> None:
    now = timezone.now()
    arrivals = [
        Arrival(mail.raw, "smtp", now, mail.envelope_from, mail.envelope_to) for mail in mails(happened, account_id)
    ]
    for first in range(0, len(arrivals), BATCH):
        store(arrivals[first : first + BATCH])


def _connect(reader: int) -> None:
    """Let a reader be ready before the clock runs, as the worker's are."""
    connection.ensure_connection()


def _read_all(reader: int) -> None:
    while read_stored(BATCH, timezone.now()).read:
        pass


def _copy_seconds(account_id: int) -> float:
    """Return how long plain COPY takes to write the events of the account into a table of the same shape."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (LIKE fbl_feedbackevent INCLUDING INDEXES)")
        with cursor.copy(
            "COPY (SELECT * FROM fbl_feedbackevent WHERE account_id = %s) TO STDOUT (FORMAT binary)", [account_id]
        ) as copy:
            rows = b"".join(copy)

        def write() -> None:
            with cursor.copy("COPY bench_floor FROM STDIN (FORMAT binary)") as copy:
                copy.write(rows)

        took = seconds(write)
        cursor.execute("DROP TABLE bench_floor")
    return took
