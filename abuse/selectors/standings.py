"""Where accounts stand, for screens, API and charts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Case as SqlCase
from django.db.models import FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils.translation import gettext as _

from abuse.models import Assessment, Case, Standing, Suspension
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from courrielleur.accounts.selectors import accounts_for

Level = Standing.Level

# The worst first.
SEVERITY = (Level.SUSPENDED, Level.HOLD, Level.PROBATION, Level.WATCH, Level.OK, Level.TERMINATED)
_SCORES = ("score_complaints", "score_bounces", "score_joint")


@dataclass(frozen=True)
class StandingView:
    """Where an account stands, since when, why, and which case tells more. Without mail so far: in good standing."""

    level: str
    since: datetime | None = None
    reasons: tuple[str, ...] = ()
    assessment: Assessment | None = None  # the one it rests on, else the latest; without its inputs
    suspension: Suspension | None = None  # the open one
    case: Case | None = None  # the open one, else that of the suspension
    probation_ends_at: datetime | None = None

    @property
    def telling(self) -> Assessment | None:
        """The assessment that says why the account stands here; None when it speaks of a stop that was lifted."""
        is_stopped = self.level in {Level.SUSPENDED, Level.HOLD, Level.TERMINATED}
        is_over = self.assessment is not None and self.assessment.state in {"suspend", "hold"} and not is_stopped
        return None if is_over else self.assessment

    @property
    def may_send(self) -> bool:
        return self.level not in {Level.SUSPENDED, Level.TERMINATED}


@dataclass(frozen=True)
class Mark:
    """A decision to draw on a chart."""

    day: date  # UTC
    kind: str  # suspended, reinstated
    text: str
    case_key: str = field(default="")


def standing_of(account: Account) -> StandingView:
    return standings_for([account])[account.pk]


def standings_for(accounts: Iterable[Account]) -> dict[int, StandingView]:
    """Return the standing of each account by its id, in a fixed number of queries."""
    ids = [account.pk for account in accounts]
    standings = {
        standing.account_id: standing
        for standing in Standing.objects.filter(account__in=ids)
        .select_related("assessment")
        .defer("assessment__inputs")
    }
    suspensions = {
        suspension.account_id: suspension
        for suspension in Suspension.objects.filter(account__in=ids, lifted_at=None)
        .select_related("assessment")
        .defer("assessment__inputs")
    }
    open_or_suspended = Q(closed_at=None) | Q(suspension__in=[suspension.pk for suspension in suspensions.values()])
    cases: dict[int, Case] = {}
    for case in Case.objects.filter(open_or_suspended, account__in=ids).order_by("opened_at"):
        cases[case.account_id] = case  # the newest one wins
    return {
        account_id: _view(standings.get(account_id), suspensions.get(account_id), cases.get(account_id))
        for account_id in ids
    }


def worst_first(actor: Actor) -> QuerySet[Account]:
    """Return the actor's accounts, the worst standing first, then by the strength of the evidence."""
    severity = SqlCase(
        *(When(standing__level=level, then=Value(rank)) for rank, level in enumerate(SEVERITY)),
        default=Value(SEVERITY.index(Level.OK)),
        output_field=IntegerField(),
    )
    scores = [
        Coalesce(Cast(KeyTextTransform(score, "standing__assessment__figures"), FloatField()), Value(0.0))
        for score in _SCORES
    ]
    return accounts_for(actor).order_by(severity, Greatest(*scores).desc(), "name")


def marks(account: Account, first_day: date, last_day: date) -> list[Mark]:
    """Return the suspensions and reinstatements of these UTC days, oldest first."""
    start = datetime.combine(first_day, time.min, UTC)
    end = datetime.combine(last_day + timedelta(days=1), time.min, UTC)
    found = []
    for suspension in account.suspensions.select_related("case").order_by("imposed_at"):
        case = getattr(suspension, "case", None)
        key = case.key if case else ""
        if start <= suspension.imposed_at < end:
            found.append(Mark(suspension.imposed_at.astimezone(UTC).date(), "suspended", _("Suspended"), key))
        if suspension.lifted_at is not None and start <= suspension.lifted_at < end:
            found.append(Mark(suspension.lifted_at.astimezone(UTC).date(), "reinstated", _("Reinstated"), key))
    return sorted(found, key=lambda mark: mark.day)


def _view(standing: Standing | None, suspension: Suspension | None, case: Case | None) -> StandingView:
    if standing is None:
        return StandingView(Level.OK.value)
    assessment = suspension.assessment if suspension else standing.assessment
    if suspension is not None:
        reasons = tuple(assessment.reasons) if assessment else (suspension.code or "by_hand",)
    else:
        reasons = tuple(assessment.reasons) if assessment and standing.level == Level.HOLD else ()
    return StandingView(
        level=str(standing.level),
        since=standing.since,
        reasons=reasons,
        assessment=assessment,
        suspension=suspension,
        case=case,
        probation_ends_at=standing.probation_ends_at,
    )
