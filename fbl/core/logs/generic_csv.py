"""A log of any MTA as CSV with one heading line; a mapping names the columns."""

from collections.abc import Mapping

from fbl.core.logs.attribution import Attribution
from fbl.core.logs.csv_rows import CsvReader, Layout, Words
from fbl.core.logs.record import Act
from fbl.core.report import BounceClass

# Our fields, and the columns that are taken for them when nothing else is said.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "type": ("type", "event", "status"),
    "at": ("at", "time", "timestamp", "date"),
    "queued": ("queued", "queued_at", "sent_at"),
    "sender": ("sender", "from", "return_path"),
    "recipient": ("recipient", "to", "rcpt", "email"),
    "reference": ("reference", "x-courrielleur-ref"),
    "cfbl_feedback_id": ("cfbl_feedback_id", "cfbl-feedback-id"),
    "list_unsubscribe": ("list_unsubscribe", "list-unsubscribe"),
    "feedback_id": ("feedback_id", "feedback-id"),
    "envelope_id": ("envelope_id",),
    "account": ("account",),
    "campaign": ("campaign",),
    "diagnostic": ("diagnostic", "response", "message"),
    "status": ("dsn", "enhanced_code", "code"),
    "remote": ("remote", "mx"),
    "category": ("category",),
    "feedback_type": ("feedback_type",),
    "user_agent": ("user_agent",),
    "source_ip": ("source_ip",),
}

_CLASSES = {
    "hard": BounceClass.HARD,
    "hard_bounce": BounceClass.HARD,
    "soft": BounceClass.SOFT,
    "soft_bounce": BounceClass.SOFT,
    "block": BounceClass.BLOCK,
    "blocked": BounceClass.BLOCK,
}
_WORDS = {
    Act.DELIVERED: ("delivered", "delivery", "d", "sent", "success", "250"),
    Act.BOUNCE: ("bounce", "bounced", "b", "failed", "expired", *_CLASSES),
    Act.LATE_BOUNCE: ("late_bounce", "remote_bounce", "rb", "oob"),
    Act.FEEDBACK: ("complaint", "feedback", "f", "spam", "abuse"),
    Act.OTHER: ("deferred", "deferral", "delayed", "queued", "received", "transient", "t", "open", "click", "other"),
}


class BadMapping(ValueError):
    """A mapping that names a field we don't know, or no column."""


def mapping(pairs: list[str]) -> dict[str, str]:
    """Return the column of each field from `column=field` pairs. Raises `BadMapping`."""
    columns = {}
    for pair in pairs:
        column, _, ours = pair.rpartition("=")
        if not column or ours not in FIELDS:
            raise BadMapping(f"{pair!r}: write COLUMN=FIELD, where FIELD is one of {', '.join(FIELDS)}.")
        columns[ours] = column
    return columns


def reader(
    attribution: Attribution, *, columns: Mapping[str, str], account_from: str = "", campaign_from: str = ""
) -> CsvReader:
    """Return a reader for a file whose heading names the *columns*."""
    named = {ours: (columns[ours],) if ours in columns else names for ours, names in FIELDS.items()}
    if account_from:
        named["account"] = (account_from,)
    if campaign_from:
        named["campaign"] = (campaign_from,)
    acts = Words({word: act for act, words in _WORDS.items() for word in words})
    return CsvReader(Layout(columns=named, acts=acts, classes=_CLASSES), attribution)
