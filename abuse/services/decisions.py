"""Decide a case: the move, and what it means for the account's mail, in one transaction."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from abuse.core.case import CaseMove
from abuse.models import Case
from abuse.services import cases, holds, suspensions
from abuse.services.probations import VOLUME_ALONE, Conditions
from courrielleur.accounts.actors import Actor


@transaction.atomic
def decide(
    case: Case,
    move: CaseMove,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    conditions: Conditions = VOLUME_ALONE,
) -> Case:
    """Move *case* and carry the decision out. *conditions* are those of the probation after a reinstatement.

    Raises `CaseMoved`, `MoveRefused` as `cases.move` does.
    """
    data = asdict(conditions) if move is CaseMove.REINSTATE else None
    cases.move(case, move, actor=actor, reason=reason, now=now, data=data)
    if move is CaseMove.REINSTATE:
        if case.suspension is not None:
            suspensions.lift(case.suspension, now=now, by=actor.user, reason=reason, conditions=conditions)
        else:
            holds.release(case.account, now=now, actor=actor, case=case)
    elif move is CaseMove.TERMINATE:
        suspensions.terminate(case.account, now=now, case=case)
    return case
