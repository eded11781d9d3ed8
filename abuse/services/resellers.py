"""The reseller lane: one spammer spread over many small accounts is seen in their sum (decision rule)."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.core.cache import cache

from abuse.core.policy import Policy
from abuse.core.reseller import GroupVerdict, decide_group, together
from abuse.core.verdict import Reason, State
from abuse.models import Standing
from abuse.selectors.policies_in_force import in_force
from abuse.services import chain, holds, standings, suspensions, verdicts
from abuse.services.policies import remember
from courrielleur.accounts.models import Account
from fbl import selectors as feedback
from fbl.core.providers import reporting_keys

LARGE = 100  # accounts; the sum of so many is not taken again with every report
LARGE_EVERY = timedelta(minutes=10)


def assess(reseller_id: int, now: datetime) -> int:
    """Judge all accounts of a reseller together, the two worst left out. Return how many it stopped.

    Stopped accounts still count in the sum: what they sent is part of the pattern.
    """
    members = list(Account.objects.filter(reseller=reseller_id).select_related("reseller").order_by("pk"))
    if len(members) > LARGE and not _is_turn_of(reseller_id):
        return 0
    policies = in_force(members)
    policy = policies.at(reseller_id, None)
    if len(members) <= policy.reseller_left_out:
        return 0
    rows = _standings_of(members, now)
    histories = verdicts.histories_of(rows.values(), now, [policy])
    group = decide_group(
        {str(account_id): history for account_id, history in histories.items()},
        policy,
        now_hour=feedback.hour_of(now),
        reporting_providers=reporting_keys(),
    )
    shown = [rows[int(name)] for name in group.taken]
    taken = [row for row in shown if not _is_stopped(row, policies.of(row.account))]
    if not taken:
        return 0
    pooled = together(history for account_id, history in histories.items() if str(account_id) not in group.left_out)
    remember(policies, [(reseller_id, None), *((reseller_id, row.account_id) for row in taken)], now)
    for judged in verdicts.of(taken, policies, now):
        _stop(judged, group, now, policy_version=policy.version, pooled=pooled.as_json())
    return len(taken)


def _is_stopped(row: Standing, policy: Policy) -> bool:
    """Whether the rule's measure was taken against the account before."""
    is_held = row.level == Standing.Level.HOLD and policy.suspend_measure == "hold"
    return row.level in standings.STOPPED or is_held


def _stop(judged: verdicts.Judged, group: GroupVerdict, now: datetime, **inputs: object) -> None:
    verdict = replace(judged.verdict, state=State.SUSPEND, reasons=(Reason.RESELLER_PATTERN, *judged.verdict.reasons))
    judged = replace(judged, verdict=verdict)
    kept = verdicts.kept(judged, now, group={"left_out": list(group.left_out), **inputs})
    [assessment] = chain.append([kept])
    if judged.policy.suspend_measure == "suspend":
        suspensions.impose(judged.account, now=now, assessment=assessment)
    else:
        holds.impose(judged.account, now=now, assessment=assessment)


def _is_turn_of(reseller_id: int) -> bool:
    return bool(cache.add(f"reseller-lane-{reseller_id}", True, timeout=LARGE_EVERY.total_seconds()))


def _standings_of(members: list[Account], now: datetime) -> dict[int, Standing]:
    """Return each member's standing; one that was never judged is in good standing."""
    rows = {row.account_id: row for row in Standing.objects.filter(account__in=members)}
    for account in members:
        row = rows.setdefault(account.pk, Standing(account=account, since=now))
        row.account = account
    return rows
