"""The forms around invitations: whom to ask in, and what the person who comes in says of themself."""

import re
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courrielleur.accounts.models import User
from courrielleur.accounts.people import Place

# A name goes into letters to strangers: nothing in it may be taken for a link or an address.
_NO_NAME = re.compile(r"[<>/\\@:\x00-\x1f]|www\.", re.IGNORECASE)


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("A letter with a link goes there. It is good once."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    place = forms.ChoiceField(label=_("What for"))
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, places: Iterable[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {place.key: place for place in places}
        field = cast(forms.ChoiceField, self.fields["place"])
        field.choices = [(key, f"{_owner_of(place)} – {place.role.label}") for key, place in self.places.items()]
        if len(self.places) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(self.places))

    @property
    def chosen(self) -> Place:
        """Return where to, once the form is valid."""
        return self.places[self.cleaned_data["place"]]


def _owner_of(place: Place) -> str:
    owner = place.reseller or place.account
    return owner.name if owner else gettext("The platform")


class ComeInForm(forms.Form):
    name = forms.CharField(
        label=_("Your full name"),
        max_length=150,
        error_messages={"required": _("Write your full name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("12 characters at least. A sentence is easy to keep in mind."),
        strip=False,
        max_length=4096,
        error_messages={"required": _("Choose a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if _NO_NAME.search(name):
            raise forms.ValidationError(_("Write a name, without links or addresses."))
        return name

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, User(email=self.email))
        return password
