"""The form in which a policy is written: whom it is for, its text, the reason, and where its flaws are."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abuse.core.policy_text import LONGEST_TEXT, Flaw
from abuse.services.policies import LONGEST_REASON, For
from abuse.services.policy_flaws import sentence, told
from courrielleur.accounts import selectors as people
from courrielleur.accounts.actors import Actor
from courrielleur.portal import policy_words


@dataclass(frozen=True)
class FlawedLine:
    """A line of the text with what is wrong with it."""

    number: int
    content: str
    sentences: list[str]


class WhomForm(forms.Form):
    """Whom a new version is for. Sent as a GET, so its address can be kept."""

    reseller = forms.CharField(label=gettext_lazy("Key of a reseller"), required=False, max_length=63)
    account = forms.CharField(label=gettext_lazy("Key of an account"), required=False, max_length=63)
    stream = forms.ChoiceField(
        label=gettext_lazy("Mail"), required=False, choices=lambda: list(policy_words.STREAMS.items())
    )


class PolicyForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text (TOML)"),
        help_text=gettext_lazy("Each constant is a table with value, unit, source and why."),
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "wrap": "off"}),
        error_messages={"required": gettext_lazy("Write the text first.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Why this change? Whoever puts it in force reads it, and it is kept."),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def add_flaws(self, flaws: tuple[Flaw, ...]) -> list[FlawedLine]:
        """Put *flaws* on the text, and return the lines that have some."""
        for flaw in flaws[:MOST_TOLD]:
            self.add_error("text", told(flaw))
        if len(flaws) > MOST_TOLD:
            self.add_error("text", _("… and %(n)s more.") % {"n": len(flaws) - MOST_TOLD})
        lines = self.data.get("text", "").replace("\r\n", "\n").split("\n")
        return [
            FlawedLine(
                number, lines[number - 1][:200], [sentence(flaw) for flaw in flaws[:MOST_TOLD] if flaw.line == number]
            )
            for number in sorted({flaw.line for flaw in flaws[:MOST_TOLD] if flaw.line})
            if number <= len(lines)
        ]


MOST_TOLD = 30


def whom_of(asked: Any, actor: Actor) -> For:
    """Return whom the address names. Raises `ObjectDoesNotExist` for a key that is not there."""
    form = WhomForm(asked)
    told_of = form.cleaned_data if form.is_valid() else {}
    stream = told_of.get("stream", "")
    if told_of.get("account"):
        return For(account=people.account_for(actor, told_of["account"]), stream=stream)
    if told_of.get("reseller"):
        return For(reseller=people.reseller_for(actor, told_of["reseller"]), stream=stream)
    return For(stream=stream)
