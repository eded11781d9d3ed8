"""Apply the decision rule to the accounts whose counters moved, and act on what it says."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from abuse.core.verdict import State, Verdict
from abuse.models import Assessment, Standing
from abuse.selectors.policies_in_force import InForce, in_force
from abuse.services import chain, holds, incidents, resellers, shadows, standings, suspensions, verdicts
from abuse.services.policies import remember
from abuse.services.quiet import quiet_accounts
from abuse.services.verdicts import Judged
from courrielleur.accounts.models import Account
from fbl import selectors as feedback
from fbl.services import touches

BATCH = 500  # accounts assessed in one transaction
KEEP_FRESH = timedelta(hours=24)  # an assessment older than this is written anew, changed or not
KEEP_QUIET = timedelta(days=7)  # the same, of an account that nothing touched and of which the rule says "ok"
QUIET_BATCH = 10_000  # accounts looked at in one query
DUE_AFTER = timedelta(hours=1)  # figures mature by the hour, without any new report
_JUDGING_LOCK = 0x6A756765  # any number that nobody else in this database uses


def assess_touched(now: datetime) -> int:
    """Assess the accounts whose counters moved since they were last judged. Return how many.

    Their resellers follow at the end, once each. A crash before that leaves them to the next report, or to
    `assess_due` within the hour.
    """
    total = 0
    touched_resellers: set[int] = set()
    while True:
        with transaction.atomic():
            taken = touches.take(BATCH)
            ids = [touch.account_id for touch in taken]
            touched_resellers |= _assess_each(ids, now)
            touches.settle(taken)
        total += len(taken)
        if len(taken) < BATCH:
            break
    _assess_together(touched_resellers, now)
    return total


def assess_due(now: datetime) -> int:
    """Assess the active accounts that nothing has touched for an hour: complaints mature with time alone.

    Return how many. One query per batch finds those of which the rule says "ok" for certain; the others are judged
    one by one. Memory does not grow with the accounts, beyond their ids.
    """
    active = feedback.active_accounts(now - timedelta(days=feedback.HISTORY_DAYS))
    is_fresh = Q(assessed_at__gt=now - DUE_AFTER) | Q(level__in=standings.STOPPED)
    fresh = Standing.objects.filter(is_fresh, account__in=active)
    due = sorted(set(active) - set(fresh.values_list("account_id", flat=True)))
    for start in range(0, len(due), QUIET_BATCH):
        batch = due[start : start + QUIET_BATCH]
        quiet = _leave_quiet(batch, now)
        assess([account_id for account_id in batch if account_id not in quiet], now)
    return len(due)


def _leave_quiet(account_ids: Sequence[int], now: datetime) -> set[int]:
    """Return those in good standing of which the rule says "ok" for certain: looked at, and nothing new to write."""
    if shadows.is_running():
        return set()  # the draft may say something else of them
    rows = list(
        Standing.objects.filter(
            account__in=account_ids,
            level=Standing.Level.OK,
            assessment__state=State.OK,
            assessment__at__gt=now - KEEP_QUIET,
        )
        .select_related("account")
        .only("level", "account__reseller_id")
    )
    quiet = quiet_accounts(rows, in_force([row.account for row in rows]), now)
    Standing.objects.filter(account__in=quiet, level=Standing.Level.OK).update(assessed_at=now)
    return quiet


def assess(account_ids: Sequence[int], now: datetime) -> None:
    """Assess these accounts, then all accounts of their resellers together. Stopped accounts are left alone.

    An assessment is written when the state or its reasons change, and once a day. The number of queries does not
    grow with the accounts, but with those that change.
    """
    reseller_ids: set[int] = set()
    for start in range(0, len(account_ids), BATCH):
        reseller_ids |= _assess_each(account_ids[start : start + BATCH], now)
    _assess_together(reseller_ids, now)


@transaction.atomic
def _assess_each(account_ids: Sequence[int], now: datetime) -> set[int]:
    """Assess each account by itself. Return their resellers."""
    if not account_ids:
        return set()
    _take_the_bench()
    grown = incidents.look_at(account_ids, now)  # before the verdicts: was it us?
    rows = _lock_standings(account_ids, now)
    policies = in_force([row.account for row in rows.values()])
    judged = verdicts.of(rows.values(), policies, now)
    shadows.watch(judged, policies, now)
    _act(rows, judged, policies, now)
    incidents.repair_stops(grown, now)
    return {row.account.reseller_id for row in rows.values()}


def _assess_together(reseller_ids: set[int], now: datetime) -> None:
    for reseller_id in sorted(reseller_ids):
        with transaction.atomic():
            _take_the_bench()
            resellers.assess(reseller_id, now)


def _take_the_bench() -> None:
    """One judge at a time: two would wait for each other's standings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_JUDGING_LOCK])


def _lock_standings(account_ids: Sequence[int], now: datetime) -> dict[int, Standing]:
    """Return the standings of these accounts, locked in the order of their ids; those stopped left out."""
    accounts = Account.objects.filter(pk__in=account_ids).order_by("pk")
    Standing.objects.bulk_create([Standing(account=account, since=now) for account in accounts], ignore_conflicts=True)
    rows = (
        Standing.objects.filter(account__in=account_ids)
        .exclude(level__in=standings.STOPPED)
        .select_related("account__reseller", "assessment")
        .defer("assessment__inputs")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    return {row.account_id: row for row in rows}


def _act(rows: dict[int, Standing], judged: list[Judged], policies: InForce, now: datetime) -> None:
    """Write what is new, put standings where they belong, and stop or hold whom the rule says."""
    noteworthy = [item for item in judged if _is_noteworthy(rows[item.account.pk].assessment, item.verdict, now)]
    remember(policies, [(item.account.reseller_id, item.account.pk) for item in noteworthy], now)
    written = chain.append([verdicts.kept(item, now) for item in noteworthy])
    changed = {assessment.account_id for assessment in written}
    for assessment in written:
        rows[assessment.account_id].assessment = assessment
    for item in judged:
        row = rows[item.account.pk]
        level = _level(row, item.verdict.state, now)
        if row.level != level:
            standings.change(row, level, now)
            changed.add(row.account_id)
    Standing.objects.filter(account__in=rows).update(assessed_at=now)
    Standing.objects.bulk_update([rows[account_id] for account_id in sorted(changed)], ["assessment", "level", "since"])

    for item in judged:
        row = rows[item.account.pk]
        assert row.assessment is not None  # written above when there was none
        if item.verdict.state is State.SUSPEND and item.policy.suspend_measure == "suspend":
            suspensions.impose(item.account, now=now, assessment=row.assessment)
        elif item.verdict.state in {State.SUSPEND, State.HOLD}:
            holds.impose(item.account, assessment=row.assessment, now=now)
        elif item.verdict.state is State.OK and row.level == Standing.Level.HOLD:
            # Not at "watch": a score that wavers around the limit must not stop and start a campaign all day.
            holds.release(item.account, now=now)


def _level(row: Standing, state: State, now: datetime) -> Standing.Level:
    """Return the level that *state* alone calls for. Stops, holds and the end of a hold go ways of their own."""
    if state in {State.HOLD, State.SUSPEND} or row.level == Standing.Level.HOLD:
        return Standing.Level(row.level)
    ground = standings.ground_level(row, now)
    return Standing.Level.WATCH if state is State.WATCH and ground == Standing.Level.OK else ground


def _is_noteworthy(last: Assessment | None, verdict: Verdict, now: datetime) -> bool:
    return (
        last is None
        or last.state != verdict.state.value
        or last.reasons != [reason.value for reason in verdict.reasons]
        or now - last.at >= KEEP_FRESH
    )
