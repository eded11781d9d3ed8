"""The client's home: one word, why, and the one thing to do now."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from abuse.core.case import CaseState
from consent import selectors as consent
from consent.core.questionnaire import question_set
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import account_view, answers, case_view, lessons
from courrielleur.portal.guards import ActorRequest, require

MOST_CARDS = 6  # an actor with more accounts starts from the list


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now."""

    text: str | Promise
    button: str | Promise = ""
    url: str = ""


NOTHING_TO_DO = NextStep(_("Nothing. We tell you by e-mail as soon as something changes."))


@require(Permission.SEE_PORTAL)
@require_safe
def home(request: ActorRequest) -> HttpResponse:
    now = timezone.now()
    accounts = list(accounts_selectors.accounts_for(request.actor)[: MOST_CARDS + 1])
    open_cases = [case for case in abuse.cases_for(request.actor) if not CaseState(case.state).is_closed]
    if request.actor.reseller_ids or len(accounts) > 1:
        worst = account_view.find(request.actor)[:MOST_CARDS]
        return render(
            request,
            "client/home_many.html",
            {
                "tasks": [(case, step_for(case)) for case in open_cases],
                "lines": account_view.lines(worst, now),
                "counts": account_view.level_counts(request.actor),
            },
        )
    if not accounts:
        return render(request, "client/home_none.html")
    context = {**standing_page(request, accounts[0]), "reach": consent.reach_of(accounts[0], now)}
    return render(request, "client/home.html", context)


@require()
@require_safe
def learn(request: ActorRequest) -> HttpResponse:
    """What the words mean, and what to do about each."""
    language = answers.language()
    methods = [(method.names[language], method.definitions[language]) for method in question_set().methods]
    shown = {"methods": methods, "figures": lessons.figures(language), "questions": lessons.questions(language)}
    return render(request, "client/learn.html", shown)


@require()
@require_safe
def safe_list(request: ActorRequest) -> HttpResponse:
    """How recipients put a sender on their safe list: a page to hand to them."""
    return render(request, "client/safe_list.html", {"lists": lessons.safe_lists(answers.language())})


def standing_page(request: ActorRequest, account: Account) -> dict[str, object]:
    """Return what a client sees of one account: as the team sees it, without what is internal."""
    now = timezone.now()
    standing = abuse.standing_of(account)
    # A hold that the team still looks at has no letter yet: it is not the client's case.
    case = abuse.cases_for(request.actor).filter(pk=standing.case.pk).first() if standing.case else None
    return {
        "account": account,
        "standing": standing,
        "probation": abuse.probation_of(account, timezone.now()),
        "case": case,
        "level": account_view.shown_level(standing),
        "explanation": abuse.explanation_for(standing.telling, get_language() or "fr", audience="client")
        if standing.telling
        else "",
        "charts": account_view.charts_for(account, now, case_view.marks(account, now, for_client=True)),
        "step": step_for(case) if case else NOTHING_TO_DO,
    }


def step_for(case: Any) -> NextStep:
    state = CaseState(case.state)
    url = reverse("portal:request", args=[case.key])
    if state is CaseState.AWAITING_CLIENT:
        return NextStep(
            _("Answer eight questions and send the consent records. Sending can resume once they convince."),
            _("Answer the questions"),
            url,
        )
    if state is CaseState.INFO_REQUESTED:
        return NextStep(_("The abuse team asks for more information."), _("Read the request"), url)
    if state in {CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.APPEALED}:
        return NextStep(
            _("Nothing for now. A person reads your answers and decides; the decision comes by e-mail."),
            _("Follow the request"),
            url,
        )
    if state is CaseState.REFUSED:
        return NextStep(
            _("The request was refused. You may appeal once, to another person."), _("Read the reason"), url
        )
    return NOTHING_TO_DO
