"""Stop an account, and let it send again: standing, orders, case and letter in one transaction."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from abuse.core.case import CLOSED, CaseMove, CaseState
from abuse.core.priority import Weight, weigh
from abuse.core.probation import rules, weekly_caps
from abuse.core.wording import LANGUAGES
from abuse.models import Assessment, Case, Probation, Standing, Suspension
from abuse.selectors.explanations import explanation_for
from abuse.services import cases, history, letters, orders, probations, standings
from abuse.services.probations import BROKEN, VOLUME_ALONE, Conditions, Reach, Unproved
from courrielleur.accounts.actors import SYSTEM
from courrielleur.accounts.models import Account, User
from courrielleur.jobs.queue import nudge

BY_HAND = "by_hand"  # the reason of a suspension without an assessment
REPEAT_WITHIN = timedelta(days=365)


@transaction.atomic
def impose(
    account: Account,
    *,
    now: datetime,
    assessment: Assessment | None = None,
    by: User | None = None,
    reason: str = "",
    code: str = "",
) -> Suspension:
    """Stop *account*, by an *assessment*, by a person with a *reason*, or by a rule of another kind named by *code*.

    Stopped already: return that suspension.
    """
    standing = standings.lock(account, now)
    if standing.level in standings.STOPPED:
        existing = _open_suspension(account) or account.suspensions.order_by("-imposed_at").first()
        if existing is not None:
            return existing
    suspension = Suspension.objects.create(
        account=account, assessment=assessment, imposed_at=now, imposed_by=by, reason=reason.strip(), code=code
    )
    standings.change(standing, Standing.Level.SUSPENDED, now)
    standing.probation_ends_at = None
    probations.end_running(account.pk, now)
    if assessment is not None:
        standing.assessment, standing.assessed_at = assessment, now
    standing.save(update_fields=["level", "since", "probation_ends_at", "assessment", "assessed_at"])

    case = _case_for(suspension, now)
    orders.give(
        account,
        orders.Action.SUSPEND,
        standing=standing,
        now=now,
        reasons=reasons_of(suspension),
        case_key=case.key,
        suspension=suspension,
        more={"statement": _statement(suspension)},
    )
    nudge("river")
    return suspension


@transaction.atomic
def lift(
    suspension: Suspension,
    *,
    now: datetime,
    by: User | None,
    reason: str,
    conditions: Conditions = VOLUME_ALONE,
) -> bool:
    """Let the account send again, on probation, and score only mail from the next day on.

    False when the suspension was lifted before: nothing is ordered twice.
    """
    account = suspension.account
    standing = standings.lock(account, now)
    lifted = Suspension.objects.filter(pk=suspension.pk, lifted_at=None).update(
        lifted_at=now, lifted_by=by, lift_reason=reason
    )
    if not lifted:
        return False
    suspension.lifted_at, suspension.lifted_by, suspension.lift_reason = now, by, reason
    standings.change(standing, Standing.Level.PROBATION, now)
    probation = probations.begin(suspension, now, conditions)
    standing.probation_ends_at = probation.ends_at
    standings.start_afresh(standing, now)
    standing.save(update_fields=["level", "since", "probation_ends_at", "scores_from"])
    case = Case.objects.filter(suspension=suspension).first()
    orders.give(
        account,
        orders.Action.LIFT,
        standing=standing,
        now=now,
        case_key=case.key if case else "",
        suspension=suspension,
        more={
            "probation_ends_at": orders.stamp(probation.ends_at),
            "daily_volume": probation.daily_volume,
            "weekly_caps": weekly_caps(probation.daily_volume, rules()) if probation.daily_volume else [],
            **orders.held_by(standing),
        },
    )
    nudge("river")
    return True


@transaction.atomic
def terminate(account: Account, *, now: datetime, case: Case | None = None) -> bool:
    """Close *account* for good. False when it is closed already. An open suspension stays: nothing resumes."""
    standing = standings.lock(account, now)
    if standing.level == Standing.Level.TERMINATED:
        return False
    standings.change(standing, Standing.Level.TERMINATED, now)
    standing.save(update_fields=["level", "since"])
    suspension = _open_suspension(account)
    orders.give(
        account,
        orders.Action.TERMINATE,
        standing=standing,
        now=now,
        reasons=reasons_of(suspension) if suspension else [],
        case_key=case.key if case else "",
        suspension=suspension,
    )
    nudge("river")
    return True


def check_probations(now: datetime, unproved: Unproved, reach: Reach) -> int:
    """Check the probations whose hour has come; stop again whose conditions were broken twice. Return how many."""

    def stop(probation: Probation, facts: str) -> None:
        impose(probation.account, now=now, reason=facts, code=BROKEN)

    return probations.check_due(now, stop, unproved, reach)


def reasons_of(suspension: Suspension) -> list[str]:
    """Return the codes of why: the rule's reasons, a broken probation, or that a person decided."""
    return list(suspension.assessment.reasons) if suspension.assessment else [suspension.code or BY_HAND]


def open_case_of(account: Account) -> Case | None:
    """Return the account's case that is not closed yet."""
    return Case.objects.filter(account=account).exclude(state__in=CLOSED).order_by("-opened_at").first()


def _statement(suspension: Suspension) -> dict[str, Any]:
    """Return what an order says of why: whether the rule decided by itself, and the facts in both languages."""
    assessment = suspension.assessment
    return {
        "is_automated": suspension.imposed_by is None,
        "decision": str(assessment.pk) if assessment else None,
        "digest": bytes(assessment.digest or b"").hex() if assessment else None,
        "facts": {
            language: explanation_for(assessment, language, audience="client") if assessment else suspension.reason
            for language in LANGUAGES
        },
    }


def _open_suspension(account: Account) -> Suspension | None:
    return Suspension.objects.filter(account=account, lifted_at=None).select_related("assessment").first()


def _case_for(suspension: Suspension, now: datetime) -> Case:
    """Return the case of the incident, with the statement of reasons on its way.

    A hold that grew into a suspension keeps its case: one incident, one case.
    """
    account = suspension.account
    weight = _weight(suspension, now)
    data = {"suspension": str(suspension.pk), "reasons": reasons_of(suspension)}
    case = open_case_of(account)
    if case is None or case.suspension_id is not None:
        case = cases.open_case(account, now=now, weight=weight, suspension=suspension, data=data)
    else:
        case.suspension = suspension
        case.priority, case.priority_code = weight.priority, weight.code()
        case.save(update_fields=["suspension", "priority", "priority_code"])
        history.tell(case, "suspended", actor=SYSTEM, now=now, data=data)
    if case.state == CaseState.OPENED:
        cases.move(case, CaseMove.NOTIFY, actor=SYSTEM, now=now)
    else:
        letters.write_suspended(case, now=now)
    return case


def _weight(suspension: Suspension, now: datetime) -> Weight:
    assessment = suspension.assessment
    is_repeat = (
        Suspension.objects.filter(account=suspension.account, imposed_at__gte=now - REPEAT_WITHIN)
        .exclude(pk=suspension.pk)
        .exists()
    )
    delivered = assessment.figures["delivered"] if assessment else 0
    return weigh(delivered=delivered, reasons=reasons_of(suspension), is_repeat=is_repeat)
