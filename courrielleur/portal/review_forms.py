"""The forms of the review page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.services.samples import DAYS, FEWEST, MOST


class AskSampleForm(forms.Form):
    size = forms.IntegerField(
        label=_("How many recipients"),
        help_text=_("Drawn by chance among ordinary recipients. Traps and complainers are never drawn."),
        initial=20,
        min_value=FEWEST,
        max_value=MOST,
    )
    days = forms.IntegerField(label=_("Days to answer"), initial=DAYS, min_value=1, max_value=60)
    note = forms.CharField(
        label=_("Note to the client"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DeclineForm(forms.Form):
    why = forms.CharField(label=_("Why not"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
