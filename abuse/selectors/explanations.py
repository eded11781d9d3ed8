"""An assessment in words."""

from typing import Literal

from abuse.core.cells import HOURS_PER_DAY
from abuse.core.explanation import explain
from abuse.core.verdict import State, Verdict
from abuse.models import Assessment
from fbl import selectors as feedback

MOST_CAMPAIGNS = 3
LINKED_SHARE = 0.2  # of the period's complaints or of its hard bounces


def explanation_for(assessment: Assessment, language: str, audience: Literal["desk", "client"] = "desk") -> str:
    """Return the assessment as one paragraph in *language*. A client's version names no scores and no providers."""
    verdict = Verdict.from_figures(assessment.figures)
    campaigns = linked_campaigns(assessment) if verdict.state in {State.HOLD, State.SUSPEND} else []
    return explain(verdict, language, audience=audience, campaigns=campaigns)


def linked_campaigns(assessment: Assessment) -> list[str]:
    """Return the campaigns that a good part of the complaints or bounces came from, the worst first."""
    verdict = Verdict.from_figures(assessment.figures)
    first, last = (feedback.day_of(day * HOURS_PER_DAY) for day in (verdict.first_day, verdict.today))
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
