"""The form that enrols a feed, and what its refusals mean."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courrielleur.portal import words
from fbl.core.providers import all_providers
from fbl.services.feeds import FeedRefused, NewFeed


class FeedForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    key = forms.SlugField(label=_("Key"), help_text=_("Lower-case letters, digits and hyphens."), max_length=63)
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: list(words.FEED_KINDS.items()))
    senders = forms.CharField(
        label=_("Comes from"),
        help_text=_("Addresses or domains in the From of its reports, separated by spaces."),
        max_length=2000,
    )
    recipients = forms.CharField(
        label=_("Arrives at"),
        help_text=_("Addresses of ours that only this feed writes to, if there are any."),
        required=False,
        max_length=2000,
    )
    providers = forms.MultipleChoiceField(
        label=_("Providers"),
        help_text=_("Whose complaints it brings: when it is silent, their mail leaves the complaint rate."),
        required=False,
        choices=lambda: [(key, one.name) for key, one in all_providers().items() if one.has_feedback_loop],
    )
    signers = forms.CharField(
        label=_("Signed by"),
        help_text=_("Domains (d=) of its DKIM signatures, separated by spaces."),
        required=False,
        max_length=2000,
    )
    is_trusted = forms.BooleanField(
        label=_("Signed reports count without our reference, for mail from our addresses"), required=False
    )
    is_redacting = forms.BooleanField(label=_("Names recipients by tokens, never by address"), required=False)
    expected_per_day = forms.IntegerField(
        label=_("Reports expected per day"),
        help_text=_("Leave empty to learn it from the last two weeks."),
        required=False,
        min_value=1,
        max_value=1_000_000_000,
    )

    @classmethod
    def suggesting(cls, suggestion: dict[str, Any]) -> "FeedForm":
        joined = ("senders", "recipients", "signers")
        return cls(
            initial={
                name: " ".join(value) if name in joined and isinstance(value, list) else value
                for name, value in suggestion.items()
            }
        )

    def new_feed(self) -> NewFeed:
        told = self.cleaned_data
        return NewFeed(
            key=told["key"],
            name=told["name"],
            kind=told["kind"],
            senders=_words(told["senders"]),
            providers=tuple(told["providers"]),
            recipients=_words(told["recipients"]),
            signers=_words(told["signers"]),
            expected_per_day=told["expected_per_day"],
            is_trusted=told["is_trusted"],
            is_redacting=told["is_redacting"],
        )


_PROBLEMS: dict[str, tuple[str, Promise]] = {
    "bad_key": ("key", _("Use lower-case letters, digits and hyphens.")),
    "key_taken": ("key", _("A feed of this key exists. Choose another key.")),
    "no_sender": ("senders", _("Name at least one address or domain.")),
    "sender_taken": ("senders", _("Another feed comes from there already. Retire it first.")),
    "bad_domain": ("senders", _("Write addresses and domains as feedback@example.net or example.net.")),
    "bad_recipient": ("recipients", _("Write addresses and domains as feedback@example.net or example.net.")),
    "bad_signer": ("signers", _("Write domains as example.net.")),
    "trap_without_signer": (
        "signers",
        _("Name the domain that signs its reports: a trap hit counts only when it is signed."),
    ),
    "trusted_without_signer": (
        "signers",
        _("Name the domain that signs its reports, or let only our reference count."),
    ),
}


def problem(refused: FeedRefused) -> tuple[str | None, str]:
    """Return the field, and what to do; no field for what the form itself can't produce."""
    field, sentence = _PROBLEMS.get(refused.code, (None, _("This feed can't be enrolled so.")))
    return field, str(sentence)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
