"""The decision rule: is this account constantly above the limits, beyond chance? Pure; repeatable from its inputs.

Evidence is summed by send day (`evidence.py`), and "constantly" means that enough of it remains without the worst
day: one bad campaign is not a bad sender. Every constant is in the policy, with its reason.
"""

from collections.abc import Collection, Iterable

from abuse.core.cells import HOURS_PER_DAY, History
from abuse.core.counted import CountedDay, counted_days
from abuse.core.lanes import Complainers, Findings, weigh
from abuse.core.policy import Policy
from abuse.core.verdict import Basis, Verdict


def decide(
    history: History,
    policy: Policy,
    *,
    now_hour: int,
    reporting_providers: Collection[str],
    on_probation: bool = False,
    complainers: Complainers | None = None,
) -> Verdict:
    """Apply the rule to one account at *now_hour*, in hours since 1970-01-01 00:00 UTC."""
    days = counted_days(history, policy, now_hour, reporting_providers)
    today = now_hour // HOURS_PER_DAY
    findings = weigh(days, history, policy, today=today, on_probation=on_probation, complainers=complainers)
    return verdict_of(findings, now_hour)


def verdict_of(findings: Findings, now_hour: int) -> Verdict:
    """Return the verdict, with the plain figures of the period it rests on."""
    policy, today = findings.policy, now_hour // HOURS_PER_DAY
    state, reasons = findings.outcome()
    basis = findings.basis(state, reasons)
    first_day = _first_day(findings, basis, today)
    period = [day for day in findings.days if day.day >= first_day]
    return Verdict(
        state=state,
        reasons=tuple(reasons),
        basis=basis,
        now_hour=now_hour,
        first_day=first_day,
        today=today,
        score_complaints=findings.complaints.score,
        score_bounces=findings.bounces.score,
        score_joint=findings.joint.score,
        rest_complaints=findings.complaints.rest,
        rest_bounces=findings.bounces.rest,
        rest_joint=findings.joint.rest,
        needed_evidence=findings.needed_evidence(reasons),
        needed_rest=findings.rest,
        dissenting=findings.dissenting,
        is_new=findings.is_new,
        is_surge=findings.is_surge,
        on_probation=findings.on_probation,
        enough_data=_enough_data(findings.days, policy),
        complaints_limit=policy.complaints_limit,
        bounces_limit=policy.bounces_limit,
        denominator=policy.complaints_denominator,
        send_days=len(period),
        delivered=sum(day.delivered for day in period),
        reporting=sum(day.reporting for day in period),
        complaints=sum(day.raw_complaints for day in period),
        bounces=sum(day.bounces for day in period),
        over_cap=sum(day.raw_complaints - day.complaints for day in period),
        without_feed=sum(day.without_feed for day in period),
        dark=sum(day.dark for day in period),
        policy_version=policy.version,
    )


def _enough_data(days: Iterable[CountedDay], policy: Policy) -> bool:
    """Whether twice the limit, seen in all this mail, would at least be watched."""
    exposure = delivered = 0.0
    for day in days:
        exposure += day.exposure
        delivered += day.delivered
    by_complaints = policy.complaints.of(2 * policy.complaints_limit * exposure, exposure)
    by_bounces = policy.bounces.of(2 * policy.bounces_limit * delivered, delivered)
    return max(by_complaints, by_bounces, by_complaints + by_bounces) >= policy.watch_evidence


def _first_day(findings: Findings, basis: Basis, today: int) -> int:
    """Return the first day of the period that people are shown; today when no day counts."""
    if basis is Basis.TWO_DAYS:
        return today - 1
    if not findings.days:
        return today
    return findings.days[findings.excursion_of(basis).start].day
