"""Lines as MTAs write them, about mail of `tests.worlds.Mailing`."""

import json
from datetime import datetime, timedelta

from tests.worlds import NOON

PMTA_COLUMNS = (
    "type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,"
    "dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool"
)
QUEUED_AT = NOON - timedelta(hours=6)
UNKNOWN_USER = "smtp;550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table"


def pmta(
    kind: str = "d",
    recipient: str = "zoe@yahoo.ca",
    *,
    orig: str = "bounce@sender.example.com",
    job: str = "acme",
    at: datetime = QUEUED_AT + timedelta(seconds=4),
    queued_at: datetime | None = QUEUED_AT,
    status: str = "",
    diag: str = "",
    category: str = "",
) -> str:
    """Return a line of a PowerMTA accounting file."""
    queued = f"{queued_at:%Y-%m-%d %H:%M:%S}+0000" if queued_at else ""
    if kind in ("b", "rb") and not diag:
        diag, status, category = (
            UNKNOWN_USER.format(recipient),
            "5.1.1 (bad destination mailbox address)",
            "bad-mailbox",
        )
    return (
        f"{kind},{at:%Y-%m-%d %H:%M:%S}+0000,{queued},{orig},{recipient},,,{status},{_quoted(diag)},"
        f'mx.example.net (192.0.2.9),{category},smtp,gen (192.0.2.1),smtp,192.0.2.4,192.0.2.9,"PIPELINING,8BITMIME",'
        f"15333,vmta1,{job},,yahoo.ca/vmta1,pool1\n"
    )


def pmta_file(*lines: str) -> str:
    return f"{PMTA_COLUMNS}\n{''.join(lines)}"


def kumo(kind: str = "Delivery", recipient: object = "zoe@yahoo.ca", **changes: object) -> str:
    """Return a KumoMTA log record."""
    record = {
        "type": kind,
        "id": "1d98076abbbc11ed940250ebf67f93bd",
        "sender": "bounce@sender.example.com",
        "recipient": recipient,
        "queue": "infolettre:acme@yahoo.ca",
        "site": "source2->mx.example.net",
        "size": 1047,
        "response": {"code": 250, "enhanced_code": None, "content": "OK", "command": "."},
        "peer_address": {"name": "mx.example.net.", "addr": "192.0.2.9"},
        "timestamp": int(QUEUED_AT.timestamp()) + 4,
        "created": int(QUEUED_AT.timestamp()),
        "num_attempts": 0,
        "bounce_classification": "Uncategorized",
        "feedback_report": None,
        "meta": {},
        "headers": {},
        "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173",
    }
    if kind in ("Bounce", "OOB"):
        record["response"] = {
            "code": 550,
            "enhanced_code": {"class": 5, "subject": 1, "detail": 1},
            "content": "User unknown",
            "command": "RCPT TO",
        }
    return json.dumps({**record, **changes}) + "\n"


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(sign in text for sign in ',"\n') else text
