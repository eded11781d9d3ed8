"""Turn a chunk of a file's lines into what is stored of it. Needs no database, so a helper process can do it too."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from consent.core.line import Line
from consent.core.records import DAY_ONLY, Record, rows_of
from consent.core.tables import Plan
from consent.services import copying


@dataclass(frozen=True)
class Task:
    """What is the same for all chunks of one file."""

    account_id: int
    upload_id: UUID
    plan: Plan
    now: datetime  # when the records count as stored


class Worked(NamedTuple):
    rows: int
    accepted: int
    undated: int  # of them, without a moment
    day_only: int  # of them, with the day and no time
    refused: list[dict[str, Any]]  # the errors of the rows that are no records
    packed: bytes  # the others, as COPY takes them


def work(task: Task, lines: Sequence[Line]) -> Worked:
    """Read and pack the rows of some lines: each becomes a record, or says what is wrong with it."""
    rows = accepted = undated = day_only = 0
    refused: list[dict[str, Any]] = []
    takes_days = task.plan.takes_days

    def records() -> Iterator[Record]:
        nonlocal rows, accepted, undated, day_only
        for row in rows_of(lines, task.plan):
            rows += 1
            if row.record is not None:
                accepted += 1
                undated += row.record.consented_at is None
                day_only += takes_days and DAY_ONLY in row.record.fields
                yield row.record
            refused.extend(map(asdict, row.errors))

    with without_collector():
        packed = copying.packed(task.account_id, task.upload_id, records(), task.now)
    return Worked(rows, accepted, undated, day_only, refused, packed)


@contextmanager
def without_collector() -> Iterator[None]:
    """Rows hold no cycles, and the collector would search each chunk for some a dozen times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
