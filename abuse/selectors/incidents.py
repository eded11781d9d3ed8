"""Incidents: which cells are nobody's own, and what a person reads of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, QuerySet, Sum

from abuse.models import Incident, IncidentCell
from fbl import selectors as feedback


@dataclass(frozen=True)
class IncidentView:
    """One incident with its figures."""

    incident: Incident
    providers: tuple[str, ...]
    accounts: int  # in trouble, in the worst cell
    failed: int  # bounces that left the clients' rates
    cells: int

    @property
    def first_at(self) -> datetime:
        return feedback.at_hour(self.incident.first_hour)

    @property
    def state(self) -> str:
        """Return open, closed, or dismissed: it was the clients."""
        if self.incident.closed_at is None:
            return "open"
        return "dismissed" if self.incident.is_dismissed else "closed"

    @property
    def last_at(self) -> datetime:
        """The end of the last hour."""
        return feedback.at_hour(self.incident.last_hour + 1)


def excused_cells(now: datetime) -> Collection[tuple[str, int]]:
    """Return the (provider, hour) pairs whose hard bounces count against nobody."""
    oldest = feedback.hour_of(now) - feedback.HISTORY_DAYS * 24
    return frozenset(
        IncidentCell.objects.filter(
            kind=Incident.Kind.HARD, incident__is_dismissed=False, hour__gte=oldest
        ).values_list("provider", "hour")
    )


def latest_incidents(limit: int = 50) -> list[IncidentView]:
    """Return the latest incidents, open ones first."""
    return [
        _view(incident) for incident in _figured().order_by(F("closed_at").desc(nulls_first=True), "-last_hour")[:limit]
    ]


def open_incidents() -> int:
    return Incident.objects.filter(closed_at=None).count()


def incident_for(incident_id: UUID) -> IncidentView:
    """Return one incident. Raises `Incident.DoesNotExist`."""
    return _view(_figured().get(pk=incident_id))


def incident_cells(incident: Incident) -> QuerySet[IncidentCell]:
    """Return its cells, the latest first."""
    return IncidentCell.objects.filter(incident=incident).order_by("-hour", "provider")


def _figured() -> QuerySet[Incident]:
    return Incident.objects.select_related("closed_by").annotate(
        most_accounts=Max("cells__accounts"),
        failed=Sum("cells__failed"),
        cell_count=Count("cells"),
    )


def _view(incident: Incident) -> IncidentView:
    providers = IncidentCell.objects.filter(incident=incident).values_list("provider", flat=True).distinct()
    figures = vars(incident)
    return IncidentView(
        incident=incident,
        providers=tuple(sorted(providers)),
        accounts=figures["most_accounts"] or 0,
        failed=figures["failed"] or 0,
        cells=figures["cell_count"],
    )
