"""What the laboratory found: trials, their accounts, and how a shadow compares day by day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from abuse.models import PolicyVersion, Shadow, ShadowVerdict, Suspension, Trial, TrialFinding
from courrielleur.accounts.models import Account

MOST_ACCOUNTS = 500  # of a shadow, on a page


@dataclass
class ShadowDay:
    """How many accounts each would have stopped on a UTC day, for the first time since the shadow began."""

    day: date
    both: int = 0
    only_shadow: int = 0
    only_active: int = 0


@dataclass(frozen=True)
class ShadowStop:
    """An account that one of the two stopped; None: that one has not, so far."""

    account: Account
    shadow_at: datetime | None
    active_at: datetime | None


@dataclass(frozen=True)
class Comparison:
    stops: list[ShadowStop] = field(default_factory=list)  # the latest first
    days: list[ShadowDay] = field(default_factory=list)  # the latest first


def trials() -> QuerySet[Trial]:
    return Trial.objects.select_related("version", "requested_by").order_by("-requested_at")


def trial(trial_id: UUID) -> Trial:
    """Return a trial. Raises `Trial.DoesNotExist`."""
    return trials().get(pk=trial_id)


def trials_of(version: PolicyVersion) -> QuerySet[Trial]:
    return trials().filter(version=version)


def findings(trial: Trial) -> QuerySet[TrialFinding]:
    """Return the accounts treated otherwise, by kind, those with the most mail first."""
    return trial.findings.select_related("account__reseller").order_by("kind", "-mail", "account__name")


def shadow_running() -> Shadow | None:
    return Shadow.objects.filter(ended_at=None).select_related("version", "started_by").first()


def shadow_of(version: PolicyVersion) -> Shadow | None:
    """Return the latest time that *version* ran in the shadow."""
    return Shadow.objects.filter(version=version).select_related("started_by").order_by("-started_at").first()


def comparison(shadow: Shadow) -> Comparison:
    """Compare the first stops of a shadow with those of the rule in force, since it began.

    A shadow says nothing where it agrees with what is in force: a stop of the rule of which it said nothing is one
    that it shared.
    """
    said = shadow.verdicts.filter(state="suspend").values("account").annotate(at=Min("at"))
    shadow_at = {row["account"]: row["at"] for row in said}
    imposed = Suspension.objects.filter(imposed_at__gte=shadow.started_at, imposed_by=None)
    if shadow.ended_at is not None:
        imposed = imposed.filter(imposed_at__lte=shadow.ended_at)
    rows = imposed.values("account").annotate(at=Min("imposed_at"))
    active_at = {row["account"]: row["at"] for row in rows}
    spared = _spared(shadow, set(active_at) - set(shadow_at))
    for account_id, at in active_at.items():
        if account_id not in spared:
            shadow_at.setdefault(account_id, at)
    accounts = Account.objects.select_related("reseller").in_bulk(shadow_at.keys() | active_at.keys())
    stops = [
        ShadowStop(account, shadow_at.get(account_id), active_at.get(account_id))
        for account_id, account in accounts.items()
    ]
    stops.sort(key=_first, reverse=True)
    return Comparison(stops[:MOST_ACCOUNTS], _by_day(stops))


def _spared(shadow: Shadow, account_ids: set[int]) -> set[int]:
    """Return those of *account_ids* of which the shadow's last word was milder than a stop."""
    last = ShadowVerdict.objects.filter(shadow=shadow, account__in=account_ids)
    rows = last.order_by("account_id", "-at").distinct("account_id").values_list("account", "state", "active_state")
    return {account_id for account_id, state, active_state in rows if state != "suspend" and active_state == "suspend"}


def _by_day(stops: list[ShadowStop]) -> list[ShadowDay]:
    days: dict[date, ShadowDay] = {}
    for stop in stops:
        day = _first(stop).astimezone(UTC).date()
        found = days.setdefault(day, ShadowDay(day))
        if stop.shadow_at is None:
            found.only_active += 1
        elif stop.active_at is None:
            found.only_shadow += 1
        else:
            found.both += 1
    return sorted(days.values(), key=lambda one: one.day, reverse=True)


def _first(stop: ShadowStop) -> datetime:
    return min(moment for moment in (stop.shadow_at, stop.active_at) if moment is not None)
