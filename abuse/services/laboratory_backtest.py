"""Back-test a version over the stored history, reseller by reseller, against what is in force.

Both judge the same past, as far as it is kept. What it cannot tell is counted and said with the result (LIMITS).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from statistics import median
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from abuse.core.backtest import Backtest, Finding
from abuse.core.policy import Policy
from abuse.models import AccountStream, CaseEvent, PolicyVersion, Suspension, Trial, TrialFinding
from abuse.selectors.policies_in_force import InForce, in_force
from abuse.services.laboratory_bench import Bench
from courrielleur.accounts.models import Account
from fbl.core.providers import reporting_keys
from fbl.selectors import EPOCH, hour_of
from fbl.selectors import seen as feedback

MOST_ROWS = 100_000  # of a reseller, to be judged together within a worker's turn
BEAT_ROWS = 20_000  # rows between two signs of life
Row = tuple[str, ...]  # of an event file (abuse/core/judging.py)


@dataclass(frozen=True)
class Span:
    """The hours of a trial, since 1970-01-01 00:00 UTC."""

    warm: int
    first: int
    last: int

    @classmethod
    def of(cls, trial: Trial, policies: Iterable[Policy]) -> "Span":
        """Warm up for as long as the rule looks back, by the *policies* that judge."""
        warm_up = timedelta(days=1 + max(policy.window_kept for policy in policies))
        return cls(_hour(trial.first_day - warm_up), _hour(trial.first_day), _hour(trial.last_day) + 23)


@dataclass(frozen=True)
class Piece:
    """Accounts judged together: of one reseller, or a part of a large one."""

    reseller_id: int
    account_ids: tuple[int, ...]
    is_whole: bool


def run(bench: Bench) -> dict[str, Any] | None:
    """Go on with the trial. Return its result, or None when the time was up."""
    trial = bench.trial
    assert trial.version is not None
    active = in_force()
    draft = active.instead(trial.version)
    span = Span.of(trial, (active.platform, draft.platform))
    if trial.total is None:
        accounts = _concerned(trial.version).values_list("pk", flat=True)
        total = len(feedback.seen_sizes(span.warm, span.last, list(accounts)))
        bench.keep(total=total, sums={"policy_version": active.platform.version})
    for reseller_id in _resellers_left(trial):
        for piece in _pieces(trial, span, reseller_id, limit=None if bench.is_patient else MOST_ROWS):
            if not bench.has_time():
                return None
            _try(bench, piece, active, draft)
    return _result(trial)


def _try(bench: Bench, piece: Piece, active: InForce, draft: InForce) -> None:
    """Judge a piece by both policies, and write what they treat otherwise."""
    trial, sums = bench.trial, dict(bench.trial.sums)
    rows: list[TrialFinding] = []
    for account_ids, by_reseller in _by_policy(piece, active, draft):
        one = account_ids[0]
        pair = active.at(piece.reseller_id, one), draft.at(piece.reseller_id, one)
        is_together = by_reseller and piece.is_whole
        if pair[0].values() == pair[1].values() and not is_together:
            continue  # nothing can differ
        span = Span.of(trial, pair)
        test = Backtest(*pair, reporting_keys(), from_hour=span.first)
        test.read(_beating(bench, _rows(account_ids, span, parent="r" if is_together else "")))
        rows += [_row(trial, finding, span) for finding in test.findings()]
        stopped = test.stopped
        sums["stopped_active"] = sums.get("stopped_active", 0) + stopped[0]
        sums["stopped_draft"] = sums.get("stopped_draft", 0) + stopped[1]
        sums["stopped_before"] = sums.get("stopped_before", 0) + len(test.left_out)
        if not is_together:
            sums["alone"] = sums.get("alone", 0) + len(account_ids)
        lost = feedback.undated(account_ids, span.warm, span.last)
        sums["undated_complaints"] = sums.get("undated_complaints", 0) + lost.complaints
        sums["undated_bounces"] = sums.get("undated_bounces", 0) + lost.hard_bounces
    with transaction.atomic():
        TrialFinding.objects.bulk_create(rows)
        bench.keep(
            sums=sums,
            done=trial.done + len(piece.account_ids),
            reached=[piece.reseller_id, piece.account_ids[-1]],
        )


def _rows(account_ids: Sequence[int], span: Span, *, parent: str) -> Iterator[Row]:
    """Yield the stored past of these accounts as rows of an event file, by the hour they were seen."""
    return merge(
        _seen(account_ids, span, parent), _reinstatements(account_ids, span, parent), key=lambda row: int(row[0])
    )


def _seen(account_ids: Sequence[int], span: Span, parent: str) -> Iterator[Row]:
    for row in feedback.seen_rows(account_ids, span.warm, span.last):
        # Counted events are distinct already: without ids, nothing is taken for a repetition.
        line = (str(row.seen_hour), row.kind, str(row.account_id), parent, "", row.provider, str(row.send_hour))
        if row.kind == "complaint":
            yield from [(*line, "1", "", "live", "")] * row.number
        else:
            yield (*line, str(row.number), "", "live", "")


def _reinstatements(account_ids: Sequence[int], span: Span, parent: str) -> list[Row]:
    """Return the moments from which on scoring began anew, because a person had judged all before."""
    lifted = Suspension.objects.filter(account__in=account_ids, lifted_at__gte=_moment(span.warm))
    released = CaseEvent.objects.filter(
        case__account__in=account_ids, move="released", actor__isnull=False, at__gte=_moment(span.warm)
    )
    found = [
        *lifted.values_list("lifted_at", "account"),
        *released.values_list("at", "case__account"),
    ]
    hours = sorted((hour_of(at), account_id) for at, account_id in found if at is not None)
    return [
        (str(hour), "reinstate", str(account_id), parent, "", "", str(hour), "0", "", "", "")
        for hour, account_id in hours
        if hour <= span.last
    ]


def _row(trial: Trial, finding: Finding, span: Span) -> TrialFinding:
    account_id = int(finding.account)
    hours = [stop.hour for stop in (finding.active, finding.draft) if stop]
    first, last = (hours[0], span.last + 1) if len(hours) == 1 else (min(hours), max(hours))
    stopped = Suspension.objects.filter(account=account_id, imposed_at__gte=_moment(span.first))
    return TrialFinding(
        trial=trial,
        account_id=account_id,
        kind=finding.kind.value,
        active_hour=finding.active.hour if finding.active else None,
        draft_hour=finding.draft.hour if finding.draft else None,
        active_reasons=list(finding.active.reasons) if finding.active else [],
        draft_reasons=list(finding.draft.reasons) if finding.draft else [],
        mail=feedback.delivered_between(account_id, first, last),
        was_stopped_at=stopped.order_by("imposed_at").values_list("imposed_at", flat=True).first(),
        was_cleared_at=_cleared_at(account_id, _moment(first)),
    )


def _cleared_at(account_id: int, since: datetime) -> datetime | None:
    """Return when a person, from then on, let the account send again: lifted a stop, or ended a hold."""
    lifted = Suspension.objects.filter(account=account_id, lifted_at__gte=since, lifted_by__isnull=False)
    released = CaseEvent.objects.filter(case__account=account_id, move="released", actor__isnull=False, at__gte=since)
    moments = [
        lifted.order_by("lifted_at").values_list("lifted_at", flat=True).first(),
        released.order_by("at").values_list("at", flat=True).first(),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _result(trial: Trial) -> dict[str, Any]:
    """Return what the page and the command say; accounts are in the findings."""
    findings = trial.findings.all()
    rows = findings.values("kind").annotate(
        accounts=Count("pk"),
        cleared=Count("pk", filter=Q(was_cleared_at__isnull=False)),
        stopped=Count("pk", filter=Q(was_stopped_at__isnull=False)),
        mail_sum=Sum("mail"),
    )
    kinds = {
        row["kind"]: {name: row[name] for name in ("accounts", "cleared", "stopped")} | {"mail": int(row["mail_sum"])}
        for row in rows
    }
    for kind in ("earlier", "later"):
        if kind in kinds:
            hours = [
                abs(active - draft)
                for active, draft in findings.filter(kind=kind).values_list("active_hour", "draft_hour")
                if active is not None and draft is not None
            ]
            kinds[kind]["median_hours"] = median(hours)
    return {"accounts": trial.done, **trial.sums, "kinds": kinds}


def _concerned(version: PolicyVersion) -> QuerySet[Account]:
    """Return the accounts that *version* would be for."""
    accounts = Account.objects.all()
    if version.account_id is not None:
        accounts = accounts.filter(pk=version.account_id)
    elif version.reseller_id is not None:
        accounts = accounts.filter(reseller=version.reseller_id)
    if version.stream:
        accounts = accounts.filter(pk__in=AccountStream.objects.filter(stream=version.stream).values("account"))
    return accounts


def _resellers_left(trial: Trial) -> list[int]:
    assert trial.version is not None
    found = _concerned(trial.version)
    if trial.reached:
        found = found.filter(reseller__gte=trial.reached[0])
    return list(found.order_by("reseller").values_list("reseller", flat=True).distinct())


def _pieces(trial: Trial, span: Span, reseller_id: int, *, limit: int | None) -> Iterator[Piece]:
    """Yield the accounts of a reseller that are left: at once, or in parts when they are too many for a turn."""
    assert trial.version is not None
    ids = list(_concerned(trial.version).filter(reseller=reseller_id).order_by("pk").values_list("pk", flat=True))
    after = trial.reached[1] if trial.reached and trial.reached[0] == reseller_id else 0
    sizes = feedback.seen_sizes(span.warm, span.last, ids)
    is_whole = trial.version.account_id is None and (limit is None or sum(rows for _, rows in sizes) <= limit)
    part: list[int] = []
    rows = 0
    for account_id, size in sizes:
        if account_id <= after:
            continue
        if part and not is_whole and limit is not None and rows + size > limit:
            yield Piece(reseller_id, tuple(part), is_whole)
            part, rows = [], 0
        part.append(account_id)
        rows += size
    if part:
        yield Piece(reseller_id, tuple(part), is_whole)


def _by_policy(piece: Piece, active: InForce, draft: InForce) -> Iterator[tuple[list[int], bool]]:
    """Yield the accounts judged by the same pair of policies, and whether it is the reseller's own pair."""
    own = active.at(piece.reseller_id, None).version, draft.at(piece.reseller_id, None).version
    groups: dict[tuple[str, str], list[int]] = {}
    for account_id in piece.account_ids:
        pair = active.at(piece.reseller_id, account_id), draft.at(piece.reseller_id, account_id)
        groups.setdefault((pair[0].version, pair[1].version), []).append(account_id)
    for pair_of_versions, account_ids in groups.items():
        yield account_ids, pair_of_versions == own


def _beating(bench: Bench, rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number % BEAT_ROWS == 0:
            bench.beat()
        yield row


def _hour(day: date) -> int:
    return (day - EPOCH).days * 24


def _moment(hour: int) -> datetime:
    return datetime.combine(EPOCH, time.min, UTC) + timedelta(hours=hour)
