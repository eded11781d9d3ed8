"""What a person of the abuse team decides about a case; the decision, the move and its effects are one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from abuse.core.case import CaseMove, CaseState
from abuse.models import Case
from abuse.services import cases, decisions
from abuse.services.cases import MoveRefused
from abuse.services.probations import VOLUME_ALONE, Conditions
from consent.models import Questionnaire, Review
from consent.services import questionnaires
from courrielleur.accounts.actors import Actor

_MOVES = {
    Review.Outcome.REINSTATE: CaseMove.REINSTATE,
    Review.Outcome.ASK: CaseMove.ASK,
    Review.Outcome.REFUSE: CaseMove.REFUSE,
    Review.Outcome.TERMINATE: CaseMove.TERMINATE,
}
_NOT_TAKEN = frozenset({CaseState.SUBMITTED, CaseState.APPEALED})


def decide(
    case: Case,
    outcome: str,
    reason: str,
    actor: Actor,
    now: datetime,
    conditions: Conditions = VOLUME_ALONE,
) -> Review:
    """Decide *case*, carry the decision out for the account's mail, and open the questionnaire when more is asked.

    Who decides a case that nobody took has taken it. Raises what `cases.move` raises (`CaseMoved`,
    `MoveRefused`): then nothing was done.
    """
    chosen = Review.Outcome(outcome)
    reason = reason.strip()
    if actor.user is None:
        raise MoveRefused(_("A person decides a case, not a key."))
    with transaction.atomic():
        seen = Case.objects.get(pk=case.pk)
        seen.state = case.state  # the state the person saw: a case moved since then must not be decided
        if seen.state in _NOT_TAKEN:
            cases.move(seen, CaseMove.TAKE, actor=actor, now=now)
        decisions.decide(seen, _MOVES[chosen], actor=actor, reason=reason, now=now, conditions=conditions)
        review = Review.objects.create(case=seen, reviewer=actor.user, outcome=chosen, reason=reason, decided_at=now)
        if chosen is Review.Outcome.ASK:
            for questionnaire in Questionnaire.objects.filter(case=seen):
                questionnaires.reopen(questionnaire)
    case.refresh_from_db()
    return review
