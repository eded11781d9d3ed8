"""The history of a case: lines that are only ever added."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from abuse.models import Case, CaseEvent
from courrielleur.accounts.actors import Actor, acts_for


def tell(
    case: Case,
    move: str,
    *,
    actor: Actor,
    now: datetime,
    from_state: str = "",
    to_state: str = "",
    text: str = "",
    data: Mapping[str, Any] | None = None,
    is_internal: bool = False,
) -> CaseEvent:
    """Add a line to *case*. Lines of one moment keep their order: each is at least a microsecond after the last.

    Who acts in the client's place is kept with it: `acts_for` names the account.
    """
    last = CaseEvent.objects.filter(case=case).aggregate(at=Max("at"))["at"]
    return CaseEvent.objects.create(
        case=case,
        at=max(now, last + timedelta(microseconds=1)) if last else now,
        actor=actor.user,
        actor_label="" if actor.user else actor.label[:100],
        move=str(move),
        from_state=from_state,
        to_state=to_state,
        text=text,
        data={**(data or {}), **({"acts_for": case.account.key} if acts_for(actor, case.account) else {})},
        is_internal=is_internal,
    )
