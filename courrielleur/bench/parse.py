"""`parse`: mails read into reports a second. Floor: Python's email package walks and decodes the same mails.

`parse` reads the mails of the demo, as a provider's stream of reports is: many mails, few different answers.
`parse-corpus` reads the shared corpus of real mails, where it is there, each answer judged for the first time.
"""

import email
import sys
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings

from courrielleur.bench.figures import Figure, compare
from courrielleur.bench.samples import incidents, mails
from fbl.core.classify import forget
from fbl.core.registry import read_report

MAILS = 1_500
START = 29_801_420  # any minute; the same mails on every run
CORPUS = settings.BASE_DIR.parent / "shared" / "corpus" / "mails"
ROUNDS_OF_CORPUS = 15  # it is small: more rounds make up for it


def measure() -> Iterator[Figure]:
    raws = [mail.raw for mail in mails(incidents(MAILS, start=START), account_id=1)]
    yield compare("parse", "mails/s", len(raws), _reading(raws), _decoding(raws))
    raws = [file.read_bytes() for file in sorted(CORPUS.glob("*.eml"))]
    if not raws:
        print("parse-corpus: left out, there is no ../shared/corpus.", file=sys.stderr)  # noqa: T201 - as the figures
        return
    anew = _reading(raws, before=forget)
    yield compare("parse-corpus", "mails/s", len(raws), anew, _decoding(raws), rounds=ROUNDS_OF_CORPUS)


def _reading(raws: Sequence[bytes], before: Callable[[], None] = lambda: None) -> Callable[[], None]:
    def read() -> None:
        before()
        for raw in raws:
            read_report(raw)

    return read


def _decoding(raws: Sequence[bytes]) -> Callable[[], None]:
    def decode() -> None:
        for raw in raws:
            for part in email.message_from_bytes(raw).walk():
                part.get_payload(decode=True)

    return decode
