"""Calibrate the rule on a platform's own good senders, in three parts; put what was found into a draft.

A good sender is one that sent on ten days at least and was never stopped in these days, or was stopped and cleared by
a person. Mail younger than ten days is left out: its complaints are still to come.
"""

import random
from collections import defaultdict
from dataclasses import asdict, replace
from datetime import UTC, datetime, time, timedelta
from math import isfinite
from typing import Any

from django.db import transaction

from abuse.core import calibration
from abuse.core.calibration import Campaign, Day, Estimate
from abuse.core.policy import Policy
from abuse.models import Suspension, Trial
from abuse.selectors.policies_in_force import in_force
from abuse.services.laboratory_bench import Bench
from courrielleur.accounts.models import Account
from fbl.selectors import past

MATURE = timedelta(days=10)
MOST_SENDERS = 2_000  # more say no more, and take longer
FEWEST_DAYS = 10  # of sending
MONTHS_ALL = 20_000  # account-months made anew, of all senders together
MOST_MONTHS_EACH = 200
PARTS = 3


def run(bench: Bench) -> dict[str, Any] | None:
    """Go on with the calibration, part by part. Return its result, or None when the time was up."""
    trial = bench.trial
    policy = in_force().platform
    if trial.total is None:
        bench.keep(total=PARTS, sums={"policy_version": policy.version})
    for part, work in enumerate((_dispersion, _delay, _threshold), start=1):
        if trial.done >= part:
            continue
        if not bench.has_time():
            return None
        found = work(bench, policy)
        with transaction.atomic():
            bench.keep(done=part, sums={**trial.sums, **found})
    estimates = {name: told for name, told in trial.sums.items() if isinstance(told, dict)}
    others = {name: told for name, told in trial.sums.items() if name not in estimates}
    return {**others, "estimates": estimates}


def _dispersion(bench: Bench, policy: Policy) -> dict[str, Any]:
    by_complaints: dict[int, list[Campaign]] = defaultdict(list)
    by_bounces: dict[int, list[Campaign]] = defaultdict(list)
    for one in past.campaigns(_good_senders(bench.trial), bench.trial.first_day, _last_day(bench.trial)):
        if one.reporting:
            by_complaints[one.account_id].append(Campaign(one.complaints, one.reporting))
        by_bounces[one.account_id].append(Campaign(one.hard_bounces, one.delivered))
    complaints = calibration.dispersion(list(by_complaints.values()))
    bench.beat()
    bounces = calibration.dispersion(list(by_bounces.values()))
    return {
        "complaints.dispersion": _told(complaints, policy.complaints_dispersion),
        "bounces.dispersion": _told(bounces, policy.bounces_dispersion),
    }


def _delay(bench: Bench, policy: Policy) -> dict[str, Any]:
    found = past.delays(bench.trial.first_day, _last_day(bench.trial))
    of_all = next((one for one in found if not one.feed), past.DelayPast("", 0, 0.0, 0.0, 0.0, 0.0))
    median = calibration.delay_median(of_all.complaints, of_all.mean_log, of_all.sd_log)
    return {
        "maturity.median": _told(median, policy.maturity_median),
        "maturity.spread": _told(calibration.delay_spread(of_all.complaints, of_all.sd_log), policy.maturity_spread),
        "delays": [asdict(one) for one in found if one.feed],
    }


def _threshold(bench: Bench, policy: Policy) -> dict[str, Any]:
    """Find the evidence that good senders reach as seldom as was asked, with a dice that falls the same way again."""
    trial = bench.trial
    dice = random.Random(str(trial.pk))  # noqa: S311  # a bootstrap, not a secret
    days: dict[int, list[Day]] = defaultdict(list)
    for one in past.days(_good_senders(trial), trial.first_day, _last_day(trial)):
        days[one.account_id].append(Day(one.complaints, one.reporting, one.hard_bounces, one.delivered))
    senders = [told for told in days.values() if len(told) >= FEWEST_DAYS]
    months = sum(map(len, senders)) / calibration.MONTH
    each = min(MOST_MONTHS_EACH, max(1, MONTHS_ALL // max(1, len(senders))))
    scores = []
    for number, told in enumerate(senders):
        scores.append(calibration.highest_scores(told, policy, months=each, pick=dice.randrange))
        if number % 100 == 99:
            bench.beat()
    target = float(trial.parameters["target"])
    found = calibration.threshold(scores, target=target, months=months, pick=dice.randrange)
    return {
        "suspend.evidence": _told(found, policy.suspend_evidence),
        "senders": len(senders),
        "months": round(months),
        "false_stops_now": calibration.reaching(scores, policy.suspend_evidence),
        "is_rarer_than_seen": months * target / 10_000 < 3,
    }


def _good_senders(trial: Trial) -> list[int]:
    """Return the good senders' ids; of very many, always the same ones."""
    since = datetime.combine(trial.first_day, time.min, UTC)
    stopped = Suspension.objects.filter(imposed_at__gte=since, lifted_by=None)
    still = Suspension.objects.filter(lifted_at=None)
    good = Account.objects.exclude(pk__in=stopped.values("account")).exclude(pk__in=still.values("account"))
    ids = list(good.order_by("pk").values_list("pk", flat=True))
    if len(ids) > MOST_SENDERS:
        ids = sorted(random.Random(str(trial.pk)).sample(ids, MOST_SENDERS))  # noqa: S311  # a sample, not a secret
    return ids


def _last_day(trial: Trial) -> Any:
    return trial.last_day - MATURE


def _told(estimate: Estimate, current: float) -> dict[str, Any]:
    """Return an estimate as JSON: an interval without an upper end has none."""
    ends = replace(estimate, high=estimate.high if isfinite(estimate.high) else 0.0)
    return {**asdict(ends), "high": estimate.high if isfinite(estimate.high) else None, "current": current}
