"""What a piece of a log gives: counts of delivered mail, records of what went wrong, lines that can't be used."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from fbl.core.report import BounceClass, Kind

METHOD = "mta_log"  # how an event of our own MTA's log was identified


class RejectReason(StrEnum):
    """Why a line counts nothing. A closed list: the reject file, the summary and the import's row name them."""

    MALFORMED = "malformed"  # not a record of this format
    TOO_LONG = "too_long"
    NO_HEADING = "no_heading"  # a CSV line before any heading
    NO_TIME = "no_time"  # none, or one that can't be read
    TIME_OUT_OF_RANGE = "time_out_of_range"  # before 2000, or in the future
    NO_RECIPIENT = "no_recipient"
    NO_ACCOUNT = "no_account"  # neither a reference of ours nor a name of an account
    UNKNOWN_ACCOUNT = "unknown_account"
    TWO_ACCOUNTS = "two_accounts"  # references of two accounts in one line
    UNIDENTIFIED = "unidentified"  # a complaint or a remote bounce that shows no reference of ours
    UNVERIFIED = "unverified"  # … whose reference is forged, or tells no recipient


class Act(StrEnum):
    """What a line tells of."""

    DELIVERED = "delivered"
    BOUNCE = "bounce"  # refused, or given up: final
    LATE_BOUNCE = "late_bounce"  # accepted first, then returned
    FEEDBACK = "feedback"
    OTHER = "other"  # nothing final: received, deferred, suspended …


# Where delivered mail is counted: account id, digest of the campaign, provider, hour of sending (since 1970-01-01
# 00:00 UTC). A plain tuple: one is made for every line.
Cell = tuple[int, bytes, str, int]


class LogRecord(NamedTuple):
    """A bounce, a complaint, or another thing said of one message to one recipient."""

    kind: Kind
    account_id: int
    campaign: bytes  # digest
    provider: str
    send_hour: int | None  # None: known neither by reference nor by the time of queueing
    recipient: str  # empty when only the reference tells
    recipient_digest: bytes
    at: datetime  # when the log says it happened
    bounce_class: BounceClass | None = None
    reason: str = ""
    status: str = ""
    takes_back: bool = False  # the mail was counted as delivered before: one less
    category: str = ""  # the MTA's own word for the bounce


@dataclass(frozen=True, slots=True)
class Reject:
    line: int  # from 1, in the file
    reason: RejectReason
    text: str


@dataclass
class Tally:
    """What the pieces read so far have given, until somebody writes it down."""

    lines: int = 0  # records of any type; headings and empty lines are none
    delivered: dict[Cell, int] = field(default_factory=dict)
    records: list[LogRecord] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)  # rejected complaints, as reports for people to look at

    def reject(self, line: int, reason: RejectReason, text: str) -> None:
        self.rejects.append(Reject(line, reason, text))


class Reader(Protocol):
    """One format. `feed` may leave bytes unused: an incomplete last record, which comes again with what follows."""

    def feed(self, data: bytes, tally: Tally, *, final: bool) -> int:
        """Read the records in *data* into *tally*; return how many bytes are used up.

        *final*: nothing follows, so a last record without its line end is taken when it is complete.
        """
        ...

    def skip_line(self, tally: Tally) -> None:
        """Count a line too long to be a record as rejected."""
        ...

    def is_heading(self, line: bytes, *, is_first: bool) -> bool:
        """Whether *line* may open many files alike, and so tells none apart; *is_first*: no other stood before it."""
        ...

    def stream(self, line: bytes) -> str:
        """Name what *line* is a part of beyond its file, such as the host whose log rotates; empty when nothing."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what must be known to go on here, as values JSON can hold."""
        ...

    def restore(self, state: dict[str, Any]) -> None: ...

    def follow_on(self, state: dict[str, Any]) -> None:
        """Begin a new file of the same stream, whose last one ended with *state*."""
        ...
