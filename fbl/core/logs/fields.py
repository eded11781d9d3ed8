"""From the fields of one line, whatever its format, to a record or the reason why there is none."""

from typing import NamedTuple

from fbl.core.logs.attribution import Attribution
from fbl.core.logs.bounces import judge
from fbl.core.logs.record import LogRecord, RejectReason
from fbl.core.logs.times import Untimely
from fbl.core.providers import OTHER
from fbl.core.report import BounceClass, Kind, References

MAX_CATEGORY = 40  # characters
# RFC 5965 §7.3 and those of old drafts; what is not here tells nothing of a recipient.
# No "not-spam": it takes a complaint back, and a log does not tell who signed it (docs/feeds.md).
_FEEDBACK = {
    "": Kind.COMPLAINT,  # the log of an MTA that names no type has complaints only
    "abuse": Kind.COMPLAINT,
    "complaint": Kind.COMPLAINT,
    "spam": Kind.COMPLAINT,
    "fraud": Kind.FRAUD,
    "virus": Kind.VIRUS,
    "opt-out": Kind.UNSUBSCRIBE,
    "opt-out-list": Kind.UNSUBSCRIBE,
}


class Fields(NamedTuple):
    """One line, its values as written; empty where the format has none."""

    at: str
    queued: str = ""
    sender: str = ""
    recipient: str = ""
    own: str = ""  # X-Courrielleur-Ref
    account: str = ""
    campaign: str = ""
    diagnostic: str = ""
    status: str = ""
    reply_code: str = ""
    remote: str = ""
    category: str = ""
    feedback_type: str = ""
    bounce_class: BounceClass | None = None  # of a format that says it outright
    reason: str = ""
    user_agent: str = ""  # of whoever wrote a report
    source_ip: str = ""  # the mail a report is about came from there


def bounce(fields: Fields, attribution: Attribution, *, is_late: bool) -> LogRecord | RejectReason:
    """Return the bounce a line tells of.

    Its recipient is the one in the line: an account that reuses one reference for many mails hides no bounce.
    """
    try:
        at = attribution.clock.moment(fields.at)
        hour = attribution.clock.hour(fields.queued or fields.at)
    except Untimely as error:
        return error.reason
    provider = attribution.provider(fields.recipient)
    if provider is None:
        return RejectReason.NO_RECIPIENT
    place = attribution.place(hour, fields.sender, fields.own, fields.account, fields.campaign)
    if isinstance(place, RejectReason):
        return place
    bounce_class, reason, status = fields.bounce_class, fields.reason, fields.status
    if bounce_class is None:
        bounce_class, reason, status = judge(
            fields.diagnostic,
            status=fields.status,
            reply_code=fields.reply_code,
            remote=fields.remote,
            category=fields.category,
            recipient=fields.recipient,
        )
    return LogRecord(
        kind=Kind.BOUNCE,
        account_id=place.account_id,
        campaign=place.campaign,
        provider=provider,
        send_hour=place.send_hour,
        recipient=fields.recipient,
        recipient_digest=attribution.digest(fields.recipient),
        at=at,
        bounce_class=bounce_class,
        reason=reason,
        status=status,
        # When the line does not tell when it was sent, nobody knows where it was counted as delivered.
        takes_back=is_late and bool(fields.queued or place.is_sealed),
        category=fields.category.replace("\x00", "").strip()[:MAX_CATEGORY],
    )


def feedback(fields: Fields, references: References, attribution: Attribution) -> LogRecord | RejectReason | None:
    """Return what a receiver reports; None when it says nothing of a recipient."""
    kind = _FEEDBACK.get(fields.feedback_type.strip().lower())
    if kind is None:
        return None
    try:
        at = attribution.clock.moment(fields.at)
        attribution.clock.checked(at)
    except Untimely as error:
        return error.reason
    found = attribution.identify(references)
    if isinstance(found, RejectReason):
        return found
    assert found.recipient is not None  # `identify` lets no other pass
    is_ours = "@" in fields.recipient and attribution.digest(fields.recipient) == found.recipient
    return LogRecord(
        kind=kind,
        account_id=found.account_id,
        campaign=found.campaign,
        # A redacted address still names its domain.
        provider=attribution.provider(fields.recipient) or OTHER,
        send_hour=found.send_hour,
        recipient=fields.recipient if is_ours else "",
        recipient_digest=found.recipient,
        at=at,
    )
