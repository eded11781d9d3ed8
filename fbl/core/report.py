"""What a report tells, whatever format it came in: the one shape every format is read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What the report is. Only `COMPLAINT` and `BOUNCE` enter the rates."""

    COMPLAINT = "complaint"
    BOUNCE = "bounce"
    TRAP = "trap"  # a complaint by a trap operator: secret
    UNSUBSCRIBE = "unsubscribe"
    NOT_SPAM = "not_spam"
    AUTH_FAILURE = "auth_failure"
    FRAUD = "fraud"
    VIRUS = "virus"
    AUTO_REPLY = "auto_reply"
    DELIVERY_NOTICE = "delivery_notice"  # delayed, delivered, relayed: nothing failed for good
    OTHER = "other"
    UNREADABLE = "unreadable"


class BounceClass(StrEnum):
    HARD = "hard"  # the address does not exist, any more or ever
    SOFT = "soft"  # it may work another time
    BLOCK = "block"  # the sender, its network or its content was refused; the address may be fine
    OTHER = "other"


class Unreadable(Exception):
    """Raised by a format that recognises a mail as its own, and finds it damaged."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient, and what became of the mail there.

    `address` is None when the report names nobody (redacted, or only our reference tells); a redacted token
    stands here as it was written. It never stands in a `repr`, and that of a trap is here to be digested only.
    `action` is the DSN word (failed, delayed, delivered …): only a *failed* recipient of a bounce counts.
    `reason` is one of `classify.verdict.Reason`.
    """

    address: str | None = field(repr=False)
    bounce_class: BounceClass | None = None
    reason: str = ""
    status: str = ""  # enhanced status code (RFC 3463), "" when there is none
    reply_code: str = ""  # SMTP reply code, "" when there is none
    action: str = ""
    diagnostic: str = ""  # what the other side said, one line
    blocklists: tuple[str, ...] = ()  # names of DNS blocklists the diagnostic mentions
    basis: str = ""  # what the verdict rests on, one of `classify.verdict.Basis`; "" where there was none to give
    rule: str = ""  # "google/2": file in fbl/data/rules and place in it of the rule that decided
    # The address the mail was sent to, where the report names it apart from the one it ended at (RFC 3464 §2.3.1).
    original: str | None = field(default=None, repr=False)

    @property
    def sent_to(self) -> str | None:
        """The address the sender knows: the one before any alias or forwarding."""
        return self.original or self.address


class References(NamedTuple):  # made for every mail: a tuple is made three times as fast as a frozen dataclass
    """Everything by which the mail complained about may be recognised, as found in *header fields* only.

    Raw values: nothing here is believed before `identify` has checked its seal.
    """

    message_id: str = ""
    envelope_id: str = ""
    return_path: str = ""
    feedback_id: str = ""
    cfbl_feedback_id: str = ""
    list_unsubscribe: str = ""
    own: str = ""  # X-Courrielleur-Ref


@dataclass(frozen=True, slots=True)
class Report:
    kind: Kind
    format: str = ""  # name of the format that read it
    feedback_type: str = ""  # as written by the reporter, lower case
    reporter: str = ""  # domain or host of whoever sent the report
    source_ip: str = ""  # address the mail came from, as the reporter saw it
    arrived_at: datetime | None = None  # when the *original* mail arrived there, as the reporter says
    recipients: tuple[Recipient, ...] = ()
    references: References = field(default_factory=References)
    error: str = ""  # why it could not be read; only for `UNREADABLE`
    incidents: int = 1  # RFC 5965: similar incidents this one report stands for


def as_json(report: Report, source: str, *, why: bool = False) -> Mapping[str, Any]:
    """Return the line `manage.py parse` prints for the report; its keys are a contract.

    Whom a trap belongs to is nobody's to see: the address is left out. *why* adds what each verdict rests on.
    """
    # A return path may spell the recipient: mail-to=trap+example.com@
    is_secret = report.kind is Kind.TRAP
    refs = References(message_id=report.references.message_id) if is_secret else report.references
    return {
        "source": source,
        "kind": report.kind.value,
        "format": report.format,
        "feedback_type": report.feedback_type,
        "reporter": report.reporter,
        "source_ip": report.source_ip,
        "arrived_at": report.arrived_at.isoformat() if report.arrived_at else None,
        "recipients": [
            {
                "address": None if is_secret else one.address,
                "class": (one.bounce_class or BounceClass.OTHER).value,
                "reason": one.reason,
                "status": one.status,
                "reply_code": one.reply_code,
                "action": one.action,
                "diagnostic": "" if is_secret else one.diagnostic,
                "blocklists": list(one.blocklists),
                **({"why": _why(one)} if why else {}),
            }
            for one in report.recipients
        ],
        "references": {
            "message_id": refs.message_id,
            "envelope_id": refs.envelope_id,
            "return_path": refs.return_path,
            "feedback_id": refs.feedback_id,
            "cfbl_feedback_id": refs.cfbl_feedback_id,
            "list_unsubscribe": refs.list_unsubscribe,
        },
        "error": report.error,
    }


def _why(one: Recipient) -> Mapping[str, str]:
    family = one.rule.partition("/")[0]
    return {"basis": one.basis, "rule": one.rule, "file": f"fbl/data/rules/{family}.toml" if "/" in one.rule else ""}
