"""Why a mail was not delivered: the closed vocabulary of reasons, and the class each belongs to."""

from enum import StrEnum
from typing import NamedTuple

from fbl.core.report import BounceClass


class Reason(StrEnum):
    # The address is dead: hard.
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_DOMAIN = "unknown_domain"
    MOVED = "moved"
    DISABLED = "disabled"  # the account is closed, suspended or long unused
    NO_MAIL = "no_mail"  # the host or domain takes no mail (521, 556, null MX)
    # Another time it may work: soft.
    MAILBOX_FULL = "mailbox_full"
    TOO_BIG = "too_big"
    RATE = "rate"  # too many messages, recipients or connections at once
    GREYLISTED = "greylisted"
    EXPIRED = "expired"  # given up after days in the queue
    DELAYED = "delayed"  # still in the queue: no bounce
    NETWORK = "network"  # no route, no answer, DNS trouble, loop
    SYSTEM = "system"  # trouble or misconfiguration at the receiving side
    MAILER = "mailer"  # a delivery program (pipe, filter, forward) failed
    PROTOCOL = "protocol"  # SMTP syntax or sequence
    # The sender, its network or its mail was refused: block.
    BLOCKLISTED = "blocklisted"  # by a public or private list
    BLOCKED = "blocked"  # the sending host, no list named
    REPUTATION = "reputation"
    POLICY = "policy"
    SENDER_REFUSED = "sender_refused"  # the sender's address or domain
    AUTHENTICATION = "authentication"  # SPF, DKIM, DMARC, ARC
    REVERSE_DNS = "reverse_dns"
    SPAM = "spam"
    CONTENT = "content"  # attachments, encoding, headers
    VIRUS = "virus"
    RELAY = "relay"  # relaying denied
    SECURITY = "security"  # encryption, SMTP AUTH
    FILTERED = "filtered"  # by a rule of the recipient
    # Nothing of these: other.
    DELIVERED = "delivered"
    FEEDBACK = "feedback"  # a complaint: the mail did arrive
    AUTO_REPLY = "auto_reply"
    UNCLASSIFIED = "unclassified"


_HARD = (Reason.UNKNOWN_USER, Reason.UNKNOWN_DOMAIN, Reason.MOVED, Reason.DISABLED, Reason.NO_MAIL)
_SOFT = (
    Reason.MAILBOX_FULL,
    Reason.TOO_BIG,
    Reason.RATE,
    Reason.GREYLISTED,
    Reason.EXPIRED,
    Reason.DELAYED,
    Reason.NETWORK,
    Reason.SYSTEM,
    Reason.MAILER,
    Reason.PROTOCOL,
)
_OTHER = (Reason.DELIVERED, Reason.FEEDBACK, Reason.AUTO_REPLY, Reason.UNCLASSIFIED)

CLASS_OF: dict[Reason, BounceClass] = {
    reason: BounceClass.HARD
    if reason in _HARD
    else BounceClass.SOFT
    if reason in _SOFT
    else BounceClass.OTHER
    if reason in _OTHER
    else BounceClass.BLOCK
    for reason in Reason
}


class Basis(StrEnum):
    """What spoke, from strong to weak."""

    PROVIDER_TEXT = "provider text"
    GENERIC_TEXT = "generic text"  # of a rule for everybody, or the name of a blocklist
    ENHANCED_CODE = "enhanced code"
    REPLY_CODE = "reply code"  # with the stage of the session it came at
    UNCLASSIFIED = "unclassified"


class Verdict(NamedTuple):  # made for every recipient: a tuple is made three times as fast as a frozen dataclass
    """What became of a mail, and what decided it."""

    bounce_class: BounceClass
    reason: Reason
    status: str = ""
    reply_code: str = ""
    blocklists: tuple[str, ...] = ()
    basis: Basis = Basis.UNCLASSIFIED
    rule: str = ""  # "google/2": file and place of the rule that decided

    @property
    def is_told(self) -> bool:
        """Whether words decided, not codes."""
        return self.basis in (Basis.PROVIDER_TEXT, Basis.GENERIC_TEXT)
