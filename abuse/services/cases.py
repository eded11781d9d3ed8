"""Cases: opened once per incident, moved by compare-and-swap, every step a line of history."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from abuse.core.case import NEEDS_REASON, TRANSITIONS, CaseMove, CaseState
from abuse.core.priority import Weight
from abuse.models import Case, CaseEvent, Suspension
from abuse.services import history, letters, replies, standings
from abuse.services.replies import LONGEST_MESSAGE
from courrielleur.accounts.actors import SYSTEM, Actor
from courrielleur.accounts.models import Account, User
from courrielleur.accounts.permissions import Permission, Scope

KEY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nobody misreads it, and it spells nothing
KEY_LENGTH = 6
SAID_TWICE_WITHIN = timedelta(seconds=30)  # the same words of the same person: a button pressed twice

# Answers by mail; the words and their reading have a module of their own.
record_reply = replies.record_reply
record_mail = replies.record_mail

# Who may make a move. A key may answer for its owner when its scopes say so.
MOVE_PERMISSIONS: dict[CaseMove, Permission] = {
    CaseMove.NOTIFY: Permission.WORK_CASES,
    CaseMove.SUBMIT: Permission.ANSWER_CASES,
    CaseMove.TAKE: Permission.WORK_CASES,
    CaseMove.ASK: Permission.WORK_CASES,
    CaseMove.REINSTATE: Permission.DECIDE_CASES,
    CaseMove.REFUSE: Permission.DECIDE_CASES,
    CaseMove.TERMINATE: Permission.TERMINATE,
    CaseMove.APPEAL: Permission.ANSWER_CASES,
    CaseMove.REOPEN: Permission.DECIDE_CASES,
}
_REVIEW_MOVES = frozenset({CaseMove.TAKE, CaseMove.ASK, CaseMove.REINSTATE, CaseMove.REFUSE, CaseMove.TERMINATE})


class CaseMoved(Exception):
    """Somebody else moved the case first. Look at it again, then decide."""


class MoveRefused(Exception):
    """This move can't be made. The message says why, for the person who tried."""


def open_case(
    account: Account,
    *,
    now: datetime,
    weight: Weight,
    suspension: Suspension | None = None,
    data: Mapping[str, Any] | None = None,
) -> Case:
    """Open a case. Its key can't be guessed, so it may stand in subjects and URLs."""
    case = Case(
        account=account,
        suspension=suspension,
        state=CaseState.OPENED,
        priority=weight.priority,
        priority_code=weight.code(),
        opened_at=now,
        changed_at=now,
    )
    case.key = _new_key()
    case.save(force_insert=True)
    history.tell(case, "opened", actor=SYSTEM, now=now, to_state=case.state, data=data, is_internal=suspension is None)
    return case


def move(
    case: Case,
    move: CaseMove,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Case:
    """Move *case* and write the letter that belongs to the move, in one transaction.

    Raises `CaseMoved` when the case is no longer in the state the caller saw, `MoveRefused` when the table, the
    actor's permissions or a missing reason forbid the move.
    """
    reason = reason.strip()
    old = CaseState(case.state)
    new = _checked(case, old, move, actor, reason)
    with transaction.atomic():
        standings.lock(case.account, now)  # before the case: everybody locks in this order
        closed_at = now if new.is_closed else None
        assigned_to = actor.user if move is CaseMove.TAKE and actor.user else case.assigned_to
        changed = Case.objects.filter(pk=case.pk, state=old).update(
            state=new, changed_at=now, closed_at=closed_at, assigned_to=assigned_to
        )
        if not changed:
            raise CaseMoved(_("Somebody else has moved case %(key)s in the meantime.") % {"key": case.key})
        case.state, case.changed_at, case.closed_at, case.assigned_to = new, now, closed_at, assigned_to
        history.tell(case, move, actor=actor, now=now, from_state=old, to_state=new, text=reason, data=data)
        letters.write(case, move, now=now, reason=reason, data=data)
    return case


def message(case: Case, *, actor: Actor, text: str, now: datetime, is_internal: bool = False) -> CaseEvent:
    """Add words to the history. Internal ones are seen by the abuse team only. Raises `MoveRefused`."""
    text = text.strip()
    if not text:
        raise MoveRefused(_("Write a message first."))
    if len(text) > LONGEST_MESSAGE:
        raise MoveRefused(_("A message has %(n)s characters at most.") % {"n": LONGEST_MESSAGE})
    allowed = _may(actor, Permission.WORK_CASES) or (not is_internal and _may(actor, Permission.ANSWER_CASES))
    if not allowed:
        raise MoveRefused(_("You may not write in this case."))
    kind = "note" if is_internal else "message"
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        said = case.events.filter(move=kind, actor=actor.user, text=text, at__gt=now - SAID_TWICE_WITHIN)
        if actor.user and (twice := said.first()):
            return twice
        event = history.tell(case, kind, actor=actor, now=now, text=text, is_internal=is_internal)
        if not is_internal and actor.can(Permission.WORK_CASES):
            letters.write_message(case, text=text, now=now)
    return event


def assign(case: Case, *, to: User | None, actor: Actor, now: datetime) -> None:
    """Say who is responsible; None puts the case back into the queue. Raises `MoveRefused`."""
    if not actor.can(Permission.WORK_CASES):
        raise MoveRefused(_("You may not assign cases."))
    with transaction.atomic():
        case.assigned_to = to
        case.save(update_fields=["assigned_to"])
        words = {"to": str(to) if to else None}
        history.tell(case, "assigned", actor=actor, now=now, data=words, is_internal=True)


def _checked(case: Case, old: CaseState, move: CaseMove, actor: Actor, reason: str) -> CaseState:
    new = TRANSITIONS.get((old, move))
    if new is None:
        raise MoveRefused(_("Case %(key)s is not where this step is possible.") % {"key": case.key})
    if not _may(actor, MOVE_PERMISSIONS[move]):
        raise MoveRefused(_("You may not make this decision."))
    if move in NEEDS_REASON and not reason:
        raise MoveRefused(_("Give the reason: it goes into the letter and the history."))
    if move is CaseMove.APPEAL and _was_appealed(case):
        raise MoveRefused(_("A case can be appealed once."))
    if move in _REVIEW_MOVES and actor.user is not None and _was_appealed(case) and _has_refused(case, actor.user):
        raise MoveRefused(_("An appeal is reviewed by another person than the one who refused."))
    return new


def _was_appealed(case: Case) -> bool:
    return case.events.filter(move=CaseMove.APPEAL).exists()


def _has_refused(case: Case, user: User) -> bool:
    return case.events.filter(move=CaseMove.REFUSE, actor=user).exists()


def _may(actor: Actor, permission: Permission) -> bool:
    return actor.can(permission) or (permission is Permission.ANSWER_CASES and actor.has_scope(Scope.CASES_WRITE))


def _new_key() -> str:
    while True:
        key = "C-" + "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
        if not Case.objects.filter(key=key).exists():
            return key
