"""Say in the reader's language what is wrong with a policy (abuse/core/policy_text.py has the codes)."""

import re

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


# What Python's TOML reader says, which is English whatever the reader's language: how it begins, and what it means.
TOML_TROUBLES: tuple[tuple[str, Promise], ...] = (
    (
        "Invalid statement|Invalid initial character for a key part|Expected '=' after a key",
        gettext_lazy("a line here is neither a [table] nor key = value"),
    ),
    ("Expected newline or end of document", gettext_lazy("something follows where the line should end")),
    ("Cannot declare|Cannot redefine|Cannot mutate", gettext_lazy("this table is there twice")),
    ("Cannot overwrite a value|Duplicate inline table key", gettext_lazy("this key is there twice")),
    ("Expected '\\]+' at the end|Unclosed", gettext_lazy("a bracket is not closed")),
    ("Unterminated string|Expected ['\"]", gettext_lazy("a text in quotes is not closed")),
    ("Unescaped|Invalid hex value|Escaped character", gettext_lazy("a backslash in quotes begins nothing known")),
    ("Illegal character|Found invalid character", gettext_lazy("TOML does not allow this character here")),
    ("Invalid date", gettext_lazy("this is no date")),
    (
        "Invalid value",
        gettext_lazy("a value is a number, a text in quotes, true or false"),
    ),
    ("a number is too long", gettext_lazy("a number is too long")),
    ("maximum recursion depth|TOML inline arrays/tables are nested", gettext_lazy("it is nested too deeply")),
)


def sentence(flaw: Flaw) -> str:
    """Return the flaw without its line."""
    words = dict(flaw.words)
    if flaw.code == "not_toml":
        words["detail"] = _trouble(words["detail"])
    if "layer" in words:
        words["layer"] = str(LAYERS.get(words["layer"], words["layer"]))
    return str(SENTENCES[flaw.code]) % words


def told(flaw: Flaw) -> str:
    """Return the flaw with its line."""
    if flaw.line is None:
        return sentence(flaw)
    return _("Line %(line)s: %(flaw)s") % {"line": flaw.line, "flaw": sentence(flaw)}


def _trouble(detail: str) -> str:
    """Return what the TOML reader said in the reader's language; as it said it when these words are new."""
    said, _separator, column = detail.partition(" (column ")
    meant = next((str(words) for begins, words in TOML_TROUBLES if re.match(begins, said)), said)
    return _("%(trouble)s (column %(column)s)") % {"trouble": meant, "column": column[:-1]} if column else meant
