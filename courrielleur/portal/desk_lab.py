"""The policy laboratory: back-tests over stored history, a draft in the shadow, calibration."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from abuse.core.policy_text import BadPolicy
from abuse.selectors import laboratory as selectors
from abuse.selectors import policies
from abuse.services import laboratory, laboratory_drafts, shadows
from abuse.services.laboratory import LARGEST_SCALE, LONGEST_DAYS, TrialRefused
from abuse.services.policies import PolicyRefused
from abuse.services.policy_flaws import told
from abuse.services.shadows import ShadowRefused
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import simulated_view, trial_view
from courrielleur.portal.guards import ActorRequest, require

PER_PAGE = 50


class BacktestForm(forms.Form):
    days = forms.IntegerField(label=gettext_lazy("Days to look at"), initial=30, min_value=1, max_value=LONGEST_DAYS)


class SimulationForm(forms.Form):
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy("another number is another platform"),
        initial=1,
        min_value=0,
        max_value=10**9,
    )
    scale = forms.FloatField(
        label=gettext_lazy("Scale"),
        help_text=gettext_lazy("1 is about a thousand senders"),
        initial=0.5,
        min_value=0.01,
        max_value=LARGEST_SCALE,
    )


class CalibrationForm(forms.Form):
    days = forms.IntegerField(label=gettext_lazy("Days to look at"), initial=90, min_value=1, max_value=LONGEST_DAYS)
    target = forms.FloatField(
        label=gettext_lazy("False stops to allow"),
        help_text=gettext_lazy("in 10,000 months of good senders"),
        initial=5,
        min_value=0.1,
        max_value=1000,
    )


@require(Permission.SEE_DESK)
@require_safe
def trials(request: ActorRequest) -> HttpResponse:
    return _page(request, CalibrationForm())


@require(Permission.SEE_DESK)
@require_safe
def trial(request: ActorRequest, trial_id: UUID) -> HttpResponse:
    found = selectors.trial(trial_id)
    page = Paginator(selectors.findings(found), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/trial.html",
        {
            "trial": found,
            "progress": trial_view.progress(found),
            "summary": _summary(found),
            "families": simulated_view.family_lines(found),
            "limits": trial_view.limits(found) if found.result else [],
            "page": page,
            "lines": trial_view.finding_lines(page.object_list),
            "estimates": trial_view.estimate_lines(found),
            "may_write": request.actor.can(Permission.WRITE_POLICIES),
        },
    )


@require(Permission.WRITE_POLICIES)
@require_POST
def backtest(request: ActorRequest, number: int) -> HttpResponse:
    """Ask for a back-test of a version, over the stored history or on a simulated platform."""
    version = policies.version(number)
    if "seed" in request.POST:
        return _simulate(request, version)
    form = BacktestForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Look at between 1 and %(most)s days.") % {"most": LONGEST_DAYS})
        return redirect("desk:policy", number)
    try:
        started = laboratory.start_backtest(
            version, days=form.cleaned_data["days"], by=request.user, now=timezone.now()
        )
    except TrialRefused as refused:
        messages.error(request, str(refused))
        return redirect("desk:policy", number)
    return redirect("desk:trial", started.pk)


def _simulate(request: ActorRequest, version: Any) -> HttpResponse:
    form = SimulationForm(request.POST)
    if not form.is_valid():
        told = _("Simulate at a scale above 0, up to %(most)s.") % {"most": f"{LARGEST_SCALE:g}"}
        messages.error(request, _("Give the seed as a whole number.") if "seed" in form.errors else told)
        return redirect("desk:policy", version.number)
    try:
        started = laboratory.start_simulation(version, **form.cleaned_data, by=request.user, now=timezone.now())
    except TrialRefused as refused:
        messages.error(request, str(refused))
        return redirect("desk:policy", version.number)
    return redirect("desk:trial", started.pk)


@require(Permission.WRITE_POLICIES)
@require_POST
def calibrate(request: ActorRequest) -> HttpResponse:
    form = CalibrationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        started = laboratory.start_calibration(
            days=form.cleaned_data["days"],
            target=form.cleaned_data["target"],
            by=request.user,
            now=timezone.now(),
        )
    except TrialRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, form, status=422)
    return redirect("desk:trial", started.pk)


@require(Permission.WRITE_POLICIES)
@require_POST
def cancel(request: ActorRequest, trial_id: UUID) -> HttpResponse:
    ended = laboratory.cancel(trial_id, timezone.now())
    messages.success(
        request,
        _("The trial is cancelled.") if ended.state == "cancelled" else _("The trial ends at its next sign of life."),
    )
    return redirect("desk:trial", trial_id)


@require(Permission.WRITE_POLICIES)
@require_POST
def draft(request: ActorRequest, trial_id: UUID) -> HttpResponse:
    """Put the chosen estimates of a calibration into a draft."""
    found = selectors.trial(trial_id)
    try:
        made = laboratory_drafts.draft_from(
            found, request.POST.getlist("estimate"), author=request.user, now=timezone.now()
        )
    except (TrialRefused, PolicyRefused) as refused:
        messages.error(request, str(refused))
    except BadPolicy as error:
        messages.error(request, " ".join(told(flaw) for flaw in error.flaws[:5]))
    else:
        messages.success(request, _("The draft is kept. Somebody else may put it in force."))
        return redirect("desk:policy", made.number)
    return redirect("desk:trial", trial_id)


@require(Permission.WRITE_POLICIES)
@require_POST
def shadow(request: ActorRequest, number: int) -> HttpResponse:
    """Let a draft run in the shadow, or take it out."""
    version = policies.version(number)
    now = timezone.now()
    if request.POST.get("action") == "stop":
        if shadows.stop(version, by=request.user, now=now):
            messages.success(request, _("It is out of the shadow. What it said is kept."))
        return redirect("desk:policy", number)
    try:
        shadows.start(version, by=request.user, now=now)
    except ShadowRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It judges in the shadow from the next assessment on, and never acts."))
    return redirect("desk:policy", number)


def _summary(found: Any) -> list[str]:
    """Return what a trial of a version says, once it is done; a calibration's figures speak for themselves."""
    if not found.result or found.kind == "calibration":
        return []
    return simulated_view.summary(found) if found.kind == "simulation" else trial_view.summary(found)


def of_version(version: Any) -> dict[str, Any]:
    """Return what the page of a version shows of the laboratory."""
    latest = selectors.shadow_of(version)
    return {
        "trials": selectors.trials_of(version)[:10],
        "backtest_form": BacktestForm(),
        "simulation_form": SimulationForm(),
        "shadow": latest,
        "comparison": selectors.comparison(latest) if latest else None,
    }


def _page(request: ActorRequest, form: CalibrationForm, status: int = 200) -> HttpResponse:
    page = Paginator(selectors.trials(), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/laboratory.html",
        {
            "page": page,
            "rows": [(one, _summary(one)) for one in page.object_list],
            "shadow": selectors.shadow_running(),
            "form": form,
            "may_write": request.actor.can(Permission.WRITE_POLICIES),
        },
        status=status,
    )
