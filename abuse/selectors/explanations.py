"""An assessment in words."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from abuse.core.cells import HOURS_PER_DAY
from abuse.core.cut import Cut, Origin, Part, least_cut, origins
from abuse.core.explanation import SetAside, explain
from abuse.core.policy_layers import Stream
from abuse.core.verdict import State, Verdict
from abuse.models import Assessment
from abuse.selectors.policies_in_force import in_force
from courrielleur.accounts.models import Account
from fbl import selectors as feedback

MOST_CAMPAIGNS = 3
LINKED_SHARE = 0.2  # of the period's complaints or of its hard bounces


@dataclass(frozen=True)
class Excess:
    """What is too much: the lists and streams it comes from, the worst first, and the least that must be paused."""

    cut: Cut
    origins: tuple[Origin, ...]


def explanation_for(assessment: Assessment, language: str, audience: Literal["desk", "client"] = "desk") -> str:
    """Return the assessment as one paragraph in *language*. A client's version names no scores and no providers."""
    verdict = Verdict.from_figures(assessment.figures)
    campaigns = linked_campaigns(assessment) if verdict.state in {State.HOLD, State.SUSPEND} else []
    return explain(verdict, language, audience=audience, set_aside=set_aside(assessment), campaigns=campaigns)


def set_aside(assessment: Assessment) -> SetAside:
    """Return what had arrived by the time of the assessment and did not enter its figures."""
    first, last = _days(Verdict.from_figures(assessment.figures))
    return SetAside(**feedback.complaints_set_aside(assessment.account_id, first, last, assessment.at))


def linked_campaigns(assessment: Assessment) -> list[str]:
    """Return the campaigns that a good part of the complaints or bounces came from, the worst first."""
    verdict = Verdict.from_figures(assessment.figures)
    first, last = _days(verdict)
    linked = [
        campaign.campaign
        for campaign in feedback.campaign_figures(assessment.account_id, first, last)
        if campaign.campaign
        and (
            0 < LINKED_SHARE * verdict.complaints <= campaign.complaints
            or 0 < LINKED_SHARE * verdict.bounces <= campaign.hard_bounces
        )
    ]
    return linked[:MOST_CAMPAIGNS]


def excess_of(assessment: Assessment, account: Account) -> Excess:
    """Return where the excess of the period comes from, and the least measure that brings the rest under the limits."""
    policies = in_force([account])
    policy = policies.of(account)
    receipts = policies.at(account.reseller_id, account.pk, stream=Stream.TRANSACTIONAL)
    first, last = _days(Verdict.from_figures(assessment.figures))
    parts = [
        Part(row.campaign, row.delivered, row.reporting, row.complaints, row.hard_bounces, row.list_key, row.stream)
        for row in feedback.campaign_figures(assessment.account_id, first, last)
    ]
    cut = least_cut(parts, policy, keeps_transactional=receipts.suspend_measure == "hold")
    return Excess(cut, tuple(origins(parts, policy)))


def _days(verdict: Verdict) -> tuple[date, date]:
    """Return the first and the last day of the verdict's period, UTC."""
    return feedback.day_of(verdict.first_day * HOURS_PER_DAY), feedback.day_of(verdict.today * HOURS_PER_DAY)
