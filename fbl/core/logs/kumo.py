"""The logs of KumoMTA: one JSON object a line (docs.kumomta.com/reference/log_record).

A record has no id of its own; what makes it one is its place in the file.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from fbl.core.headers import Headers
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.fields import Fields, bounce, feedback
from fbl.core.logs.letters import WAITING, compose
from fbl.core.logs.record import Act, LogRecord, RejectReason, Tally
from fbl.core.logs.times import Untimely
from fbl.core.report import BounceClass, References

ACCOUNT_FIELD = "tenant"
CAMPAIGN_FIELD = "campaign"
SHOWN = 500  # characters of a rejected line that are kept
_MAX_ORIGINAL = 1 << 20  # characters of a returned mail whose header is looked at

_ACTS = {
    "Delivery": Act.DELIVERED,
    "Bounce": Act.BOUNCE,
    "Expiration": Act.BOUNCE,
    "OOB": Act.LATE_BOUNCE,
    "Feedback": Act.FEEDBACK,
}
_OWN = "X-Courrielleur-Ref"


class KumoReader:
    """A reader (`record.Reader`) for one file, or for the records an HTTP log hook posts."""

    def __init__(self, attribution: Attribution, *, account_from: str = "", campaign_from: str = "") -> None:
        self._attribution = attribution
        self._account = account_from or ACCOUNT_FIELD
        self._campaign = campaign_from or CAMPAIGN_FIELD
        self._lines = 0

    def feed(self, data: bytes, tally: Tally, *, final: bool) -> int:
        end = data.rfind(b"\n") + 1
        for line in data[:end].split(b"\n")[:-1]:
            self._lines += 1
            if line and not line.isspace():
                tally.lines += 1
                self._take(line, tally)
        if final and end < len(data) and _is_whole(data[end:]):
            return end + self.feed(data[end:] + b"\n", tally, final=False) - 1
        return end

    def skip_line(self, tally: Tally) -> None:
        self._lines += 1
        tally.lines += 1
        tally.reject(self._lines, RejectReason.TOO_LONG, "")

    def is_heading(self, line: bytes, *, is_first: bool) -> bool:
        return False

    def stream(self, line: bytes) -> str:
        return ""

    def state(self) -> dict[str, Any]:
        return {"lines": self._lines}

    def restore(self, state: dict[str, Any]) -> None:
        self._lines = int(state["lines"])

    def follow_on(self, state: dict[str, Any]) -> None:
        """Do nothing: every record stands for itself."""

    def _take(self, line: bytes, tally: Tally) -> None:
        try:
            record = orjson.loads(line)
            act = _ACTS.get(record["type"], Act.OTHER)
        except (ValueError, TypeError, KeyError):
            tally.reject(self._lines, RejectReason.MALFORMED, _shown(line))
            return
        if act is Act.OTHER:
            return
        recipients = record.get("recipient")
        for recipient in recipients if isinstance(recipients, list) else [recipients]:
            found = self._found(act, record, recipient if isinstance(recipient, str) else "", tally)
            if found is not None:
                tally.reject(self._lines, found, _shown(line))

    def _found(self, act: Act, record: dict[str, Any], recipient: str, tally: Tally) -> RejectReason | None:
        """Take the record for one recipient; return why it was not taken."""
        found: LogRecord | RejectReason | None
        if act is Act.DELIVERED:
            try:
                hour = self._attribution.clock.hour(_text(record.get("created")) or _time(record))
            except Untimely as error:
                return error.reason
            account, campaign = self._names(record)
            sender = _text(record.get("sender"))
            cell = self._attribution.cell(recipient, hour, sender, _header(record, _OWN), account, campaign)
            if isinstance(cell, RejectReason):
                return cell
            tally.delivered[cell] = tally.delivered.get(cell, 0) + 1
            return None
        if act is Act.FEEDBACK:
            found = self._complaint(record, tally)
        else:
            found = bounce(self._fields(record, recipient, act), self._attribution, is_late=act is Act.LATE_BOUNCE)
        if isinstance(found, RejectReason):
            return found
        if found is not None:
            tally.records.append(found)
        return None

    def _fields(self, record: dict[str, Any], recipient: str, act: Act) -> Fields:
        response, peer = _dict(record.get("response")), _dict(record.get("peer_address"))
        exact = _dict(response.get("enhanced_code"))
        is_late, is_expired = act is Act.LATE_BOUNCE, record["type"] == "Expiration"
        # A notice that came by mail is queued under the address it came to: its queue names nobody, its `created` is
        # its own. What it was sent to is our return path, when the log has the header.
        account, campaign = self._names(record, with_queue=not is_late)
        return Fields(
            at=_time(record),
            queued="" if is_late else _text(record.get("created")),
            sender=_header(record, "To") if is_late else _text(record.get("sender")),
            recipient=recipient,
            own=_header(record, _OWN),
            account=account,
            campaign=campaign,
            diagnostic=_text(response.get("content")),
            status=".".join(_text(exact.get(name)) for name in ("class", "subject", "detail")) if exact else "",
            reply_code=_text(response.get("code")),
            remote=_text(peer.get("name")),
            category=_text(record.get("bounce_classification")),
            bounce_class=BounceClass.SOFT if is_expired else None,
            reason="expired" if is_expired else "",
        )

    def _complaint(self, record: dict[str, Any], tally: Tally) -> LogRecord | RejectReason | None:
        report = _dict(record.get("feedback_report"))
        header = _original_header(report.get("original_message"))
        original = Headers(header)
        # KumoMTA spells it with two "to"; the other spelling may come with a correction.
        named = report.get("original_rcpto_to") or report.get("original_rcpt_to")
        references = References(
            own=original.get("x-courrielleur-ref"),
            cfbl_feedback_id=original.get("cfbl-feedback-id"),
            return_path=_text(report.get("original_mail_from")) or original.get("return-path"),
            envelope_id=_text(report.get("original_envelope_id")),
            list_unsubscribe=original.get("list-unsubscribe"),
            feedback_id=original.get("feedback-id"),
        )
        fields = Fields(
            at=_time(record),
            recipient=_text(named[0] if isinstance(named, list) and named else named).strip("<> "),
            feedback_type=_text(report.get("feedback_type")) or "abuse",
            queued=_text(report.get("arrival_date")),
            remote=_text(_dict(report.get("reporting_mta")).get("name")),
            user_agent=_text(report.get("user_agent")),
            source_ip=_text(report.get("source_ip")),
        )
        found = feedback(fields, references, self._attribution)
        if found in WAITING:
            tally.letters.append(compose(fields, references, self._attribution.clock, header))
        return found

    def _names(self, record: dict[str, Any], *, with_queue: bool = True) -> tuple[str, str]:
        """Return what names the account and the campaign: logged metadata, else the parts of the queue's name."""
        meta = _dict(record.get("meta"))
        account = _text(meta.get(self._account)) or _text(_dict(record.get("headers")).get(self._account))
        campaign = _text(meta.get(self._campaign)) or _text(_dict(record.get("headers")).get(self._campaign))
        if with_queue and not (account and campaign):
            # campaign:tenant@domain!route, where all but the domain may be missing.
            named, at, _domain = _text(record.get("queue")).partition("!")[0].partition("@")
            of_campaign, colon, of_tenant = named.partition(":") if at else ("", "", "")
            if self._account == ACCOUNT_FIELD:
                account = account or (of_tenant if colon else of_campaign)
            if self._campaign == CAMPAIGN_FIELD and colon:
                campaign = campaign or of_campaign
        return account, campaign


def tells_an_end(line: bytes) -> bool:
    """Whether a record tells what became of a mail; the others of its life count nothing."""
    try:
        return orjson.loads(line)["type"] in _ACTS
    except (ValueError, TypeError, KeyError):
        return False


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except ValueError:
        return False
    return True


def _time(record: Mapping[str, Any]) -> str:
    return _text(record.get("event_time")) or _text(record.get("timestamp"))


def _header(record: Mapping[str, Any], name: str) -> str:
    """Return a logged header; KumoMTA gives the name as its configuration spells it."""
    headers = record.get("headers")
    if not headers or not isinstance(headers, dict):
        return ""
    if name in headers:
        return _text(headers[name])
    return next((_text(value) for key, value in headers.items() if key.lower() == name.lower()), "")


def _original_header(message: object) -> str:
    """Return the header of the mail complained about, which newer versions log as an array of byte values."""
    if isinstance(message, list):
        message = bytes(code for code in message[:_MAX_ORIGINAL] if isinstance(code, int) and 0 <= code < 256).decode(
            "utf-8", "replace"
        )
    text = message[:_MAX_ORIGINAL].replace("\r\n", "\n") if isinstance(message, str) else ""
    return text.partition("\n\n")[0]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, bool | list | dict) else str(value)


def _shown(line: bytes) -> str:
    return line[:SHOWN].decode("utf-8", "replace")
