"""The formats, in order of authority, and the one way in: bytes to report."""

from collections.abc import Callable

from fbl.core.formats import arf, auto_reply, dsn, jmrp, ses_notification, text_bounce, unsubscribe
from fbl.core.mime import Part, read_mail
from fbl.core.report import Kind, Report, Unreadable

Reader = Callable[[Part], Report | None]

# A format answers a report, None ("not mine") or raises Unreadable ("mine, and damaged").
FORMATS: tuple[tuple[str, Reader], ...] = (
    ("arf", arf.read),
    ("jmrp", jmrp.read),
    ("unsubscribe", unsubscribe.read),
    ("ses_notification", ses_notification.read),
    ("dsn", dsn.read),
    ("text_bounce", text_bounce.read),
    ("auto_reply", auto_reply.read),
)
NOT_A_REPORT = "This mail has no format we know: it is no complaint, bounce or automatic reply."


def read_report(raw: bytes) -> Report:
    """Return the report in these bytes. Any bytes will do: what cannot be read is a report that says so."""
    mail = read_mail(raw)
    if not mail.headers.fields:
        return Report(kind=Kind.UNREADABLE, error="This is not a mail: it has no header fields.")
    for name, read in FORMATS:
        try:
            report = read(mail)
        except Unreadable as error:
            return Report(kind=Kind.UNREADABLE, format=name, error=str(error))
        if report is not None:
            return report
    return Report(kind=Kind.UNREADABLE, error=NOT_A_REPORT)
