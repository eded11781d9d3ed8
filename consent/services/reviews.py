"""What a person of the abuse team decides about a case; the decision, the move and its effects are one transaction."""

from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from abuse.core.case import CaseMove, CaseState
from abuse.models import Case
from abuse.services import cases, decisions, history
from abuse.services.cases import MOVE_PERMISSIONS, CaseMoved, MoveRefused
from abuse.services.probations import VOLUME_ALONE, Conditions
from consent.models import Proposal, Questionnaire, Review
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
    `MoveRefused`), and `MoveRefused` for what needs a second person: then nothing was done.
    """
    if needs_second_person(case, outcome):
        raise MoveRefused(_("This decision needs a second person: propose it."))
    return _decide(case, Review.Outcome(outcome), reason, actor, now, conditions)


def needs_second_person(case: Case, outcome: str) -> bool:
    """Whether two people must agree: by the kind of decision (FOUR_EYES), on urgent cases alone if so set."""
    if outcome not in settings.FOUR_EYES:
        return False
    return not settings.FOUR_EYES_URGENT_ONLY or case.priority == Case.Priority.URGENT


def propose(
    case: Case, outcome: str, reason: str, actor: Actor, now: datetime, conditions: Conditions = VOLUME_ALONE
) -> Proposal:
    """Keep a decision until another person confirms it. A newer proposal takes the place of one that waits.

    Raises `MoveRefused` for who may not decide so, or without a reason.
    """
    chosen, reason = Review.Outcome(outcome), reason.strip()
    if actor.user is None or not actor.can(MOVE_PERMISSIONS[_MOVES[chosen]]):
        raise MoveRefused(_("You may not make this decision."))
    if not reason:
        raise MoveRefused(_("Give the reason: it goes into the letter and the history."))
    with transaction.atomic():
        latest = Case.objects.select_for_update().get(pk=case.pk)
        if latest.state != case.state:
            raise CaseMoved(_("Somebody else has moved case %(key)s in the meantime.") % {"key": case.key})
        Proposal.objects.filter(case=latest, settled_at=None).update(
            settlement=Proposal.Settlement.OVERTAKEN, settled_at=now, settled_by=actor.user
        )
        proposal = Proposal.objects.create(
            case=latest,
            outcome=chosen,
            reason=reason,
            conditions=asdict(conditions),
            proposed_by=actor.user,
            proposed_at=now,
        )
        data = {"outcome": chosen.value}
        history.tell(latest, "proposed", actor=actor, now=now, text=reason, data=data, is_internal=True)
    return proposal


def confirm(proposal: Proposal, actor: Actor, now: datetime) -> Review:
    """Carry out what another person proposed, in the name of who confirms. Raises `MoveRefused`, `CaseMoved`."""
    with transaction.atomic():
        waiting = _waiting(proposal, actor)
        _settle(waiting, Proposal.Settlement.CONFIRMED, actor, now)
        return _decide(
            Case.objects.select_related("account__reseller", "suspension").get(pk=waiting.case_id),
            Review.Outcome(waiting.outcome),
            waiting.reason,
            actor,
            now,
            Conditions(**waiting.conditions),
        )


def decline(proposal: Proposal, why: str, actor: Actor, now: datetime) -> None:
    """Put a proposal away, with the reason. Its author may take it back too. Raises `MoveRefused`."""
    if not why.strip():
        raise MoveRefused(_("Say why: the colleague who proposed it reads it in the history."))
    with transaction.atomic():
        waiting = _waiting(proposal, actor, is_own_allowed=True)
        _settle(waiting, Proposal.Settlement.DECLINED, actor, now)
        data = {"outcome": waiting.outcome}
        history.tell(waiting.case, "declined", actor=actor, now=now, text=why.strip(), data=data, is_internal=True)


def _waiting(proposal: Proposal, actor: Actor, *, is_own_allowed: bool = False) -> Proposal:
    found = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if found.settled_at is not None:
        raise CaseMoved(_("This proposal was settled in the meantime."))
    if actor.user is None or not actor.can(MOVE_PERMISSIONS[_MOVES[Review.Outcome(found.outcome)]]):
        raise MoveRefused(_("You may not make this decision."))
    if found.proposed_by_id == actor.user.pk and not is_own_allowed:
        raise MoveRefused(_("Another person than the one who proposed it confirms a decision."))
    return found


def _settle(proposal: Proposal, settlement: str, actor: Actor, now: datetime) -> None:
    proposal.settlement, proposal.settled_by, proposal.settled_at = settlement, actor.user, now
    proposal.save(update_fields=["settlement", "settled_by", "settled_at"])


def _decide(
    case: Case, chosen: Review.Outcome, reason: str, actor: Actor, now: datetime, conditions: Conditions
) -> Review:
    reason = reason.strip()
    if actor.user is None:
        raise MoveRefused(_("A person decides a case, not a key."))
    with transaction.atomic():
        seen = Case.objects.get(pk=case.pk)
        seen.state = case.state  # the state the person saw: a case moved since then must not be decided
        if seen.state in _NOT_TAKEN:
            cases.move(seen, CaseMove.TAKE, actor=actor, now=now)
        decisions.decide(seen, _MOVES[chosen], actor=actor, reason=reason, now=now, conditions=conditions)
        Proposal.objects.filter(case=seen, settled_at=None).update(
            settlement=Proposal.Settlement.OVERTAKEN, settled_at=now, settled_by=actor.user
        )
        review = Review.objects.create(case=seen, reviewer=actor.user, outcome=chosen, reason=reason, decided_at=now)
        if chosen is Review.Outcome.ASK:
            for questionnaire in Questionnaire.objects.filter(case=seen):
                questionnaires.reopen(questionnaire)
    case.refresh_from_db()
    return review
