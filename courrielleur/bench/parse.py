"""`parse`: mails read into reports a second. Floor: Python's email package walks and decodes the same mails."""

import email
from collections.abc import Iterator

from courrielleur.bench.figures import Figure, compare
from courrielleur.bench.samples import incidents, mails
from fbl.core.registry import read_report

MAILS = 1_500
START = 29_801_420  # any minute; the same mails on every run


def measure() -> Iterator[Figure]:
    raws = [mail.raw for mail in mails(incidents(MAILS, start=START), account_id=1)]

    def ours() -> None:
        for raw in raws:
            read_report(raw)

    def bare() -> None:
        for raw in raws:
            for part in email.message_from_bytes(raw).walk():
                part.get_payload(decode=True)

    yield compare("parse", "mails/s", len(raws), ours, bare)
