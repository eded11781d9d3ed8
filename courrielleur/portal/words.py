"""The words for states, reasons and moves, as people read them. One vocabulary for the desk and for clients.

A state is told by a word, a shape and a tone; the tone is a class of components.css, never told alone.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Word:
    label: str | Promise
    tone: str
    icon: str


LEVELS = {
    "ok": Word(_("In good standing"), "good", "check"),
    "no_data": Word(_("Not enough data yet"), "ended", "dots"),
    "watch": Word(_("Watched"), "heed", "eye"),
    "hold": Word(_("Campaign on hold"), "pause", "pause"),
    "probation": Word(_("On probation"), "trial", "clock"),
    "suspended": Word(_("Suspended"), "stop", "stop"),
    "terminated": Word(_("Closed"), "ended", "cross"),
}

CASE_STATES = {
    "opened": Word(pgettext_lazy("state of a case", "Opened"), "plain", "dots"),
    "awaiting_client": Word(pgettext_lazy("state of a case", "Waiting for the client"), "heed", "clock"),
    "submitted": Word(pgettext_lazy("state of a case", "Answers received"), "plain", "inbox"),
    "in_review": Word(pgettext_lazy("state of a case", "In review"), "trial", "eye"),
    "info_requested": Word(pgettext_lazy("state of a case", "More information asked"), "heed", "clock"),
    "reinstated": Word(pgettext_lazy("state of a case", "Reinstated"), "good", "check"),
    "refused": Word(pgettext_lazy("state of a case", "Refused"), "stop", "cross"),
    "terminated": Word(pgettext_lazy("state of a case", "Closed for good"), "ended", "cross"),
    "appealed": Word(pgettext_lazy("state of a case", "Appealed"), "pause", "inbox"),
}

# The same states as the client reads them: "you" instead of "the client".
REQUEST_STATES = CASE_STATES | {
    "opened": Word(pgettext_lazy("state of a request", "Opened"), "plain", "dots"),
    "awaiting_client": Word(pgettext_lazy("state of a request", "Waiting for you"), "heed", "clock"),
    "info_requested": Word(pgettext_lazy("state of a request", "Waiting for more from you"), "heed", "clock"),
}

ORDER_STATES = {
    "pending": Word(pgettext_lazy("state of an order", "Waiting"), "heed", "clock"),
    "delivered": Word(pgettext_lazy("state of an order", "Delivered"), "good", "check"),
    "dead": Word(pgettext_lazy("state of an order", "Given up"), "stop", "cross"),
    "skipped": Word(pgettext_lazy("state of an order", "Skipped"), "ended", "level"),
}

INCIDENT_STATES = {
    "open": Word(pgettext_lazy("state of an incident", "Open"), "heed", "clock"),
    "closed": Word(pgettext_lazy("state of an incident", "Closed"), "ended", "check"),
    "dismissed": Word(pgettext_lazy("state of an incident", "Dismissed"), "ended", "cross"),
}

MTA_CONDITIONS = {
    "fine": Word(pgettext_lazy("state of an MTA", "Agrees"), "good", "check"),
    "new": Word(pgettext_lazy("state of an MTA", "Not heard yet"), "plain", "dots"),
    "differs": Word(pgettext_lazy("state of an MTA", "Disagrees"), "stop", "cross"),
    "trouble": Word(pgettext_lazy("state of an MTA", "Does not answer"), "stop", "cross"),
    "silent": Word(pgettext_lazy("state of an MTA", "Silent"), "heed", "clock"),
    "off": Word(pgettext_lazy("state of an MTA", "Removed"), "ended", "level"),
}
MTA_KINDS = {
    "kumomta": "KumoMTA",
    "pmta": "PowerMTA",
    "postfix": _("Postfix policy server"),
    "pull": _("Asks over REST"),
}

UPLOAD_STATES = {
    "receiving": Word(pgettext_lazy("state of a file", "Being received"), "heed", "clock"),
    "stored": Word(pgettext_lazy("state of a file", "Waiting"), "heed", "clock"),
    "needs_answer": Word(pgettext_lazy("state of a file", "Needs your answer"), "heed", "dots"),
    "reading": Word(pgettext_lazy("state of a file", "Being read"), "heed", "clock"),
    "done": Word(pgettext_lazy("state of a file", "Read"), "good", "check"),
    "failed": Word(pgettext_lazy("state of a file", "Could not be read"), "stop", "cross"),
    "withdrawn": Word(pgettext_lazy("state of a file", "Withdrawn"), "ended", "cross"),
}

PRIORITIES = {
    4: Word(pgettext_lazy("priority", "Urgent"), "stop", "urgent"),
    3: Word(pgettext_lazy("priority", "High"), "pause", "up"),
    2: Word(pgettext_lazy("priority", "Medium"), "plain", "level"),
    1: Word(pgettext_lazy("priority", "Low"), "ended", "down"),
}

ORDER_ACTIONS = {
    "account.suspended": _("Stop the account"),
    "account.reinstated": _("Resume the account"),
    "account.terminated": _("Close the account"),
    "account.held": _("Pause the campaign"),
    "account.released": _("Resume the campaign"),
}

# Verbs of the decision panel.
MOVES = {
    "take": _("Take this case"),
    "ask": _("Ask for more"),
    "reinstate": _("Reinstate"),
    "refuse": _("Refuse"),
    "terminate": _("Close for good"),
}

EVENT_KINDS = {
    "complaint": _("Complaint"),
    "bounce": _("Bounce"),
    "trap": _("Spam trap"),
    "unsubscribe": _("Unsubscribe"),
    "not_spam": _("Not spam"),
    "auth_failure": _("Authentication failure"),
    "fraud": _("Fraud"),
    "virus": _("Virus"),
    "auto_reply": _("Automatic reply"),
    "delivery_notice": _("Delivery notice"),
    "other": _("Other"),
    "unreadable": _("Unreadable"),
}

BOUNCE_CLASSES = {
    "hard": _("Hard bounce"),
    "soft": _("Soft bounce"),
    "block": _("Block bounce"),
    "other": _("Other bounce"),
}

LANES = {
    "unidentified": (
        _("Unidentified"),
        _("Read without trouble, but nothing in the report says whose mail it was. It counts against nobody."),
    ),
    "unverified": (
        _("Unverified"),
        _(
            "The report names an account without our valid reference, so anybody could have written it. It counts "
            "against nobody."
        ),
    ),
    "unreadable": (
        _("Unreadable"),
        _("In no format we know, or damaged on the way. The bytes are kept until the retention ends."),
    ),
}

REPORT_STATES = {
    "stored": Word(pgettext_lazy("state of a report", "Waiting to be read"), "heed", "clock"),
    "recorded": Word(pgettext_lazy("state of a report", "Recorded"), "good", "check"),
    "unidentified": Word(pgettext_lazy("state of a report", "Unidentified"), "heed", "eye"),
    "unverified": Word(pgettext_lazy("state of a report", "Unverified"), "heed", "eye"),
    "unreadable": Word(pgettext_lazy("state of a report", "Unreadable"), "stop", "cross"),
    "ignored": Word(pgettext_lazy("state of a report", "Nothing to count"), "ended", "level"),
    "reply": Word(pgettext_lazy("state of a report", "Answer to a case"), "plain", "inbox"),
    "dismissed": Word(pgettext_lazy("state of a report", "Put away"), "ended", "level"),
}

# What came through a door (fbl/core/doors.py), and who uses it.
DOORS = {
    "smtp": (_("SMTP"), _("an MTA that routes the report domain to us")),
    "lmtp": (_("LMTP"), _("an MTA that delivers locally")),
    "pipe": (_("Pipe"), _("an MTA that starts a program for each mail")),
    "maildir": (_("Maildir"), _("a folder that an MTA delivers into")),
    "mbox": (_("mbox"), _("a file that an MTA appends to")),
    "imap": (_("IMAP"), _("a mailbox on another server")),
    "file": (_("Files"), _("a backlog, taken in by hand")),
    "api": (_("REST"), _("programs that hand in raw reports")),
    "esp": (_("Webhooks"), _("e-mail providers that mail for us")),
    "counts": (_("Delivered volumes"), _("rows handed in over REST; without them there are no rates")),
    "log": (_("MTA logs"), _("lines of the log files that were read last")),
}

FEED_KINDS = {
    "arf": _("complaint reports (ARF)"),
    "jmrp": _("Microsoft JMRP"),
    "validity": _("Validity universal feed"),
    "signal_spam": _("Signal Spam"),
    "xarf": _("abuse reports (X-ARF)"),
    "trap": _("spam-trap operator"),
}

FEED_ALARMS = {
    "silent": Word(_("Silent"), "stop", "stop"),
    "unidentified": Word(_("Many without an account"), "heed", "eye"),
    "unverified": Word(_("Many unverified"), "heed", "eye"),
}

VERDICTS = {
    "ok": _("nothing to do"),
    "watch": _("watch"),
    "hold": _("hold a campaign"),
    "suspend": _("suspend"),
}

SCOPES = {
    "accounts:read": _("Read accounts"),
    "accounts:write": _("Create and change accounts"),
    "reports:write": _("Hand in reports"),
    "references:write": _("Mint references"),
    "counts:write": _("Hand in delivered volumes"),
    "logs:write": _("Post the log records of an MTA"),
    "standing:read": _("Read standings and rates"),
    "suppressions:read": _("Read suppression lists"),
    "consent:write": _("Upload consent records"),
    "cases:read": _("Read cases"),
    "cases:write": _("Answer cases"),
    "webhooks:write": _("Manage webhook endpoints"),
    "enforcement:pull": _("Fetch and confirm orders, as an MTA"),
}

# Our fields of a consent record (consent/data/headings.toml).
CONSENT_FIELDS = {
    "name": _("name"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "email": _("e-mail address"),
    "address": _("postal address"),
    "city": _("city"),
    "province": _("province or state"),
    "country": _("country"),
    "postal_code": _("postal code"),
    "phone_day": _("day phone"),
    "phone_evening": _("evening phone"),
    "site": _("site"),
    "consented_at": _("date and time of the consent"),
    "consent_date": _("date of the consent"),
    "consent_time": _("time of the consent"),
    "zone": _("time zone"),
    "ip": _("IP address"),
    "host": _("host name"),
    "user_agent": _("browser"),
    "method": _("consent method"),
}

UNKNOWN = Word(_("Unknown"), "ended", "dots")

TRAPS: dict[str, str | Promise] = {
    "pristine": pgettext_lazy("kind of spam trap", "never anybody’s address"),
    "recycled": pgettext_lazy("kind of spam trap", "abandoned mailboxes"),
    "typo": pgettext_lazy("kind of spam trap", "misspelt providers"),
    "unknown": pgettext_lazy("kind of spam trap", "of unknown kind"),
}
