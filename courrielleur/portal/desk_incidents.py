"""Incidents: trouble of a provider or of our shared addresses, which no client is stopped for."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from abuse import selectors as abuse
from abuse.services import incidents as services
from abuse.services.incidents import IncidentClosed
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.forms import LONGEST_WORDS
from courrielleur.portal.guards import ActorRequest, require


class CloseForm(forms.Form):
    """What a person found out, and whether it was the clients after all."""

    note = forms.CharField(
        label=gettext_lazy("What it was"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say what it was: the note stays with the incident.")},
    )
    dismiss = forms.BooleanField(
        label=gettext_lazy("It was the clients after all: these bounces count against them again"), required=False
    )


@require(Permission.SEE_DESK)
@require_safe
def incidents(request: ActorRequest) -> HttpResponse:
    return render(request, "desk/incidents.html", {"incidents": abuse.latest_incidents()})


@require(Permission.SEE_DESK)
@require_safe
def incident(request: ActorRequest, incident_id: UUID) -> HttpResponse:
    return _page(request, incident_id, CloseForm())


@require(Permission.DECIDE_CASES)
@require_POST
def close(request: ActorRequest, incident_id: UUID) -> HttpResponse:
    view = abuse.incident_for(incident_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, incident_id, form, status=422)
    try:
        released = services.close(
            view.incident,
            by=request.user,
            note=form.cleaned_data["note"],
            is_dismissed=form.cleaned_data["dismiss"],
            now=timezone.now(),
        )
    except IncidentClosed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The incident is closed."))
        if released:
            told = ngettext(
                "%(n)s address that it had suppressed may be mailed again.",
                "%(n)s addresses that it had suppressed may be mailed again.",
                released,
            )
            messages.success(request, told % {"n": released})
    return redirect("desk:incident", incident_id)


def _page(request: ActorRequest, incident_id: UUID, form: CloseForm, status: int = 200) -> HttpResponse:
    view = abuse.incident_for(incident_id)
    return render(
        request,
        "desk/incident.html",
        {
            "view": view,
            "cells": abuse.incident_cells(view.incident)[:200],
            "form": form,
            "may_close": view.incident.closed_at is None and request.actor.can(Permission.DECIDE_CASES),
        },
        status=status,
    )
