"""`log`: lines of an MTA's log imported a second, down to the committed counters; and the memory it takes.

Floors: Python's csv module, and orjson, read the same lines and do nothing with them. The lines are made on the fly:
every one carries a reference of ours, one in fifty is a bounce. Memory is the peak of a process of its own, after
many lines; its floor is the peak of another after a fifth of them.
"""

import csv
import io
import json
import multiprocessing
import resource
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import orjson
from django.db import connection
from django.utils import timezone

from courrielleur import vault
from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.samples import REPORT_DOMAIN, new_account
from fbl.core.addresses import digest
from fbl.core.identify import Reference, campaign_digest, mint
from fbl.core.logs import kumo, pmta
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.record import Reader
from fbl.core.logs.times import Clock
from fbl.services.log_imports import FileImport, known_accounts
from fbl.services.log_ledger import Summary

LINES = 200_000
ROUNDS = 3
MANY_LINES = 5_000_000
BLOCK_LINES = 10_000  # different ones; a longer log repeats them, with a number of its own in each
BOUNCE_EVERY = 50
DOMAINS = ("yahoo.ca", "outlook.com", "gmail.com", "videotron.ca", "example.org")
HEADING = (
    "type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,"
    "dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool\n"
)


class Made:
    """A log that is made while it is read: *opening*, then *block* with `@@` as its number, until *lines* were given.

    What is measured against time is made before (`make_ready`).
    """

    def __init__(self, opening: str, block: str, lines: int, name: str) -> None:
        self.name = name
        self._opening, self._block, self._rounds = opening.encode(), block, lines // BLOCK_LINES
        self._ready: list[bytes] = []
        self.move_to(0)

    def make_ready(self) -> None:
        self._ready = [self._numbered(number) for number in range(self._rounds)]

    def head(self, size: int) -> bytes:
        return (self._opening + self._numbered(0))[:size]

    def move_to(self, position: int) -> None:
        """Begin anew; nothing else is asked of a log that was never seen before."""
        self._round, self._rest, self._given = 0, self._opening, 0

    def read(self, size: int) -> bytes:
        if not self._rest and self._round < self._rounds:
            self._rest = self._ready[self._round] if self._ready else self._numbered(self._round)
            self._round += 1
            self._given = 0
        piece = self._rest[self._given : self._given + size]
        self._given += len(piece)
        if self._given == len(self._rest):
            self._rest = b""
        return piece

    def _numbered(self, number: int) -> bytes:
        return self._block.replace("@@", f"{self.name}{number}x").encode()


def measure() -> Iterator[Figure]:
    account_id = new_account().pk
    few, many = (_peak_megabytes(account_id, lines) for lines in (MANY_LINES // 5, MANY_LINES))
    yield Figure("log memory", many, "MB", few)
    yield _rate("log pmta", pmta.reader, HEADING, _pmta_block(account_id), _read_csv)
    yield _rate("log kumo", kumo.KumoReader, "", _kumo_block(account_id), _read_json)


def _rate(
    name: str, reader: Callable[[Attribution], Reader], opening: str, block: str, bare: Callable[[str], None]
) -> Figure:
    ours, floors = [], []
    for number in range(ROUNDS):
        source = Made(opening, block, LINES, f"{name[-4:]}{number}")
        source.make_ready()
        ours.append(LINES / seconds(partial(_import, source, reader)))
        floors.append(BLOCK_LINES / seconds(lambda: bare(block)))
    return Figure(name, statistics.median(ours), "lines/s", statistics.median(floors))


def _import(source: Made, new_reader: Callable[[Attribution], Reader]) -> None:
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
    _import(Made(HEADING, _pmta_block(account_id), lines, f"m{lines}"), pmta.reader)
    connection.close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _read_csv(text: str) -> None:
    for _ in csv.reader(io.StringIO(text, newline="\n")):
        pass


def _read_json(text: str) -> None:
    for line in text.encode().splitlines():
        orjson.loads(line)


def _mails(account_id: int) -> Iterator[tuple[int, str, str, datetime]]:
    """Yield number, recipient, return path and time of queueing of each mail of a block."""
    key_id, key = max(vault.reference_keys().items())
    start = int(timezone.now().timestamp()) - 86_400
    for number in range(BLOCK_LINES):
        queued_at = start + number // 3
        recipient = f"person.@@{number}@{DOMAINS[number % len(DOMAINS)]}"
        campaign = campaign_digest(f"campaign {number % 7}")
        token = mint(
            Reference(key_id, account_id, campaign, queued_at // 3600, digest(recipient, vault.digest_key())), key
        )
        yield number, recipient, f"b-{token}@{REPORT_DOMAIN}", datetime.fromtimestamp(queued_at, UTC)


def _pmta_block(account_id: int) -> str:
    lines = []
    for number, recipient, sender, at in _mails(account_id):
        kind, status, diag, category = "d", "2.0.0 (success)", "smtp;250 2.0.0 OK 1795154405 d2e1a72fcca58-7c3", ""
        if number % BOUNCE_EVERY == 0:
            kind, status, category = "b", "5.1.1 (bad destination mailbox address)", "bad-mailbox"
            diag = f"smtp;550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"
        time = f"{at:%Y-%m-%d %H:%M:%S}+0000"
        lines.append(
            f"{kind},{time},{time},{sender},{recipient},,relayed,{status},{diag},mx.example.net (192.0.2.9),{category},"
            f'smtp,gen (192.0.2.1),smtp,192.0.2.4,192.0.2.9,"ENHANCEDSTATUSCODES,PIPELINING,8BITMIME",15333,vmta1,'
            f"@@{number},,example.net/vmta1,pool1\n"
        )
    return "".join(lines)


def _kumo_block(account_id: int) -> str:
    lines = []
    for number, recipient, sender, at in _mails(account_id):
        is_bounce = number % BOUNCE_EVERY == 0
        exact = {"class": 5, "subject": 1, "detail": 1} if is_bounce else {"class": 2, "subject": 0, "detail": 0}
        record: dict[str, object] = {
            "type": "Bounce" if is_bounce else "Delivery",
            "id": f"@@{number:032x}",
            "sender": sender,
            "recipient": recipient,
            "queue": "spring:bench@example.net",
            "site": "source2->(alt1|alt2|alt3|alt4)?.mx.example.net.",
            "size": 15_333,
            "response": {
                "code": 550 if is_bounce else 250,
                "enhanced_code": exact,
                "content": "User unknown" if is_bounce else "OK ids=8a5475ccbbc611eda12250ebf67f93bd",
                "command": ".",
            },
            "peer_address": {"name": "mx.example.net.", "addr": "192.0.2.9"},
            "timestamp": int(at.timestamp()) + 2,
            "created": int(at.timestamp()),
            "num_attempts": 0,
            "bounce_classification": "Uncategorized",
            "egress_pool": "pool1",
            "egress_source": "source2",
            "source_address": {"address": "192.0.2.4:42342"},
            "feedback_report": None,
            "meta": {"tenant": "bench", "campaign": "spring"},
            "headers": {},
            "delivery_protocol": "ESMTP",
            "reception_protocol": "HTTP",
            "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173",
            "tls_cipher": "TLS_AES_256_GCM_SHA384",
            "tls_protocol_version": "TLSv1.3",
            "tls_peer_subject_name": [],
        }
        lines.append(f"{json.dumps(record)}\n")
    return "".join(lines)
