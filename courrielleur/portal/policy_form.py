"""The form in which a policy is written: whom it is for, its text, the reason, and where its flaws are."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from abuse.core.policy_text import LONGEST_TEXT, Flaw
from abuse.services.policies import LONGEST_REASON, For
from abuse.services.policy_flaws import sentence
from courrielleur.accounts import selectors as people
from courrielleur.accounts.actors import Actor
from courrielleur.portal import policy_words


@dataclass(frozen=True)
class FlawedLine:
    """A line of the text with what is wrong with it."""

    number: int | None  # None: what is missing has no line
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
        """Say on the text how many *flaws* it has, and return its lines that have some, with what is wrong there."""
        n = len(flaws)
        self.add_error(
            "text",
            ngettext(
                "The text has %(n)s flaw: it is in the table above.",
                "The text has %(n)s flaws: they are in the table above.",
                n,
            )
            % {"n": n},
        )
        lines = self.data.get("text", "").replace("\r\n", "\n").split("\n")
        found: dict[int | None, list[str]] = {}
        for flaw in flaws[:MOST_TOLD]:
            number = flaw.line if flaw.line and flaw.line <= len(lines) else None
            found.setdefault(number, []).append(sentence(flaw))
        if n > MOST_TOLD:
            found.setdefault(None, []).append(_("… and %(n)s more.") % {"n": n - MOST_TOLD})
        return [
            FlawedLine(number, lines[number - 1][:200] if number else "", sentences)
            for number, sentences in found.items()
        ]


MOST_TOLD = 30


def whom_of(asked: Any, actor: Actor) -> For:
    """Return whom the address names. Raises `ObjectDoesNotExist` for a key or a stream that is not there.

    Never somebody wider than was asked for: a mistyped account must not become the whole platform.
    """
    form = WhomForm(asked)
    if not form.is_valid():
        raise ObjectDoesNotExist
    told_of = form.cleaned_data
    reseller = people.reseller_for(actor, told_of["reseller"]) if told_of["reseller"] else None
    if not told_of["account"]:
        return For(reseller=reseller, stream=told_of["stream"])
    account = people.account_for(actor, told_of["account"])
    if reseller is not None and account.reseller_id != reseller.pk:
        raise ObjectDoesNotExist
    return For(account=account, stream=told_of["stream"])
