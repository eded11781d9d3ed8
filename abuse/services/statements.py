"""The statement of reasons of a case: the letter's own words, and the record of the decision behind them.

Facts, figures, rule, whether a person or the rule decided, and how to contest (for the European Union: Digital
Services Act, article 17). What a client reads on the page, in the PDF, by REST and in the letter can't differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abuse import notices, selectors
from abuse.core.case import CaseMove, CaseState, moves_from
from abuse.core.cells import HOURS_PER_DAY
from abuse.core.verdict import Verdict
from abuse.models import Assessment, Case
from abuse.services import letters, suspensions
from courrielleur.mailer import Block, blocks_of
from fbl import selectors as feedback


@dataclass(frozen=True)
class Statement:
    """Why the account's mail was stopped, in one language."""

    case: Case
    language: str
    subject: str
    text: str
    facts: str  # the explanation, one paragraph; for a decision by hand the person's reason
    stated_at: datetime
    is_automated: bool
    reasons: Sequence[str]  # codes
    assessment: Assessment | None
    may_answer: bool
    may_appeal: bool

    @property
    def blocks(self) -> list[Block]:
        """The letter in pieces, as pages and PDF set them."""
        return blocks_of(self.text)

    @property
    def figures(self) -> dict[str, Any] | None:
        """The plain figures of the period, rates as fractions, no scores; None for a decision by hand."""
        if self.assessment is None:
            return None
        verdict = Verdict.from_figures(self.assessment.figures)
        return {
            "first_day": feedback.day_of(verdict.first_day * HOURS_PER_DAY),
            "last_day": feedback.day_of(verdict.today * HOURS_PER_DAY),
            "delivered": verdict.delivered,
            "reporting": verdict.reporting,
            "complaints": verdict.complaints,
            "complaint_rate": verdict.complaint_rate,
            "complaints_limit": verdict.complaints_limit,
            "bounces": verdict.bounces,
            "bounce_rate": verdict.bounce_rate,
            "bounces_limit": verdict.bounces_limit,
        }

    @property
    def decision(self) -> dict[str, Any] | None:
        """What names the assessment and proves that it is still the one of then; None for a decision by hand."""
        if self.assessment is None:
            return None
        return {
            "id": str(self.assessment.pk),
            "at": self.assessment.at,
            "policy_version": self.assessment.policy_version,
            "code_version": self.assessment.code_version,
            "sequence": self.assessment.sequence,
            "digest": bytes(self.assessment.digest or b"").hex(),
        }


def of(case: Case, language: str, now: datetime) -> Statement:
    """Return the statement of *case* in *language* ("fr" or "en")."""
    suspension = case.suspension
    letter = letters.statement(case, language, now)
    subject, text = notices.render(letter, case, language)
    assessment = suspension.assessment if suspension else selectors.standing_of(case.account).assessment
    state = CaseState(case.state)
    return Statement(
        case=case,
        language=language,
        subject=subject,
        text=text,
        facts=str(letter.context["facts"]),
        stated_at=suspension.imposed_at if suspension else case.opened_at,
        is_automated=suspension is None or suspension.imposed_by is None,
        reasons=suspensions.reasons_of(suspension) if suspension else list(assessment.reasons) if assessment else [],
        assessment=assessment,
        may_answer=state.waits_for_client,
        may_appeal=CaseMove.APPEAL in moves_from(state),
    )
