"""All that a person needs to understand a case in one minute, and what of it the client sees."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext

from abuse import selectors as abuse
from abuse.core.case import CaseState
from consent import selectors as consent
from consent.core.questionnaire import Question, question_set
from courrielleur.accounts.actors import Actor
from courrielleur.portal import account_view, answers, excess_view, periods
from courrielleur.portal.charts import Mark
from courrielleur.portal.reasons import title


@dataclass(frozen=True)
class Step:
    """One of the three steps a client follows: received, in review, decided."""

    label: str
    note: str
    state: str  # done, now, later


def evidence(case: Any, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the desk's case page shows, ready-made."""
    account = case.account
    questionnaire = consent.questionnaire_for(case)
    assessment = case.suspension.assessment if case.suspension else abuse.standing_of(account).assessment
    return {
        "case": case,
        "account": account,
        "standing": abuse.standing_of(account),
        "assessment": assessment,
        "reasons": [title(code) for code in assessment.reasons] if assessment else [],
        "explanation": abuse.explanation_for(assessment, get_language() or "fr") if assessment else "",
        "excess": excess_view.shown(abuse.excess_of(assessment, account)) if assessment else None,
        "charts": account_view.charts_for(account, now, marks(account, now)),
        "timeline": abuse.timeline(case, actor),
        "questionnaire": questionnaire,
        "answers": answers.shown(questionnaire) if questionnaire else [],
        "doubts": answers.doubts(case),
        "coverage": consent.coverage(case),
        "uploads": consent.uploads_for(account)[:10],
        "notices": abuse.notices(case),
    }


def marks(account: Any, now: datetime, *, for_client: bool = False) -> list[Mark]:
    first, last = periods.last_days(periods.CHART, now)
    return [
        Mark(mark.day, mark.text, _case_url(mark.case_key, for_client=for_client))
        for mark in abuse.marks(account, first, last)
    ]


def _case_url(key: str, *, for_client: bool) -> str:
    if not key:
        return ""
    return reverse("portal:request" if for_client else "desk:case", args=[key])


def steps(case: Any) -> list[Step]:
    """Return the tracker: one step is now, those before are done."""
    state = CaseState(case.state)
    if state.is_closed:
        at = 3
    elif state in {CaseState.IN_REVIEW, CaseState.APPEALED} or state is CaseState.SUBMITTED:
        at = 1
    else:
        at = 0
    words = [
        (gettext("Your answers"), gettext("The questionnaire and the consent records.")),
        (gettext("In review"), gettext("A person of the abuse team reads them.")),
        (gettext("Decided"), gettext("You receive the decision and its reason by e-mail.")),
    ]
    return [
        Step(label, note, "done" if number < at else "now" if number == at else "later")
        for number, (label, note) in enumerate(words)
    ]


def questions() -> tuple[Question, ...]:
    return question_set().questions
