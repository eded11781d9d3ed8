"""Was it us? Before an account is judged, look whether its bounces are everybody's: then they are nobody's fault."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from abuse.core.incidents import IncidentRules, Kind, Sender, Trouble, rules, trouble
from abuse.core.verdict import State
from abuse.models import Incident, IncidentCell, Suspension
from abuse.services import repairs, replays
from courrielleur.accounts.models import Account, User
from fbl import selectors as feedback
from fbl.selectors import cells
from fbl.services import ledger, releases

MOST_CELLS = 500  # looked at for one batch of accounts; the rest with the next


class IncidentClosed(Exception):
    """Somebody closed the incident before."""


def look_at(account_ids: Sequence[int], now: datetime) -> list[Incident]:
    """Look at the cells where these accounts bounced lately; open or lengthen incidents. Return those that grew.

    Call it before the accounts are judged, in the same transaction: what it finds leaves their rates at once.
    """
    since = feedback.hour_of(now) - rules().watch_hours
    found = cells.bouncing_cells(
        account_ids,
        since,
        at_least=rules().account_failed,
        share=rules().account_share,
        by_accounts=rules().cell_accounts,
    )
    if not found:
        return []
    known = set(IncidentCell.objects.filter(hour__gte=since).values_list("kind", "provider", "hour"))
    grown: dict[UUID, Incident] = {}
    for provider, hour, is_hard, is_blocked in found[-MOST_CELLS:]:
        for kind in [kind for kind, applies in ((Kind.HARD, is_hard), (Kind.BLOCK, is_blocked)) if applies]:
            if (kind.value, provider, hour) in known:
                continue
            if bad := trouble(_senders(provider, hour, kind), rules()):
                incident = _record(kind, provider, hour, bad, rules(), now)
                grown[incident.pk] = incident
    if grown:
        # Those judged before it was seen are judged anew.
        bouncing = _bouncing(IncidentCell.objects.filter(incident__in=list(grown), found_at=now))
        ledger.touch(set(bouncing) - set(account_ids), now)
    return list(grown.values())


@transaction.atomic
def close(incident: Incident, *, by: User, note: str, now: datetime, is_dismissed: bool = False) -> int:
    """Say that it is over and what it was. Return how many addresses it had suppressed that may be mailed again.

    Dismissed: it was the clients after all, and their bounces count again.
    Raises `IncidentClosed` when somebody was faster, `ValueError` without a note.
    """
    if not note.strip():
        raise ValueError(_("Say what it was: the note stays with the incident."))
    changed = Incident.objects.filter(pk=incident.pk, closed_at=None).update(
        closed_at=now, closed_by=by, note=note.strip(), is_dismissed=is_dismissed
    )
    if not changed:
        raise IncidentClosed(_("Somebody else has closed this incident."))
    found = IncidentCell.objects.filter(incident=incident)
    if is_dismissed:
        ledger.touch(_bouncing(found), now)
        return 0
    return releases.release_bounced(list(found.filter(kind=Kind.HARD).values_list("provider", "hour")))


def repair_stops(incidents: Iterable[Incident], now: datetime) -> int:
    """Put before a person the stops of these incidents' time that would not happen now. Return how many.

    The first bounces of an outage are judged before anybody can know that it is one.
    """
    opened = 0
    for incident in incidents:
        if incident.kind != Incident.Kind.HARD:
            continue
        stops = Suspension.objects.filter(
            imposed_at__gte=feedback.at_hour(incident.first_hour), assessment__state=State.SUSPEND, lifted_at=None
        )
        for assessment_id in stops.values_list("assessment", flat=True):
            if assessment_id is None:
                continue  # stopped by a person
            replay = replays.one(assessment_id)
            if replay.would_not_stop and repairs.open_for(replay, now):
                opened += 1
    return opened


def _senders(provider: str, hour: int, kind: Kind) -> list[Sender]:
    rows = cells.senders_of(provider, hour)
    usual = cells.usual_of([row.account_id for row in rows], provider, hour, rules().watch_hours)
    nothing = cells.Usual(0, 0, 0)
    return [
        Sender(
            account_id=row.account_id,
            reseller_id=row.reseller_id,
            sent=row.sent,
            failed=_failed(row, kind),
            usual_sent=usual.get(row.account_id, nothing).sent,
            usual_failed=_failed(usual.get(row.account_id, nothing), kind),
        )
        for row in rows
    ]


def _failed(row: cells.CellRow | cells.Usual, kind: Kind) -> int:
    return row.hard_bounces if kind is Kind.HARD else row.block_bounces


def _record(kind: Kind, provider: str, hour: int, bad: Trouble, by: IncidentRules, now: datetime) -> Incident:
    """Add the cell to the incident it belongs to, a new one when there is none.

    A broken provider is one incident; blocks of our addresses are one over all providers, for they share the cause.
    """
    near = Incident.objects.filter(
        kind=kind.value, closed_at=None, first_hour__lte=hour + by.incident_gap, last_hour__gte=hour - by.incident_gap
    )
    if kind is Kind.HARD:
        near = near.filter(cells__provider=provider)
    incident = near.select_for_update(of=("self",)).order_by("opened_at").first()
    if incident is None:
        incident = Incident.objects.create(kind=kind.value, opened_at=now, first_hour=hour, last_hour=hour)
    IncidentCell.objects.create(
        incident=incident,
        kind=kind.value,
        provider=provider,
        hour=hour,
        accounts=len(bad.accounts),
        senders=bad.senders,
        sent=bad.sent,
        failed=bad.failed,
        found_at=now,
    )
    incident.first_hour, incident.last_hour = min(incident.first_hour, hour), max(incident.last_hour, hour)
    incident.save(update_fields=["first_hour", "last_hour"])
    return incident


def _bouncing(found: Iterable[IncidentCell]) -> list[int]:
    """Return the accounts that bounced in these cells, and are there still."""
    names = {
        row.account_id
        for cell in found
        for row in cells.senders_of(cell.provider, cell.hour)
        if row.hard_bounces or row.block_bounces
    }
    return list(Account.objects.filter(pk__in=names).values_list("pk", flat=True))
