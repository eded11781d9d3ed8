"""MTAs that ask what they are to hold back: a list with a number, what changed since that number, and a confirmation.

A number counts the orders of one endpoint. It is given when the endpoint asks, one asker at a time, so that no order
ever appears below a number that was handed out before.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore

from django.db import transaction
from django.db.models import Max, Q

from abuse.adapters.enforcers import Told
from abuse.core.stops import Difference, Stop, stops_of
from abuse.models import Endpoint, EnforcementOrder, Standing
from abuse.selectors.stops import IS_STOPPED
from abuse.services import enforcement, reconciliation

State = EnforcementOrder.State

LONGEST_WAIT = 20  # seconds: less than the time limits of proxies and clients
LOOK_EVERY = 0.25  # seconds
_SEATS = BoundedSemaphore(2)  # who waits holds a thread of the web process: the others are answered at once


@dataclass(frozen=True)
class Line:
    """Where one account stands now, and what follows for an MTA."""

    account: str
    level: str
    since: datetime
    campaign: str  # the one to pause, when `hold` is "campaign"
    hold: str  # all, campaign or nothing


@dataclass(frozen=True)
class Feed:
    """*is_complete*: everything to be held back, and nothing else; or else the accounts with orders since a number."""

    number: int
    is_complete: bool
    lines: tuple[Line, ...]


def read(endpoint: Endpoint, since: int | None) -> Feed:
    """Return what *endpoint* is to do, in full, or for the accounts that got orders after the number *since*.

    A number that was never handed out, as after a restored backup, gets the full list.
    """
    number = _give_numbers(endpoint)
    # The number first: standings that are newer than it come again, and no order is missed.
    found = Standing.objects.select_related("account").order_by("account__key")
    if endpoint.reseller_id is not None:
        found = found.filter(account__reseller=endpoint.reseller_id)
    is_complete = since is None or not 0 <= since <= number
    if is_complete:
        found = found.filter(IS_STOPPED)
    else:
        changed = EnforcementOrder.objects.filter(endpoint=endpoint, number__gt=since).values("account")
        found = found.filter(account__in=changed)
    return Feed(number, is_complete, tuple(_line(standing) for standing in found))


def wait_for_news(endpoint: Endpoint, since: int, seconds: int) -> None:
    """Return when there is an order after the number *since*, and after so many *seconds* at the latest.

    Few may wait at a time; whoever finds no seat does not wait.
    """
    if not _SEATS.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + min(seconds, LONGEST_WAIT)
        news = EnforcementOrder.objects.filter(Q(number=None) | Q(number__gt=since), endpoint=endpoint)
        while not news.exists() and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
    finally:
        _SEATS.release()


def acknowledge(
    endpoint: Endpoint, number: int, now: datetime, *, held: Iterable[Stop] | None = None
) -> list[Difference]:
    """Take the orders up to *number* as carried out, and compare what the MTA says it holds, if it says.

    Where it disagrees, it gets another order. Returns the differences. Raises `ValueError` for a number that was
    never handed out.
    """
    with transaction.atomic():
        last = _last_number(Endpoint.objects.select_for_update().get(pk=endpoint.pk))
        if not 0 <= number <= last:
            raise ValueError(number)
        done = EnforcementOrder.objects.filter(
            endpoint=endpoint, number__lte=number, state__in=[State.PENDING, State.DEAD]
        )
        enforcement.confirm(endpoint, done.values_list("pk", flat=True), now)
        Endpoint.objects.filter(pk=endpoint.pk).update(
            heard_at=now, acknowledged=max(number, endpoint.acknowledged), trouble="", trouble_since=None
        )
    endpoint.refresh_from_db()
    if held is None:
        return []
    differences = reconciliation.hear(endpoint, Told(frozenset(held)), now)
    reconciliation.say_again(endpoint, {one.stop.account for one in differences}, now)
    return differences


@transaction.atomic
def _give_numbers(endpoint: Endpoint) -> int:
    """Number the endpoint's orders that have none yet, as they were given; return the last number."""
    last = _last_number(Endpoint.objects.select_for_update().get(pk=endpoint.pk))
    fresh = list(
        EnforcementOrder.objects.filter(endpoint=endpoint, number=None).order_by("created_at", "sequence", "pk")
    )
    for order in fresh:
        last += 1
        order.number = last
    EnforcementOrder.objects.bulk_update(fresh, ["number"], batch_size=1_000)
    return last


def _last_number(endpoint: Endpoint) -> int:
    return EnforcementOrder.objects.filter(endpoint=endpoint).aggregate(last=Max("number"))["last"] or 0


def _line(standing: Standing) -> Line:
    stops = stops_of(standing.account.key, standing.level, standing.held_campaign)
    campaign = next((stop.campaign for stop in stops), "")
    hold = ("campaign" if campaign else "all") if stops else "nothing"
    return Line(standing.account.key, standing.level, standing.since, campaign, hold)
