"""Why a report is in its lane, in the reader's language.

The reader of reports leaves a code (fbl/core/authenticity.py), or, of what it can't read, a sentence in English. A
sentence that is not in the list is shown as it was written.
"""

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

CODES = {
    "no_reference": gettext_lazy("no reference of ours in it"),
    "forged": gettext_lazy("a forged reference: its seal is wrong"),
    "unknown_key": gettext_lazy("a reference of a key that was withdrawn, or never ours"),
    "no_such_account": gettext_lazy("a valid reference of an account that does not exist here"),
    "not_enrolled": gettext_lazy("named by its source address only, and from no enrolled feed"),
    "not_trusted": gettext_lazy("from a feed that counts with our reference only"),
    "unsigned": gettext_lazy("the feed's signature is missing"),
    "bad_signature": gettext_lazy("the feed's signature is wrong: altered on the way, or forged"),
    "other_signer": gettext_lazy("signed by a domain the feed does not sign with"),
    "partly_signed": gettext_lazy("the signature leaves out what could change the meaning"),
    "expired_signature": gettext_lazy("the signature had expired"),
    "try_later": gettext_lazy("the key of the signature could not be asked for; asked again by itself"),
    "not_our_address": gettext_lazy("the mail did not leave from an address of ours"),
    "two_accounts": gettext_lazy("references of two accounts in one mail"),
    "cross_account": gettext_lazy("the reference of one account, the dedicated address of another"),
    "expired": gettext_lazy("older than a reference is believed"),
    "too_early": gettext_lazy("about a mail that is not sent yet"),
    "replayed": gettext_lazy("reported before: long ago, or by another feed"),
    "not_our_return_path": gettext_lazy("a bounce that did not come to our return path"),
    "nothing_to_count": gettext_lazy("nothing to count in it"),
    "not_final": gettext_lazy("a bounce that says the mail still waits"),
}
_FAILED = "The reader failed on this mail"  # the kind of error follows

# Kept beside fbl/core/registry.py and fbl/core/formats/*: their words are the keys here.
KNOWN = frozenset(
    {
        _("no case has this reply address"),
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
    if reason in CODES:
        return str(CODES[reason])
    if reason.startswith(_FAILED):
        return gettext("The reader failed on this mail. It is kept; tell us of it.")
    return gettext(reason) if reason in KNOWN else reason
