"""Every reason code of the decision rule, explained to the desk. The figures are those of the published rule."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Reason:
    code: str
    verdict: str  # suspend, hold
    title: Promise
    meaning: Promise


REASONS = [
    Reason(
        "complaints_constant",
        "suspend",
        _("Complaints constantly above the limit"),
        _(
            "Recipients complain more often than the limit allows, on more than one sending day, and no mailbox "
            "provider contradicts it."
        ),
    ),
    Reason(
        "bounces_constant",
        "suspend",
        _("Hard bounces constantly above the limit"),
        _(
            "Too many addresses don't exist, on more than one sending day, or at once from a new or suddenly growing "
            "account."
        ),
    ),
    Reason(
        "complaints_and_bounces",
        "suspend",
        _("Complaints and hard bounces together"),
        _("Neither alone proves enough. Both together point to a list that was not built with consent."),
    ),
    Reason(
        "bounce_burst",
        "suspend",
        _("Burst of hard bounces"),
        _("Within two days far more hard bounces than chance explains: the mark of an old or purchased list."),
    ),
    Reason(
        "blow_out",
        "suspend",
        _("Sudden flood"),
        _(
            "Volume jumped to more than five times the largest day so far, with complaints and bounces at once: "
            "often a stolen access."
        ),
    ),
    Reason(
        "reseller_pattern",
        "suspend",
        _("Spread over a reseller's accounts"),
        _("Each account alone stays below the limits; pooled, without the two worst, the same rule would suspend."),
    ),
    Reason(
        "by_hand",
        "suspend",
        _("By a person"),
        _("Somebody of the abuse team stopped the account and said why."),
    ),
    Reason(
        "probation_broken",
        "suspend",
        _("Probation not kept"),
        _("Conditions of the probation were broken on two days: too much mail, or addresses without consent."),
    ),
    Reason(
        "evidence_without_persistence",
        "hold",
        _("Strong evidence, one day only"),
        _("One bad campaign is not a bad sender. The campaign waits and a person looks."),
    ),
    Reason(
        "one_provider_only",
        "hold",
        _("One mailbox provider only"),
        _("One provider reports trouble while another, with enough mail, contradicts it. A person looks."),
    ),
    Reason(
        "bounces_today",
        "hold",
        _("Hard bounces today"),
        _("The last two days are above the limit beyond chance, but not yet enough to suspend."),
    ),
    Reason(
        "complaints_today",
        "hold",
        _("Complaints today"),
        _("The last two days are above the limit beyond chance, but not yet enough to suspend."),
    ),
    Reason(
        "fresh_complainers",
        "hold",
        _("Sabotage suspected"),
        _(
            "Most complainers joined the list only days ago, or all complaints come through one provider. A person "
            "looks before anything is stopped."
        ),
    ),
]

_BY_CODE = {reason.code: reason for reason in REASONS}


def title(code: str) -> str:
    """Return the title of *code*; a code from another policy version shows as itself."""
    reason = _BY_CODE.get(code)
    return str(reason.title) if reason else code
