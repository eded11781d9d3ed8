"""Why a report is in its lane, in the reader's language.

The reader of reports writes its reasons in English, as data; here is the list of those that people see. One that is
not in the list is shown as it was written.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_FORGED = "forged or unknown reference in "
_FAILED = "The reader failed on this mail"

# Kept beside fbl/core/events.py, fbl/core/registry.py and fbl/core/formats/*: their words are the keys here.
KNOWN = frozenset(
    {
        _("no reference of ours in it"),
        _("named by its source address only"),
        _("references of two accounts in one mail"),
        _("account and campaign only, no recipient"),
        _("a bounce that did not come to our return path"),
        _("no case has this reply address"),
        _("a valid reference of an account that does not exist here"),
        _("This is not a mail: it has no header fields."),
        _("This mail has no format we know: it is no complaint, bounce or automatic reply."),
        _("This delivery status notification names no recipient."),
        _("This Microsoft complaint does not contain the mail it is about."),
        _("This notification is nested too deeply."),
        _("The JSON of this notification is cut or damaged."),
        _("This feedback report has no message/feedback-report part."),
        _("The feedback part names no Feedback-Type, and the mail reported is missing."),
    }
)


def why(reason: str) -> str:
    """Return the reason of a lane as people read it."""
    if reason.startswith(_FORGED):
        # Translators: the names of the places follow, such as return_path
        return gettext("forged or unknown reference in %(places)s") % {"places": reason.removeprefix(_FORGED)}
    if reason.startswith(_FAILED):
        return gettext("The reader failed on this mail. It is kept; tell us of it.")
    return gettext(reason) if reason in KNOWN else reason
