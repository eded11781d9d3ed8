"""The accounting files of PowerMTA: CSV with configurable columns, whose heading may come again anywhere."""

from fbl.core.logs.attribution import Attribution
from fbl.core.logs.csv_rows import CsvReader, Layout, Words
from fbl.core.logs.record import Act

ACCOUNT_FIELD = "jobId"

# Record types: PowerMTA user's guide, "Accounting records".
_ACTS = Words(
    {
        "d": Act.DELIVERED,
        "b": Act.BOUNCE,
        "rb": Act.LATE_BOUNCE,
        "f": Act.FEEDBACK,
        "t": Act.OTHER,  # one attempt failed; the mail waits
        "tq": Act.OTHER,  # the same for a whole queue
        "r": Act.OTHER,  # received
        "rs": Act.OTHER,  # a remote notice that is no bounce: delayed, relayed
    }
)


def reader(attribution: Attribution, *, account_from: str = "", campaign_from: str = "") -> CsvReader:
    """Return a reader whose account and campaign stand in the columns named."""
    columns = {
        "type": ("type",),
        "at": ("timeLogged",),
        "queued": ("timeQueued",),
        "sender": ("orig",),
        "recipient": ("rcpt", "orcpt"),
        "reference": ("header_X-Courrielleur-Ref",),
        "cfbl_feedback_id": ("header_CFBL-Feedback-ID",),
        "list_unsubscribe": ("header_List-Unsubscribe",),
        "feedback_id": ("header_Feedback-ID",),
        "envelope_id": ("envId",),
        "account": (account_from or ACCOUNT_FIELD,),
        "campaign": (campaign_from,) if campaign_from else (),
        "diagnostic": ("dsnDiag",),
        "status": ("dsnStatus",),
        "remote": ("dsnMta",),
        "category": ("bounceCat",),
        "feedback_type": ("feedbackType",),
        "user_agent": ("userAgent",),
        "source_ip": ("repSourceIp",),
    }
    return CsvReader(Layout(columns=columns, acts=_ACTS, opens_with="type"), attribution)
