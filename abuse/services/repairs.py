"""Repair cases: a stop that would not have happened had we read the reports then as we read them now.

Nobody is let loose by a program: a person looks, lifts what must be lifted, and tells the client.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from abuse.core.case import CaseMove, CaseState
from abuse.core.priority import Degree, Priority, Weight
from abuse.models import Case, CaseEvent, Suspension
from abuse.services import cases, history, standings
from abuse.services.replays import Replay
from courrielleur.accounts.actors import SYSTEM

MOVE = "repair"  # the line of history that says why
WEIGHT = Weight(
    Priority.URGENT, Degree.HIGH, Degree.HIGH, is_repeat=False
)  # an honest sender may be stopped by our fault


@transaction.atomic
def open_for(replay: Replay, now: datetime) -> Case | None:
    """Put the stop that *replay* shows to be wrong before a person. Once: None when that was done before.

    An open case of the stop becomes urgent; a refused one is reviewed anew; of one that is over for good, or of a
    stop that was lifted, a new case remembers that the client is owed a word.
    """
    suspension = Suspension.objects.filter(assessment=replay.assessment.pk).select_related("account").first()
    if suspension is None:
        return None
    standings.lock(suspension.account, now)
    data = {"assessment": str(replay.assessment.pk), **_today(replay)}
    if CaseEvent.objects.filter(
        case__account=suspension.account, move=MOVE, data__assessment=data["assessment"]
    ).exists():
        return None
    case = Case.objects.filter(suspension=suspension).first()
    if case is not None and case.state == CaseState.REFUSED and suspension.lifted_at is None:
        with override(suspension.account.reseller.language):
            reason = _("We have corrected how we read reports. On the same evidence, this stop would not happen today.")
        cases.move(case, CaseMove.REOPEN, actor=SYSTEM, now=now, reason=reason)
    elif case is None or CaseState(case.state).is_closed:
        case = cases.open_case(suspension.account, now=now, weight=WEIGHT, data={"repair_of": str(suspension.pk)})
    case.priority, case.priority_code = WEIGHT.priority, WEIGHT.code()
    case.save(update_fields=["priority", "priority_code"])
    history.tell(case, MOVE, actor=SYSTEM, now=now, data=data, is_internal=True)
    return case


def _today(replay: Replay) -> Mapping[str, Any]:
    told = replay.as_json()
    return {name: told[name] for name in ("recorded", "from_inputs", "from_reports")}
