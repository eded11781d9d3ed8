"""`consent`: rows of a file of consent records received, checked and stored a second, down to the end of its reading.

Floor: csv.reader over the same file, doing nothing with it. The file has a million rows of twelve columns, one row in
a hundred wrong. It is taken in a process of its own, whose peak memory is told too, with that of its helpers and
without the database's; the floor of that is the peak after the first ten thousandth. `consent examined` is the job that
follows: every record opened, judged by the law and put through the checks of evidence; its floor opens them only.
`consent-long` does the same with ten million rows, and with a workbook of 200,000. Takes minutes.
"""

import csv
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from django.db import connection
from django.utils import timezone

from abuse.models import Case
from abuse.services import suspensions
from consent.models import ConsentRecord
from consent.services import examinations, uploads
from courrielleur import vault
from courrielleur.accounts.models import Account
from courrielleur.bench.consent_files import write_csv, write_workbook
from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.samples import new_account
from courrielleur.bench.weight import weighed

MILLION = 1_000_000
PIECE = 256 * 1024
WRONG_IN = 100  # one row in so many


def measure() -> Iterator[Figure]:
    yield from csv_figures(MILLION, "consent")


def csv_figures(rows: int, name: str) -> Iterator[Figure]:
    yield from _figures(rows, name, write_csv, _read_csv)


def workbook_figures(rows: int, name: str) -> Iterator[Figure]:
    yield from _figures(rows, name, write_workbook, None)


def _figures(
    rows: int, name: str, write: Callable[[Path, int], None], bare: Callable[[Path], None] | None
) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="courrielleur-bench-") as folder:
        small, whole = Path(folder) / "small", Path(folder) / "whole"
        write(small, max(rows // 10_000, 1))
        write(whole, rows)
        account = new_account()
        _seconds, least = _apart(_take, new_account().pk, small)
        took, peak = _apart(_take, account.pk, whole)
        floor = rows / seconds(partial(bare, whole)) if bare else 0.0
    yield Figure(name, rows / took, "rows/s", floor)
    yield Figure(f"{name} memory", peak, "MB", least)
    suspensions.impose(account, now=timezone.now(), reason="bench")
    took, peak = _apart(_examine, account.pk)
    yield Figure(f"{name} examined", rows / took, "rows/s", rows / seconds(partial(_open, account.pk)))
    yield Figure(f"{name} examined memory", peak, "MB", least)


def _apart(work: Callable[..., None], *args: object) -> tuple[float, float]:
    """Return the seconds and the peak megabytes of a fresh process that does *work*."""
    connection.close()  # neither process may use the other's
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_weigh, (work, args))


def _weigh(work: Callable[..., None], args: tuple[object, ...]) -> tuple[float, float]:
    with weighed() as weight:
        took = seconds(partial(work, *args))
    connection.close()
    return took, weight.peak


def _take(account_id: int, path: Path) -> None:
    """Take a file in as the door and the worker do."""
    account = Account.objects.get(pk=account_id)
    now = timezone.now()
    with path.open("rb") as file:
        pieces = iter(partial(file.read, PIECE), b"")
        upload, _is_new = uploads.receive(account, pieces, path.name, "bench", now)
    read = uploads.read(upload, now)
    if read.state != uploads.State.DONE or read.rejected != read.rows // WRONG_IN:
        raise RuntimeError(f"the made file is not read as meant: {read.state} {read.error} {read.rows} {read.rejected}")


def _examine(account_id: int) -> None:
    examination = examinations.examine(Case.objects.get(account=account_id), timezone.now())
    if examination is None or not examination.figures["is_whole"]:
        raise RuntimeError("the made file was not examined to its end")


def _open(account_id: int) -> None:
    for sealed in ConsentRecord.stored.filter(account_id=account_id).values_list("fields", flat=True).iterator():
        vault.decrypt(sealed)


def _read_csv(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
