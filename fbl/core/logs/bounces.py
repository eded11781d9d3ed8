"""The class of a bounce in a log: by what the other side said, else by what the MTA made of it."""

from functools import lru_cache

from fbl.core.classify import classify
from fbl.core.classify.verdict import CLASS_OF, Reason
from fbl.core.report import BounceClass

# What PowerMTA (bounceCat) and KumoMTA (bounce_classification) call it, without case and punctuation. Only where the
# text says nothing: their verdict is made from the same text, by rules we can't see.
_CATEGORIES: dict[str, Reason] = {
    # PowerMTA 5
    "badmailbox": Reason.UNKNOWN_USER,
    "baddomain": Reason.UNKNOWN_DOMAIN,
    "inactivemailbox": Reason.DISABLED,
    "quotaissues": Reason.MAILBOX_FULL,
    "badconnection": Reason.NETWORK,
    "noanswerfromhost": Reason.NETWORK,
    "routingerrors": Reason.NETWORK,
    "messageexpired": Reason.EXPIRED,
    "spamrelated": Reason.SPAM,
    "policyrelated": Reason.POLICY,
    "contentrelated": Reason.CONTENT,
    "virusrelated": Reason.VIRUS,
    # KumoMTA
    "invalidrecipient": Reason.UNKNOWN_USER,
    "spamblock": Reason.BLOCKED,
    "spamcontent": Reason.SPAM,
    "authenticationfailed": Reason.AUTHENTICATION,
    "dnsfailure": Reason.NETWORK,
    "transientfailure": Reason.SYSTEM,
    "toomanyrecipients": Reason.RATE,
}
_NOBODY = "someone@example.com"


def judge(
    diagnostic: str,
    *,
    status: str = "",
    reply_code: str = "",
    remote: str = "",
    category: str = "",
    recipient: str = "",
) -> tuple[BounceClass, str, str]:
    """Return class, reason and enhanced code. *category* is the MTA's own word for it."""
    text = diagnostic
    if text[:5].lower() == "smtp;":
        text = text[5:].lstrip()
    if recipient:
        # The same answer to a thousand recipients is one answer.
        text = text.replace(recipient, _NOBODY)
    return _judged(text, status.partition(" ")[0], reply_code, remote, category)


@lru_cache(maxsize=4096)
def _judged(text: str, status: str, reply_code: str, remote: str, category: str) -> tuple[BounceClass, str, str]:
    verdict = classify(text, status=status, reply_code=reply_code, remote=remote)
    reason = verdict.reason
    if reason is not Reason.UNCLASSIFIED:
        return verdict.bounce_class, reason.value, verdict.status
    known = _reason_of(category)
    if known is None:
        return verdict.bounce_class, reason.value, verdict.status
    bounce_class = CLASS_OF[known]
    if bounce_class is BounceClass.HARD and verdict.bounce_class is BounceClass.SOFT:
        bounce_class = BounceClass.SOFT  # the codes say it is for now
    return bounce_class, known.value, verdict.status


def class_of(category: str) -> BounceClass | None:
    """Return what class the MTA's word for a bounce stands for; None when it says nothing of it."""
    known = _reason_of(category)
    return CLASS_OF[known] if known else None


def _reason_of(category: str) -> Reason | None:
    return _CATEGORIES.get("".join(filter(str.isalnum, category)).lower())
