"""Pause one campaign of an account until a person has looked. Nobody is written to by that alone."""

from datetime import datetime

from django.db import transaction

from abuse import selectors
from abuse.core.priority import weigh
from abuse.models import Assessment, Case, Standing
from abuse.services import cases, history, orders, standings
from abuse.services.suspensions import open_case_of
from courrielleur.accounts.actors import SYSTEM, Actor
from courrielleur.accounts.models import Account
from courrielleur.jobs.queue import nudge


@transaction.atomic
def impose(account: Account, *, assessment: Assessment, now: datetime) -> bool:
    """Order the campaign that most of the evidence came from to be paused, and open a case if none is open.

    False when the account is on hold already.
    """
    standing = standings.lock(account, now)
    if standing.level == Standing.Level.HOLD or standing.level in standings.STOPPED:
        return False
    standings.change(standing, Standing.Level.HOLD, now)
    standing.held_campaign = campaign = next(iter(selectors.linked_campaigns(assessment)), "")
    standing.save(update_fields=["level", "since", "held_campaign"])
    data = {"reasons": assessment.reasons, "campaign": campaign}
    case = open_case_of(account)
    if case is None:
        weight = weigh(delivered=assessment.figures["delivered"], reasons=assessment.reasons)
        case = cases.open_case(account, now=now, weight=weight, data=data)
    history.tell(case, "held", actor=SYSTEM, now=now, data=data, is_internal=True)
    orders.give(
        account,
        orders.Action.HOLD,
        standing=standing,
        now=now,
        reasons=assessment.reasons,
        case_key=case.key,
        more=orders.held_by(standing),
    )
    nudge("river")
    return True


@transaction.atomic
def release(account: Account, *, now: datetime, actor: Actor = SYSTEM, case: Case | None = None) -> bool:
    """Let the campaign go on. False when the account is not on hold.

    By itself, when the evidence has gone; the case then stays for a person to close. By a person, the mail they
    have judged is scored no more, or the same figures would bring the hold back with the next report.
    """
    standing = standings.lock(account, now)
    if standing.level != Standing.Level.HOLD:
        return False
    standings.change(standing, standings.ground_level(standing, now), now)
    if actor.user is not None:
        standings.start_afresh(standing, now)
    standing.save(update_fields=["level", "since", "scores_from"])
    case = case or open_case_of(account)
    if case is not None:
        history.tell(case, "released", actor=actor, now=now, is_internal=True)
    orders.give(
        account,
        orders.Action.RELEASE,
        standing=standing,
        now=now,
        case_key=case.key if case else "",
        more=orders.held_by(standing),
    )
    nudge("river")
    return True
