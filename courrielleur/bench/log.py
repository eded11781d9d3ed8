"""`log`: lines of an MTA's log imported a second, down to the committed counters; and the memory it takes.

Floors: Python's csv module, and orjson, read the same lines and do nothing with them. The lines are made on the fly:
every one carries a reference of ours, four of a hundred are bounces in the words of several servers, one is a
deferral. Memory is the peak of a process of its own, after many lines; its floor is the peak of another after
one million.
"""

import csv
import io
import statistics
from collections.abc import Callable, Iterator
from functools import partial

import orjson

from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.log_lines import PMTA_HEADING, Made, kumo_block, pmta_block
from courrielleur.bench.log_memory import MILLION, import_made, peaks
from courrielleur.bench.samples import new_account
from fbl.core.logs import kumo, pmta
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.record import Reader

LINES = 200_000
ROUNDS = 5


def measure() -> Iterator[Figure]:
    account_id = new_account().pk
    yield from peaks(account_id, 5 * MILLION)
    yield _rate("log pmta", pmta.reader, PMTA_HEADING, pmta_block(account_id), _read_csv)
    yield _rate("log kumo", kumo.KumoReader, "", kumo_block(account_id), _read_json)


def _rate(
    name: str, reader: Callable[[Attribution], Reader], opening: str, block: str, bare: Callable[[bytes], None]
) -> Figure:
    ours, floors = [], []
    for number in range(ROUNDS):
        source = Made(opening, block, LINES, f"{name[-4:]}{number}")
        whole = source.make_ready()
        ours.append(LINES / seconds(partial(import_made, source, reader)))
        floors.append(LINES / seconds(partial(bare, whole)))
    return Figure(name, statistics.median(ours), "lines/s", statistics.median(floors))


def _read_csv(whole: bytes) -> None:
    for _ in csv.reader(io.TextIOWrapper(io.BytesIO(whole), encoding="utf-8", newline="")):
        pass


def _read_json(whole: bytes) -> None:
    for line in io.BytesIO(whole):
        orjson.loads(line)
