"""Say in the reader's language what is wrong with a policy (abuse/core/policy_text.py has the codes)."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from abuse.core.policy_layers import Layer
from abuse.core.policy_text import Flaw

SENTENCES: dict[str, Promise] = {
    "too_long": gettext_lazy("A policy has %(most)s characters at most; this one has %(found)s."),
    "not_toml": gettext_lazy("This is not valid TOML: %(detail)s."),
    "name": gettext_lazy('Give the policy a name of 40 characters or fewer, as in name = "default".'),
    "not_a_table": gettext_lazy("%(key)s is not known here; constants are tables."),
    "unknown_constant": gettext_lazy("[%(table)s] is not a constant of the rule."),
    "unknown_short_name": gettext_lazy("There is no constant called %(key)s."),
    "not_parts": gettext_lazy("[%(table)s] must be a table with value, unit, source and why."),
    "unknown_key": gettext_lazy("[%(table)s] has an unknown key %(key)s."),
    "no_part": gettext_lazy("[%(table)s] has no %(key)s."),
    "not_text": gettext_lazy("[%(table)s]: %(key)s is text of 500 characters or fewer."),
    "unit": gettext_lazy("[%(table)s] is counted in %(expected)s, not in %(found)s."),
    "percent": gettext_lazy('[%(table)s] is a share: write it like "0.25 %%", not %(found)s.'),
    "choice": gettext_lazy("[%(table)s] is one of %(expected)s, not %(found)s."),
    "number": gettext_lazy("[%(table)s] must be a number, not %(found)s."),
    "whole": gettext_lazy("[%(table)s] must be a whole number, not %(found)s."),
    "range": gettext_lazy("[%(table)s] must lie between %(low)s and %(high)s, not %(found)s."),
    "missing": gettext_lazy("The table [%(table)s] is missing."),
    "order": gettext_lazy("[%(table)s] must not be above [%(other)s]."),
    "layer": gettext_lazy("[%(table)s] can be set for a %(layer)s at the lowest; take it out of this override."),
    "inherited": gettext_lazy("[%(table)s] has the value it would inherit: an override holds only what differs."),
}

LAYERS: dict[str, Promise] = {
    Layer.PLATFORM: pgettext_lazy("whom a policy is for", "platform"),
    Layer.RESELLER: pgettext_lazy("whom a policy is for", "reseller"),
    Layer.ACCOUNT: pgettext_lazy("whom a policy is for", "account"),
}


def sentence(flaw: Flaw) -> str:
    """Return the flaw without its line."""
    words = dict(flaw.words)
    if "layer" in words:
        words["layer"] = str(LAYERS.get(words["layer"], words["layer"]))
    return str(SENTENCES[flaw.code]) % words


def told(flaw: Flaw) -> str:
    """Return the flaw with its line."""
    if flaw.line is None:
        return sentence(flaw)
    return _("Line %(line)s: %(flaw)s") % {"line": flaw.line, "flaw": sentence(flaw)}
