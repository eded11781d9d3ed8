"""`ingest`: stored reports read, identified, recorded and counted a second. Floor: COPY of the rows that came of it."""

import statistics
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.samples import incidents, mails, new_account
from courrielleur.demo.traffic import Incident
from fbl.services.inbox import Arrival, store
from fbl.services.reports import BATCH, read_stored

REPORTS = 2_000
ROUNDS = 3


def measure() -> Iterator[Figure]:
    start = int(timezone.now().timestamp() // 60)
    happened = incidents(REPORTS, start=start)
    ours, bare = [], []
    for _ in range(ROUNDS):
        account = new_account()
        _store(account.pk, happened)
        ours.append(len(happened) / seconds(_read_all))
        bare.append(len(happened) / _copy_seconds(account.pk))
    yield Figure("ingest", statistics.median(ours), "reports/s", statistics.median(bare))


def _store(account_id: int, happened: list[Incident]) -> None:
    now = timezone.now()
    arrivals = [
        Arrival(mail.raw, "smtp", now, mail.envelope_from, mail.envelope_to) for mail in mails(happened, account_id)
    ]
    for first in range(0, len(arrivals), BATCH):
        store(arrivals[first : first + BATCH])


def _read_all() -> None:
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
