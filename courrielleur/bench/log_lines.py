"""Logs to measure with, made while they are read: a block of different lines, again and again with other numbers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils import timezone

from courrielleur import vault
from courrielleur.bench.samples import REPORT_DOMAIN
from fbl.core.addresses import digest
from fbl.core.identify import Reference, campaign_digest, mint

BLOCK_LINES = 10_000  # different ones
BOUNCES, DEFERRALS = 4, 1  # of a hundred lines; the others are delivered
DOMAINS = ("yahoo.ca", "outlook.com", "gmail.com", "videotron.ca", "example.org")
PMTA_HEADING = (
    "type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,"
    "dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool\n"
)
# Status, PowerMTA's category, KumoMTA's, and what the other side says; {} is the recipient.
_REFUSALS = (
    ("5.1.1", "bad-mailbox", "InvalidRecipient", "550 5.1.1 <{}>: Recipient address rejected: User unknown"),
    ("5.2.2", "quota-issues", "QuotaIssues", '552 5.2.2 <{}>: "Mailbox full", try again, later'),
    ("5.7.1", "spam-related", "SpamBlock", "554 5.7.1 Service unavailable; Client host [192.0.2.4] blocked"),
    ("5.0.0", "other", "Uncategorized", "550 Requested action not taken: mailbox unavailable, {}"),
)


class Made:
    """A log of *lines*: *opening*, then *block* again and again, with a number of its own for each `@@`.

    What is measured against time is made before (`make_ready`).
    """

    def __init__(self, opening: str, block: str, lines: int, name: str) -> None:
        self.name = name
        self._opening, self._block, self._rounds = opening.encode(), block, lines // BLOCK_LINES
        self._ready: list[bytes] = []
        self.move_to(0)

    def make_ready(self) -> bytes:
        """Make all of it now, and return it."""
        self._ready = [self._numbered(number) for number in range(self._rounds)]
        return self._opening + b"".join(self._ready)

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


def pmta_block(account_id: int) -> str:
    lines = []
    for number, recipient, sender, at in _mails(account_id):
        kind, status, category, diag = "d", "2.0.0 (success)", "", "250 2.0.0 OK 1795154405 d2e1a72fcca58-7c3"
        if number % 100 < BOUNCES:
            status, category, _, diag = _REFUSALS[number % len(_REFUSALS)]
            kind, status, diag = "b", f"{status} (refused)", diag.format(recipient)
        elif number % 100 < BOUNCES + DEFERRALS:
            kind, status, diag = "t", "4.7.0 (try again)", '421 4.7.0 "rate" limited, try again later'
        diag = f"smtp;{diag}"
        if '"' in diag or "," in diag:
            diag = '"' + diag.replace('"', '""') + '"'
        time = f"{at:%Y-%m-%d %H:%M:%S}+0000"
        lines.append(
            f"{kind},{time},{time},{sender},{recipient},,relayed,{status},{diag},mx.example.net (192.0.2.9),{category},"
            f'smtp,gen (192.0.2.1),smtp,192.0.2.4,192.0.2.9,"ENHANCEDSTATUSCODES,PIPELINING,8BITMIME",15333,vmta1,'
            f"@@{number},,example.net/vmta1,pool1\n"
        )
    return "".join(lines)


def kumo_block(account_id: int) -> str:
    lines = []
    for number, recipient, sender, at in _mails(account_id):
        kind, code, exact, category, text = "Delivery", 250, "2.0.0", "Uncategorized", "OK ids=8a5475ccbbc611eda122"
        if number % 100 < BOUNCES:
            exact, _, category, text = _REFUSALS[number % len(_REFUSALS)]
            kind, code, text = "Bounce", int(text[:3]), text[4:].format(recipient)
        elif number % 100 < BOUNCES + DEFERRALS:
            kind, code, exact, text = "TransientFailure", 421, "4.7.0", "rate limited, try again later"
        record: dict[str, object] = {
            "type": kind,
            "id": f"@@{number:032x}",
            "sender": sender,
            "recipient": recipient,
            "queue": "spring:bench@example.net",
            "site": "source2->(alt1|alt2|alt3|alt4)?.mx.example.net.",
            "size": 15_333,
            "response": {
                "code": code,
                "enhanced_code": dict(zip(("class", "subject", "detail"), map(int, exact.split(".")), strict=True)),
                "content": text,
                "command": ".",
            },
            "peer_address": {"name": "mx.example.net.", "addr": "192.0.2.9"},
            "timestamp": int(at.timestamp()) + 2,
            "created": int(at.timestamp()),
            "num_attempts": 0,
            "bounce_classification": category,
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
