"""`judge`: event rows judged a second, hour by hour. Floor: csv.reader over the same file."""

import csv
import io
from collections.abc import Iterator

from abuse.core.judging import Judge
from abuse.core.policy import default_policy
from courrielleur.bench.figures import Figure, compare
from courrielleur.simulation import REPORTING, rows, senders

SCALE = 0.4  # of the simulated platform: about 130,000 rows
ROUNDS = 3


def measure() -> Iterator[Figure]:
    text = _events()
    number = text.count("\n")

    def ours() -> None:
        judge = Judge(default_policy(), REPORTING)
        for _ in judge.changes(csv.reader(io.StringIO(text))):
            pass

    def bare() -> None:
        for _ in csv.reader(io.StringIO(text)):
            pass

    yield compare("judge", "rows/s", number, ours, bare, rounds=ROUNDS)


def _events() -> str:
    """Return an event file without its heading line (abuse/core/judging.py)."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows(senders(1, scale=SCALE)))
    return file.getvalue()
