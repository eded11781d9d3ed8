"""What waits for a person of the abuse team, today."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min

from abuse.models import EnforcementOrder, Notice, Standing
from abuse.selectors.cases import queue, queue_counts
from courrielleur.accounts.actors import Actor


@dataclass(frozen=True)
class Today:
    """`counts` are of the queue's views. `oldest_*` are None when nothing waits."""

    counts: dict[str, int]
    oldest_mine_at: datetime | None
    oldest_submitted_at: datetime | None  # since when the longest waiting answers wait for us
    orders_waiting: int
    orders_dead: int
    oldest_order_at: datetime | None
    letters_waiting: int
    letters_dead: int
    levels: dict[str, int] = field(default_factory=dict)  # accounts by standing; those never judged are not in it

    @property
    def mine(self) -> int:
        return self.counts.get("mine", 0)


def today(actor: Actor) -> Today:
    orders = dict(EnforcementOrder.objects.values_list("state").annotate(Count("pk")))
    letters = dict(Notice.objects.values_list("state").annotate(Count("pk")))
    waiting = EnforcementOrder.objects.filter(state__in=[EnforcementOrder.State.PENDING, EnforcementOrder.State.DEAD])
    return Today(
        counts=queue_counts(actor),
        oldest_mine_at=_oldest(actor, "mine", "opened_at"),
        oldest_submitted_at=_oldest(actor, "submitted", "changed_at"),
        orders_waiting=orders.get(EnforcementOrder.State.PENDING, 0),
        orders_dead=orders.get(EnforcementOrder.State.DEAD, 0),
        oldest_order_at=waiting.aggregate(at=Min("created_at"))["at"],
        letters_waiting=letters.get(Notice.State.PENDING, 0),
        letters_dead=letters.get(Notice.State.DEAD, 0),
        levels=dict(Standing.objects.values_list("level").annotate(Count("pk"))),
    )


def _oldest(actor: Actor, view: str, field_name: str) -> datetime | None:
    oldest: datetime | None = queue(actor, view).order_by().aggregate(at=Min(field_name))["at"]
    return oldest
