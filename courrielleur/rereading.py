"""Read reports again after a fix, and say which decisions about accounts would be others now.

Doors call it: it knows both what the counters say (fbl) and what the decision rule makes of them (abuse).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abuse.models import Standing
from abuse.selectors.policies_in_force import in_force
from abuse.services import verdicts
from courrielleur.jobs.queue import nudge
from fbl.adapters import dkim
from fbl.services import rereading
from fbl.services.reports import ReadResult


@dataclass(frozen=True)
class Change:
    """What the decision rule said of an account before, and what it says after (ok, watch, hold, suspend)."""

    account: str  # key
    before: str
    after: str
    level: str  # where the account stands: a stop is lifted by a person, never by reading again


@dataclass(frozen=True)
class Reread:
    result: ReadResult = field(default_factory=ReadResult)
    changes: tuple[Change, ...] = ()


def reread(report_ids: Sequence[UUID], now: datetime, *, is_rehearsal: bool = False) -> Reread:
    """Read these reports again. A rehearsal says what would come of it, and writes nothing."""
    result = ReadResult()
    before: dict[int, tuple[str, str, str]] = {}
    after: dict[int, str] = {}
    with transaction.atomic():
        for start in range(0, len(report_ids), rereading.BATCH):
            planned = rereading.plan(report_ids[start : start + rereading.BATCH], dkim.verifier())
            accounts = planned.accounts
            before = _states(accounts - before.keys(), now) | before
            result += rereading.apply(planned, now)
        after = {account_id: state for account_id, (_, state, _) in _states(before.keys(), now).items()}
        if is_rehearsal:
            transaction.set_rollback(True)
        else:
            nudge("river")
    changes = tuple(
        Change(key, state, after[account_id], level)
        for account_id, (key, state, level) in sorted(before.items(), key=lambda item: item[1][0])
        if after.get(account_id, state) != state
    )
    return Reread(result, changes)


def _states(account_ids: Collection[int], now: datetime) -> dict[int, tuple[str, str, str]]:
    """Return the key, the rule's verdict and the level of each account that was ever judged."""
    rows = list(Standing.objects.filter(account__in=account_ids).select_related("account"))
    return {
        judged.account.pk: (judged.account.key, judged.verdict.state.value, row.level)
        for row, judged in zip(rows, verdicts.of(rows, in_force([row.account for row in rows]), now), strict=True)
    }
