"""The words of the policy pages: states of a version, moves of its history, whom it is for."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from courrielleur.portal.words import Word

STATES = {
    "draft": Word(pgettext_lazy("state of a policy", "Draft"), "heed", "dots"),
    "active": Word(pgettext_lazy("state of a policy", "In force"), "good", "check"),
    "retired": Word(pgettext_lazy("state of a policy", "Replaced"), "ended", "clock"),
    "withdrawn": Word(pgettext_lazy("state of a policy", "Withdrawn"), "ended", "cross"),
}

STREAMS: dict[str, str | Promise] = {
    "": gettext_lazy("all mail"),
    "marketing": gettext_lazy("marketing mail"),
    "transactional": gettext_lazy("transactional mail"),
}


def whom(version: Any) -> str:
    """Return whom a version is for, in words."""
    if version.account is not None:
        owner = version.account.name
    elif version.reseller is not None:
        owner = version.reseller.name
    else:
        owner = _("the whole platform")
    return f"{owner}, {STREAMS[version.stream]}" if version.stream else owner
