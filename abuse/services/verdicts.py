"""What the decision rule reads of accounts, what it says, and what is kept of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings

from abuse.core.cells import History, Lifetime
from abuse.core.decision import decide
from abuse.core.policy import Policy
from abuse.core.verdict import Verdict
from abuse.models import Assessment, Standing
from abuse.selectors.incidents import excused_cells
from abuse.selectors.policies_in_force import InForce
from abuse.services import standings
from courrielleur.accounts.models import Account
from fbl import selectors as feedback
from fbl.core.providers import reporting_keys

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Judged:
    """One account with what the rule was told of it, and what it says."""

    account: Account
    history: History
    verdict: Verdict
    policy: Policy


def of(rows: Iterable[Standing], policies: InForce, now: datetime) -> list[Judged]:
    """Apply the rule to each account by its own policy, whatever its standing, in a fixed number of queries."""
    rows = list(rows)
    policy_of = {row.account_id: policies.of(row.account) for row in rows}
    histories = histories_of(rows, now, policy_of.values())
    return [
        Judged(
            account=row.account,
            history=histories[row.account_id],
            verdict=decide(
                histories[row.account_id],
                policy_of[row.account_id],
                now_hour=feedback.hour_of(now),
                reporting_providers=reporting_keys(),
                on_probation=standings.is_on_probation(row, now),
            ),
            policy=policy_of[row.account_id],
        )
        for row in rows
    ]


def histories_of(rows: Iterable[Standing], now: datetime, policies: Iterable[Policy]) -> dict[int, History]:
    """Return what the rule reads of these accounts, by account id: as far back as the longest window of *policies*."""
    days = max((policy.window_kept for policy in policies), default=0) + 1
    scores_from = {row.account_id: row.scores_from for row in rows}
    dark, excused = feedback.dark_hours(now), excused_cells(now)
    return {
        account_id: History.from_counts(
            ((row.send_hour, row.provider, row.delivered, row.complaints, row.hard_bounces) for row in found.rows),
            lifetime=Lifetime(found.send_days_before_yesterday, found.largest_day_before_yesterday),
            reinstated_day=_day_before(scores_from[account_id]),
            dark=dark,
            excused=excused,
        )
        for account_id, found in feedback.histories(list(scores_from), now, days=days).items()
    }


def kept(judged: Judged, now: datetime, **group: Any) -> Assessment:
    """Return an assessment, not saved, with all it takes to repeat the verdict. *group*: what the reseller's added."""
    verdict = judged.verdict
    return Assessment(
        account=judged.account,
        at=now,
        state=verdict.state.value,
        reasons=[reason.value for reason in verdict.reasons],
        figures=verdict.figures(),
        inputs={
            "history": judged.history.as_json(),
            "now_hour": verdict.now_hour,
            "on_probation": verdict.on_probation,
            "reporting_providers": sorted(reporting_keys()),
            **group,
        },
        policy_version=judged.policy.version,
        code_version=settings.VERSION,
    )


def _day_before(scores_from: date | None) -> int | None:
    """Return the day, since 1970, after which mail scores; None when all of it does."""
    return None if scores_from is None else (scores_from - EPOCH).days - 1
