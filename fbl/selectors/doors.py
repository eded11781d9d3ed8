"""What comes through each door, when it last did, and whether the door went quiet."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from fbl.core import watch
from fbl.core.doors import FOR_FIGURES, Door
from fbl.models import DoorHour, InboundReport, LogImport

DAY_HOURS, WEEK_HOURS = 24, 7 * 24


@dataclass(frozen=True)
class DoorFigures:
    """A door and what came through it. Reports; rows of `counts`; of `log` the lines of files that still grow."""

    door: str
    day: int = 0  # in the last 24 hours
    week: int = 0
    last_at: datetime | None = None
    quiet_since: datetime | None = None  # it brought less than a fifth of what it usually does, since then

    @property
    def has_rows(self) -> bool:
        """Say whether single arrivals can be listed."""
        return self.door not in FOR_FIGURES and bool(self.day)


def doors(now: datetime) -> list[DoorFigures]:
    """Return each door, those that nothing ever came through last."""
    now_hour = int(now.timestamp() // 3600)
    arrivals: dict[str, dict[int, int]] = {door.value: {} for door in Door}
    last: dict[str, datetime] = {}
    rows = DoorHour.objects.order_by("hour").values_list("door", "hour", "reports", "last_at")
    for door, hour, reports, last_at in rows:
        arrivals.setdefault(door, {})[hour] = reports
        last[door] = last_at
    figures = [
        DoorFigures(
            door,
            day=_sum(hours, now_hour - DAY_HOURS),
            week=_sum(hours, now_hour - WEEK_HOURS),
            last_at=last.get(door),
            quiet_since=_quiet_since(hours, now_hour),
        )
        for door, hours in arrivals.items()
    ]
    found = [_logs(now) if one.door == Door.LOGS else one for one in figures]
    return sorted(found, key=lambda one: one.last_at is None)


def quiet_doors(now: datetime) -> list[DoorFigures]:
    return [one for one in doors(now) if one.quiet_since]


def latest_through(door: str, now: datetime, limit: int) -> QuerySet[InboundReport]:
    """Return what came through a door in the last day, the newest first, without the bytes.

    Identifiers begin with the time (UUID version 7), so the last day lies together at the end of their index.
    """
    since = int((now - timedelta(hours=DAY_HOURS)).timestamp() * 1000)
    found = InboundReport.objects.filter(door=door, pk__gte=UUID(int=since << 80)).select_related("feed").defer("raw")
    return found.order_by("-pk")[:limit]


def _sum(hours: dict[int, int], after: int) -> int:
    return sum(number for hour, number in hours.items() if hour > after)


def _quiet_since(hours: dict[int, int], now_hour: int) -> datetime | None:
    """Apply the rule for feeds (fbl/core/watch.py), with what the door itself brought before as the measure."""
    if not hours:
        return None
    hour = watch.silent_since(hours, now_hour, since=min(hours), expected_per_day=None)
    return datetime.fromtimestamp(hour * 3600, UTC) if hour is not None else None


def _logs(now: datetime) -> DoorFigures:
    def lines(hours: int) -> int:
        recent = LogImport.objects.filter(updated_at__gte=now - timedelta(hours=hours))
        return int(recent.aggregate(n=Sum("lines"))["n"] or 0)

    last_at = LogImport.objects.aggregate(at=Max("updated_at"))["at"]
    return DoorFigures(Door.LOGS, day=lines(DAY_HOURS), week=lines(WEEK_HOURS), last_at=last_at)
