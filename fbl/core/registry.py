"""The formats, in order of authority, and the one way in: bytes to report."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from fbl.core.formats import arf, auto_reply, dsn, esp_event, jmrp, ses_notification, text_bounce, unsubscribe, xarf
from fbl.core.mime import Part, read_mail
from fbl.core.report import Kind, Recipient, References, Report, Unreadable

Reader = Callable[[Part], Report | None]
_Record = TypeVar("_Record", Recipient, Report)

# A format answers a report, None ("not mine") or raises Unreadable ("mine, and damaged").
FORMATS: tuple[tuple[str, Reader], ...] = (
    ("arf", arf.read),
    ("xarf", xarf.read),
    ("jmrp", jmrp.read),
    ("esp_event", esp_event.read),
    ("unsubscribe", unsubscribe.read),
    ("ses_notification", ses_notification.read),
    ("dsn", dsn.read),
    ("text_bounce", text_bounce.read),
    ("auto_reply", auto_reply.read),
)
NOT_A_MAIL = "This is not a mail: it has no header fields."
NOT_A_REPORT = "This mail has no format we know: it is no complaint, bounce or automatic reply."
READER_FAILED = "The reader failed on this mail"  # our own fault; the mail stays, to be read again after a fix

MAX_VALUE = 2000  # characters of any value that leaves the reader


def read_report(raw: bytes) -> Report:
    """Return the report in these bytes. Any bytes will do: what cannot be read is a report that says so."""
    mail = read_mail(raw)
    if not mail.headers:
        return Report(kind=Kind.UNREADABLE, error=NOT_A_MAIL)
    for name, read in FORMATS:
        try:
            report = read(mail)
        except Unreadable as error:
            return Report(kind=Kind.UNREADABLE, format=name, error=str(error))
        except Exception as error:
            # One mail that finds a hole in a reader must not stop the mails behind it.
            return Report(kind=Kind.UNREADABLE, format=name, error=f"{READER_FAILED} ({type(error).__name__}).")
        if report is not None:
            return _safe(report)
    return Report(kind=Kind.UNREADABLE, error=NOT_A_REPORT)


def _safe(report: Report) -> Report:
    """Return the report with every value short and printable."""
    if len(report.recipients) < _FEW:
        values = [*report.references, report.feedback_type, report.reporter, report.source_ip]
        for one in report.recipients:
            values += (one.address or "", one.status, one.reply_code, one.action, one.diagnostic)
        whole = "".join(values)
        if whole.isprintable() and len(whole) <= MAX_VALUE:
            return report  # as nearly all are
    recipients = tuple(_safe_values(one, _RECIPIENT_VALUES) for one in report.recipients)
    references = References(*[_printable(value[:MAX_VALUE]) for value in report.references])
    return replace(_safe_values(report, _REPORT_VALUES), recipients=recipients, references=references)


_FEW = 10
_RECIPIENT_VALUES = ("address", "status", "reply_code", "action", "diagnostic")
_REPORT_VALUES = ("feedback_type", "reporter", "source_ip")
_GETTERS: dict[tuple[str, ...], Callable[[Any], tuple[Any, ...]]] = {
    names: attrgetter(*names) for names in (_RECIPIENT_VALUES, _REPORT_VALUES)
}


def _values(record: _Record, names: tuple[str, ...]) -> list[str]:
    return [value or "" for value in _GETTERS[names](record)]


def _safe_values(record: _Record, names: tuple[str, ...]) -> _Record:
    values = _values(record, names)
    whole = "".join(values)
    if whole.isprintable() and len(whole) <= MAX_VALUE:
        return record
    changes: dict[str, Any] = {
        name: _printable(value[:MAX_VALUE]) for name, value in zip(names, values, strict=True) if value
    }
    return replace(record, **changes)


def _printable(value: str) -> str:
    """Return the value without what a database or a terminal refuses: control characters, halves of surrogate pairs."""
    return "".join(one if one.isprintable() else " " for one in value).strip()
