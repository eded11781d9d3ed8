"""Leave the many quiet accounts to one query: whoever cannot be noteworthy is not judged one by one."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from abuse.core.evidence import RateModel
from abuse.core.policy import Policy
from abuse.models import Standing
from abuse.selectors.policies_in_force import InForce
from fbl import selectors as feedback
from fbl.core.providers import reporting_keys
from fbl.selectors.quiet import Bounds, RateBounds, noteworthy_accounts

AGES = (192, 96, 72, 48, 36, 24, 18, 12, 8, 6, 4, 2, 1)  # hours: between two of them maturity is taken from the younger


def quiet_accounts(rows: Iterable[Standing], policies: InForce, now: datetime) -> set[int]:
    """Return the accounts of which the rule says "ok" for certain, whatever else it would say of them."""
    of_policy: dict[Policy, list[int]] = {}
    for row in rows:
        of_policy.setdefault(policies.of(row.account), []).append(row.account_id)
    quiet: set[int] = set()
    for policy, account_ids in of_policy.items():
        if policy.complaints_denominator != "reporting":
            continue  # the bounds are of mail to providers that report
        quiet |= set(account_ids) - noteworthy_accounts(
            account_ids,
            bounds_of(policy),
            now_hour=feedback.hour_of(now),
            reporting_providers=reporting_keys(),
            dark=feedback.dark_hours(now),
        )
    return quiet


@lru_cache(maxsize=256)
def bounds_of(policy: Policy) -> Bounds:
    """Return where *policy* begins to say more than "ok", on the safe side."""
    bounces = policy.bounces
    # Below the neutral rate Poisson evidence is negative; an interval's floor lies below the plain rate.
    neutral = (bounces.unacceptable - bounces.acceptable) / bounces.weight
    return Bounds(
        complaints=_rate(policy.complaints),
        bounces=_rate(bounces),
        evidence=policy.watch_evidence,
        window_days=policy.window_kept,
        maturity=tuple((float(age), policy.maturity.at(age)) for age in AGES),
        youngest_maturity=policy.maturity.floor,
        two_day_events=min(policy.hold_bounces, policy.burst_bounces, policy.blow_out_events),
        two_day_bounce_rate=min(policy.bounces_limit, neutral),
        two_day_complaints=policy.hold_complaints,
        two_day_complaint_rate=policy.complaints_limit,
    )


def _rate(model: RateModel) -> RateBounds:
    return RateBounds(model.acceptable, model.unacceptable, model.dispersion, model.weight)
