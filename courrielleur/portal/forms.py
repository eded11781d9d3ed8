"""The forms of the pages: what people type, checked, with messages that say what to do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from abuse.services.probations import Conditions
from courrielleur.accounts.models import User
from courrielleur.accounts.permissions import PLATFORM_ONLY_SCOPES, Scope
from courrielleur.portal import words

LONGEST_WORDS = 20_000  # characters


class DecisionForm(forms.Form):
    """A decision and its reason. The reason goes into the letter and the history."""

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in ("ask", "reinstate", "refuse", "terminate")])
    reason = forms.CharField(
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Give the reason: it goes into the letter and the history.")},
    )
    # Conditions of the probation, when the account is reinstated.
    needs_proof = forms.BooleanField(required=False)
    form_url = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": _("Write the whole address of the form, such as https://www.example.com/sign-up.")},
    )

    @property
    def conditions(self) -> Conditions:
        """The conditions asked for, once the form is valid."""
        return Conditions(needs_proof=self.cleaned_data["needs_proof"], form_url=self.cleaned_data["form_url"])


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Message"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a message first.")},
    )
    internal = forms.BooleanField(label=_("Internal note, seen by the abuse team only"), required=False)


def head(field: forms.Field) -> None:
    """Let a heading of the page stand for the field's label, which is then read out and not shown (`{% field %}`)."""
    field.label_is_heading = True  # type: ignore[attr-defined]  # Django's fields carry what their makers put on them


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Responsible"), empty_label=_("nobody"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        head(self.fields["to"])
        self.fields["to"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField


class LaneNoteForm(forms.Form):
    """Why a report is accepted, or put away. Kept for good, with the name of who wrote it."""

    LONGEST = 2000  # characters

    note = forms.CharField(
        label=_("Note"),
        help_text=_("How do you know? Kept with your name."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a note first: how do you know?")},
    )


class SuspendForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Goes into the letter to the reseller and into the history."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason: it goes into the letter and the history.")},
    )


class SkipForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Why it need not arrive. Stays with the order and in the case, with your name."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, Excel (XLSX), NDJSON or text, also packed with gzip. Repeating the same file does no harm."),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ndjson,.jsonl,.gz,text/csv,text/plain"}
        ),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty. Choose one with a line per recipient."),
        },
    )


class KeyForm(forms.Form):
    label = forms.CharField(
        label=_("Name of the key"), help_text=_("Where it will be used, such as “billing server”."), max_length=100
    )
    owner = forms.ChoiceField(label=_("Belongs to"))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing the key may do.")},
    )
    expires_on = forms.DateField(
        label=_("Valid until"),
        help_text=_("Leave empty for a key without an end."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    networks = forms.CharField(
        label=_("Allowed networks"),
        help_text=_("Separated by spaces, such as 192.0.2.0/24. Leave empty to allow every address."),
        required=False,
        max_length=1000,
    )

    def __init__(self, *args: Any, owners: list[tuple[str, str]], is_platform: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = owners  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
            (scope.value, words.SCOPES.get(scope.value, scope.value))
            for scope in Scope
            if is_platform or scope not in PLATFORM_ONLY_SCOPES
        ]


class WebhookForm(forms.Form):
    url = forms.URLField(
        label=_("URL"),
        help_text=_("Where your sending system listens, such as https://mta.example.com/courrielleur."),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    owner = forms.ChoiceField(label=_("Belongs to"))

    def __init__(self, *args: Any, owners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = owners  # type: ignore[attr-defined]  # a ChoiceField


class DeclarationForm(forms.Form):
    name = forms.CharField(
        label=_("Your full name"),
        max_length=150,
        error_messages={"required": _("Write your full name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    truth = forms.BooleanField(
        label=_("I declare that these answers are true and complete, and that I may answer for this account."),
        error_messages={"required": _("Tick the declaration to hand in the answers.")},
    )
