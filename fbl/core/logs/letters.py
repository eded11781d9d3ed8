"""Write a complaint that a log tells of as the report it was (RFC 5965), for the lane where people look at it.

The same record gives the same bytes, so that it is stored once however often its log is imported.
"""

import hashlib
from collections.abc import Iterator
from email.utils import format_datetime

from fbl.core.logs.fields import Fields
from fbl.core.logs.record import RejectReason
from fbl.core.logs.times import Clock, Untimely
from fbl.core.report import References

# Why a complaint of a log does not count, and a person may know better.
WAITING = frozenset(
    {
        RejectReason.UNIDENTIFIED,
        RejectReason.UNVERIFIED,
        RejectReason.TWO_ACCOUNTS,
        RejectReason.UNKNOWN_ACCOUNT,
    }
)
_LONGEST_VALUE = 2_000
_LONGEST_HEADER = 64_000  # characters of the header of the mail complained about


def compose(fields: Fields, references: References, clock: Clock, header: str = "") -> bytes:
    """Return the report; *header* is that of the mail complained about, where the log has all of it."""
    feedback = "\n".join(f"{name}: {value}" for name, value in _feedback(fields, references, clock) if value)
    original = header.strip("\n")[:_LONGEST_HEADER] or "\n".join(
        f"{name}: {value}" for name, value in _original(references) if value
    )
    date = _date(fields.at, clock)
    # No mail can hold the digest of its own parts.
    boundary = hashlib.sha256(f"{feedback}\n\n{original}".encode("utf-8", "replace")).hexdigest()
    return (
        f"{f'Date: {date}{chr(10)}' if date else ''}Subject: Complaint from the log of an MTA\n"
        "MIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=feedback-report; boundary="{boundary}"\n'
        f"\n--{boundary}\nContent-Type: text/plain\n\nOne record of an MTA's log tells of this complaint.\n"
        f"\n--{boundary}\nContent-Type: message/feedback-report\n\n{feedback}\n"
        f"\n--{boundary}\nContent-Type: text/rfc822-headers; charset=utf-8\n\n{original}\n"
        f"\n--{boundary}--\n"
    ).encode("utf-8", "replace")


def _feedback(fields: Fields, references: References, clock: Clock) -> Iterator[tuple[str, str]]:
    yield "Feedback-Type", _line(fields.feedback_type) or "abuse"
    yield "User-Agent", _line(fields.user_agent)
    yield "Version", "1"
    yield "Original-Mail-From", _line(references.return_path)
    yield "Original-Rcpt-To", _line(fields.recipient)
    yield "Original-Envelope-Id", _line(references.envelope_id)
    yield "Arrival-Date", _date(fields.queued, clock)
    yield "Reporting-MTA", f"dns; {_line(fields.remote)}" if fields.remote else ""
    yield "Source-IP", _line(fields.source_ip)


def _original(references: References) -> Iterator[tuple[str, str]]:
    yield "X-Courrielleur-Ref", _line(references.own)
    yield "CFBL-Feedback-ID", _line(references.cfbl_feedback_id)
    yield "List-Unsubscribe", _line(references.list_unsubscribe)
    yield "Feedback-ID", _line(references.feedback_id)


def _date(text: str, clock: Clock) -> str:
    try:
        at = clock.moment(text) if text else None
        return format_datetime(at) if at else ""
    except (Untimely, ValueError):
        return ""


def _line(value: str | None) -> str:
    """Return *value* on one line: what a log holds must not write fields of its own."""
    return " ".join((value or "")[:_LONGEST_VALUE].split())
