"""The mail log of Postfix: what became of a mail stands in several lines, joined by host and queue id.

`sent` means that the next hop took it. Mail given to this host itself (a content filter, a local mailbox) is not
counted: it comes again under another queue id, or never left. The memory for open queue ids is bounded: the oldest
is forgotten, and its later lines name no sender then.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from fbl.core.logs.attribution import Attribution
from fbl.core.logs.fields import Fields, bounce
from fbl.core.logs.record import Cell, RejectReason, Tally
from fbl.core.logs.syslog import Line, Syslog
from fbl.core.logs.times import Untimely
from fbl.core.report import BounceClass

ACCOUNT_FIELD = "sasl_username"
SENDER_DOMAIN = "sender_domain"
MAX_OPEN = 20_000  # queue ids
SHOWN = 500  # characters of a rejected line that are kept
_MAX_WAITING = 1_000  # recipients of one mail that are remembered as deferred

_QUEUED = re.compile(r"(?P<id>[0-9A-Za-z]{5,20}): (?P<rest>.+)")
_FROM = re.compile(r"from=<(?P<sender>[^>]*)>")
_STATUS = re.compile(
    r"to=<(?P<recipient>[^>]*)>,(?: orig_to=<[^>]*>,)? relay=(?P<relay>[^\s,]+),.*?"
    r" delay=(?P<delay>[\d.]+),.*? dsn=(?P<dsn>[\d.]+), status=(?P<status>[a-z]+) ?(?P<why>.*)"
)
_VALUE = re.compile(r"([a-z_]+)=([^,\s]+)")
_OWN = re.compile(r"header x-courrielleur-ref: ([a-z2-7]+)", re.IGNORECASE)
_LOOPBACK = re.compile(r"(?:\[(?:127\.|::1\])|localhost\b)")


@dataclass
class _Mail:
    sender: str | None = None  # None: not seen yet; empty: a bounce of this host's own
    account: str = ""
    own: str = ""
    queued: str = ""  # when, once something was deferred
    waiting: list[str] = field(default_factory=list)  # deferred, and nothing final since


class PostfixReader:
    """A reader (`record.Reader`) for one file. *until*: when its last line was written; *zone*: the host's."""

    def __init__(self, attribution: Attribution, *, until: datetime, zone: tzinfo, account_from: str = "") -> None:
        self._attribution, self._account = attribution, account_from or ACCOUNT_FIELD
        self._syslog = Syslog(until, zone)
        self._open: dict[str, _Mail] = {}
        self._lines = 0

    def feed(self, data: bytes, tally: Tally, *, final: bool) -> int:
        end = data.rfind(b"\n") + 1
        for line in data[:end].split(b"\n")[:-1]:
            self._lines += 1
            if line and not line.isspace():
                tally.lines += 1
                if b"postfix" in line:
                    self._take(line.decode("utf-8", "replace"), tally)
        if final and data[end:].rstrip().endswith((b")", b"removed", b"sender")):
            return end + self.feed(data[end:] + b"\n", tally, final=False) - 1
        return end

    def skip_line(self, tally: Tally) -> None:
        self._lines += 1
        tally.lines += 1
        tally.reject(self._lines, RejectReason.TOO_LONG, "")

    def is_heading(self, line: bytes, *, is_first: bool) -> bool:
        return False

    def stream(self, line: bytes) -> str:
        read = self._syslog.read(line.decode("utf-8", "replace"))
        self._syslog.last = None
        return read.host if read else ""

    def state(self) -> dict[str, Any]:
        return {
            "lines": self._lines,
            "last": self._syslog.last.isoformat() if self._syslog.last else "",
            "open": [
                [key, mail.sender, mail.account, mail.own, mail.queued, mail.waiting]
                for key, mail in self._open.items()
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._lines = int(state["lines"])
        self._syslog.last = datetime.fromisoformat(state["last"]) if state["last"] else None
        self.follow_on(state)

    def follow_on(self, state: dict[str, Any]) -> None:
        self._open = {key: _Mail(*values) for key, *values in state["open"]}

    def _take(self, text: str, tally: Tally) -> None:
        line = self._syslog.read(text)
        if line is None or "postfix" not in line.program:
            return
        queued = _QUEUED.match(line.text)
        if queued is None:
            return
        key, rest = f"{line.host} {queued['id']}", queued["rest"]
        program = line.program.rpartition("/")[2]
        if status := _STATUS.match(rest):
            self._take_status(status, key, line, tally)
        elif program == "qmgr":
            self._take_queue(key, rest, line, tally)
        elif program == "smtpd" or line.program.endswith("smtpd"):
            for name, value in _VALUE.findall(rest):
                if name == self._account:
                    self._mail(key).account = value
        elif program == "cleanup" and (own := _OWN.search(rest)):
            self._mail(key).own = own[1]

    def _take_queue(self, key: str, rest: str, line: Line, tally: Tally) -> None:
        if rest == "removed":
            self._open.pop(key, None)
        elif sender := _FROM.match(rest):
            mail = self._mail(key)
            mail.sender = sender["sender"]
            if self._account == SENDER_DOMAIN:
                mail.account = mail.sender.rpartition("@")[2]
            if "status=expired" in rest or "status=force-expired" in rest:
                # Said once for the mail: it goes for everybody who was still deferred.
                for recipient in mail.waiting:
                    self._bounce(recipient, mail, line, mail.queued, tally, Fields("", reason="expired"))
                mail.waiting = []

    def _take_status(self, status: re.Match[str], key: str, line: Line, tally: Tally) -> None:
        mail, recipient = self._open.get(key) or _Mail(), status["recipient"]
        if status["status"] == "deferred":
            mail = self._mail(key)
            mail.queued = (line.at - timedelta(seconds=_seconds(status["delay"]))).isoformat()
            if recipient not in mail.waiting and len(mail.waiting) < _MAX_WAITING:
                mail.waiting.append(recipient)
            return
        if recipient in mail.waiting:
            mail.waiting.remove(recipient)
        queued_at = line.at - timedelta(seconds=_seconds(status["delay"]))
        if mail.sender == "":
            return
        if status["status"] == "bounced":
            why = status["why"].removeprefix("(").removesuffix(")")
            told = Fields("", diagnostic=why, status=status["dsn"], remote=status["relay"])
            self._bounce(recipient, mail, line, queued_at.isoformat(), tally, told)
        elif status["status"] == "sent" and _is_remote(status["relay"]):
            self._delivered(recipient, mail, line, queued_at, tally)

    def _delivered(self, recipient: str, mail: _Mail, line: Line, queued_at: datetime, tally: Tally) -> None:
        found: Cell | RejectReason
        try:
            hour = self._attribution.clock.checked(queued_at)
        except Untimely as error:
            found = error.reason
        else:
            found = self._attribution.cell(recipient, hour, mail.sender or "", mail.own, mail.account, "")
        if isinstance(found, RejectReason):
            tally.reject(self._lines, found, line.text[:SHOWN])
        else:
            tally.delivered[found] = tally.delivered.get(found, 0) + 1

    def _bounce(self, recipient: str, mail: _Mail, line: Line, queued: str, tally: Tally, told: Fields) -> None:
        fields = Fields(
            at=line.at.isoformat(),
            queued=queued,
            sender=mail.sender or "",
            recipient=recipient,
            own=mail.own,
            account=mail.account,
            diagnostic=told.diagnostic,
            status=told.status,
            remote=told.remote,
            bounce_class=BounceClass.SOFT if told.reason == "expired" else None,
            reason=told.reason,
        )
        found = bounce(fields, self._attribution, is_late=False)
        if isinstance(found, RejectReason):
            tally.reject(self._lines, found, line.text[:SHOWN])
        else:
            tally.records.append(found)

    def _mail(self, key: str) -> _Mail:
        mail = self._open.get(key)
        if mail is None:
            if len(self._open) >= MAX_OPEN:
                del self._open[next(iter(self._open))]
            mail = self._open[key] = _Mail()
        return mail


def _seconds(delay: str) -> float:
    try:
        return min(float(delay), 10**7)  # four months: no queue keeps mail so long
    except ValueError:
        return 0.0


def _is_remote(relay: str) -> bool:
    """Whether a mail given to *relay* left this host: `mx.example.net[192.0.2.9]:25`, not `local` or a filter."""
    return "[" in relay and "/" not in relay and not _LOOPBACK.search(relay)
