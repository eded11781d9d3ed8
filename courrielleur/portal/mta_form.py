"""The forms that make an MTA known, one for each kind, and what their refusals mean."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from abuse.services import mtas


class MtaForm(forms.Form):
    """What every kind asks. *settings*: the fields that go into the endpoint's settings."""

    kind: ClassVar[str]
    settings: ClassVar[tuple[str, ...]] = ()

    name = forms.CharField(label=_("Name"), help_text=_("Of this one machine, such as mx1."), max_length=63)

    def save(self) -> None:
        """Make the MTA known. Refusals are put at their fields."""
        data = self.cleaned_data
        config: dict[str, Any] = {name: data[name] for name in self.settings if data.get(name)}
        try:
            mtas.add(
                self.kind,
                name=data["name"],
                url=data.get("url", ""),
                secret=data.get("secret", ""),
                config=config,
            )
        except ValidationError as refused:
            for field, errors in refused.message_dict.items():
                name = field.removeprefix("config_")
                self.add_error(name if name in self.fields else None, errors)


class KumoForm(MtaForm):
    kind = "kumomta"
    settings = ("tenant", "campaign", "hours")

    url = forms.CharField(
        label=_("Address"), help_text=_("Of this node's HTTP listener, such as http://192.0.2.10:8000."), max_length=500
    )
    secret = forms.CharField(
        label=_("User and password"),
        help_text=_("As user:password, where the listener asks for them."),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    tenant = forms.CharField(
        label=_("Tenant of an account"), help_text=_("As in its queue names."), initial="{account}", max_length=100
    )
    campaign = forms.CharField(label=_("Campaign"), initial="{campaign}", max_length=100)
    hours = forms.IntegerField(
        label=_("Hours a suspension lives without us"),
        help_text=_("Renewed at half of it. If we are gone for longer, stopped accounts send again."),
        initial=24,
        min_value=1,
        max_value=720,
    )


class PmtaForm(MtaForm):
    kind = "pmta"
    settings = ("vmta", "job", "host", "pause", "resume", "paused")

    vmta = forms.CharField(
        label=_("Virtual MTA of an account"),
        help_text=_("Its own: an account that shares one can't be stopped alone."),
        initial="{account}",
        max_length=100,
    )
    job = forms.CharField(
        label=_("Job of a campaign"), help_text=_("Empty when campaigns have none."), required=False, max_length=100
    )
    host = forms.CharField(
        label=_("Host"), help_text=_("Fills {host} in COURRIELLEUR_PMTA_COMMAND."), required=False, max_length=200
    )
    url = forms.CharField(
        label=_("Address"), help_text=_("To call it over HTTP in place of the command."), required=False, max_length=500
    )
    secret = forms.CharField(
        label=_("User and password"),
        help_text=_("As user:password, where the listener asks for them."),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    pause = forms.CharField(
        label=_("Path that pauses"), help_text=_("With {queue} in it; over HTTP only."), required=False, max_length=100
    )
    resume = forms.CharField(
        label=_("Path that resumes"), help_text=_("With {queue} in it; over HTTP only."), required=False, max_length=100
    )
    paused = forms.CharField(
        label=_("Path that lists what is paused"),
        help_text=_("One queue a line; over HTTP only."),
        required=False,
        max_length=100,
    )


class PullForm(MtaForm):
    kind = "pull"


FORMS: dict[str, type[MtaForm]] = {form.kind: form for form in (KumoForm, PmtaForm, PullForm)}
