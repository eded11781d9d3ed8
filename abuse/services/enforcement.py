"""Deliver the orders of the outbox until they are confirmed, in order per account and endpoint.

An order is claimed by a lease that is committed before anything is sent: whoever dies in the middle leaves the
order pending, and after the lease it is sent again under the same id. So every order arrives at least once, and
never before the one that precedes it.
"""

import json
import logging
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from abuse.adapters.enforcers import (
    Answer,
    Delivered,
    Enforcer,
    Failed,
    Inapplicable,
    Message,
    NoSuchChannel,
    enforcer_for,
)
from abuse.adapters.kumomta import KumoEnforcer
from abuse.adapters.pmta import PmtaEnforcer
from abuse.adapters.webhook import WebhookEnforcer
from abuse.core.stops import instruction_of
from abuse.models import Endpoint, EnforcementOrder
from abuse.services import endpoints, history
from courrielleur.accounts.actors import SYSTEM, Actor
from courrielleur.jobs.queue import nudge

logger = logging.getLogger(__name__)

State = EnforcementOrder.State

# Waits before the second, third … attempt (Standard Webhooks 1.0.0, "Deliverability and reliability").
RETRY_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1  # up to a tenth longer, so that what failed together does not come back together
LEASE = timedelta(seconds=60)  # longer than an attempt may take (abuse/adapters/webhook.py)
AT_ONCE = 8  # calls under way in one worker
PER_ENDPOINT = 4  # … of which to one endpoint: a slow one must not keep the others waiting
LOOK_AHEAD = 400
NO_CAMPAIGNS = "Postfix can't tell campaigns apart: pause the campaign where it is made"

Kind = Endpoint.Kind
# Kinds that we call; an MTA to obey us is one line more. The others fetch what they are to do, and confirm it.
CHANNELS: Mapping[str, Enforcer] = {
    Kind.WEBHOOK: WebhookEnforcer(),
    Kind.KUMOMTA: KumoEnforcer(),
    Kind.PMTA: PmtaEnforcer(),
}
FETCHING = frozenset({Kind.POSTFIX, Kind.PULL})

create_endpoint = endpoints.create_endpoint
disable_endpoint = endpoints.disable_endpoint


class ReplayRefused(Exception):
    """Sending this order again would contradict a later one. The message says so."""


def deliver_due(now: datetime, *, channels: Mapping[str, Enforcer] = CHANNELS) -> int:
    """Send what is due at *now* and return how many orders were confirmed.

    An endpoint that fails is left alone for the rest of the call, so one that hangs costs one time limit.
    """
    delivered = 0
    failing: set[UUID] = set()
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="enforcer") as pool:
        while claimed := _claim(now, failing):
            calls = {pool.submit(_send, message_of(order), channels): order for order in claimed}
            for call in as_completed(calls):
                order, answer = calls[call], call.result()
                _record(order, answer, now)
                if isinstance(answer, Delivered):
                    delivered += 1
                elif isinstance(answer, Failed) and not answer.is_permanent:
                    failing.add(order.endpoint_id)
    return delivered


def is_due(now: datetime) -> bool:
    return _due(now).exists()


def message_of(order: EnforcementOrder) -> Message:
    """Return what is sent for *order*: id and bytes are the same on each attempt."""
    return Message(
        id=f"msg_{order.pk.hex}",
        url=order.endpoint.url,
        secret=endpoints.secret_of(order.endpoint),
        body=json.dumps(order.body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(),
        kind=order.endpoint.kind,
        config=order.endpoint.config,
        instruction=instruction_of(order.body),
    )


def replay(order: EnforcementOrder, actor: Actor = SYSTEM, *, now: datetime | None = None) -> None:
    """Send *order* again, from the first attempt on. Raises `ReplayRefused` when a later order has gone out."""
    now = now or timezone.now()
    later = EnforcementOrder.objects.filter(
        account=order.account_id, endpoint=order.endpoint_id, sequence__gt=order.sequence, state=State.DELIVERED
    )
    if order.endpoint.disabled_at is not None:
        raise ReplayRefused(_("This endpoint is disabled. Create a new one: it is told what is suspended."))
    if later.exists():
        raise ReplayRefused(_("A later order of this account was delivered; this one would contradict it."))
    with transaction.atomic():
        changed = (
            EnforcementOrder.objects.filter(pk=order.pk)
            .exclude(state=State.PENDING)
            .update(state=State.PENDING, attempts=0, next_attempt_at=now, ended_at=None)
        )
        if changed:
            _note(order, "order_replayed", actor, now)
            nudge("river")


def skip(order: EnforcementOrder, *, reason: str, actor: Actor, now: datetime | None = None) -> bool:
    """Give up a dead *order* for good, so that the account's later orders go out. False when it isn't dead by now."""
    now = now or timezone.now()
    with transaction.atomic():
        changed = EnforcementOrder.objects.filter(pk=order.pk, state=State.DEAD).update(
            state=State.SKIPPED, last_error=f"{actor.label}: {reason}"[:300], ended_at=now
        )
        if changed:
            _note(order, "order_skipped", actor, now, reason)
            nudge("river")
    return bool(changed)


def confirm(endpoint: Endpoint, order_ids: Iterable[UUID], now: datetime) -> int:
    """Take these orders of an *endpoint* that fetches them as delivered: it says that it does what they say.

    Postfix knows no campaigns: orders to pause one are skipped there, for people to see.
    """
    theirs = EnforcementOrder.objects.filter(
        pk__in=list(order_ids), endpoint=endpoint, state__in=[State.PENDING, State.DEAD]
    )
    if endpoint.kind == Kind.POSTFIX:
        holds = theirs.filter(action=EnforcementOrder.Action.HOLD)
        holds.update(state=State.SKIPPED, attempts=F("attempts") + 1, ended_at=now, last_error=NO_CAMPAIGNS)
    return theirs.update(state=State.DELIVERED, attempts=F("attempts") + 1, ended_at=now, last_error="")


def hurry(endpoint: Endpoint, now: datetime) -> int:
    """Let the orders that wait for *endpoint* go out at once: it answers again. Return how many they are."""
    waiting = EnforcementOrder.objects.filter(
        endpoint=endpoint, state=State.PENDING, attempts__gt=0, next_attempt_at__gt=now + LEASE
    )
    return waiting.update(next_attempt_at=now)


def send_test(endpoint: Endpoint, *, channels: Mapping[str, Enforcer] = CHANNELS) -> Answer:
    """Send a signed test message now, outside the outbox, and return what came back."""
    return _send(endpoints.test_message(endpoint, timezone.now()), channels)


def wait_after(attempts: int, answer: Failed) -> timedelta | None:
    """Return the wait after that many *attempts*, or None when it was the last. Retry-After can make it longer."""
    if attempts > len(RETRY_WAITS):
        return None
    wait = RETRY_WAITS[attempts - 1] * (1 + random.uniform(0, JITTER))  # noqa: S311  # spreads load, keeps no secret
    return max(wait, answer.retry_after or timedelta(0))


def _due(now: datetime) -> QuerySet[EnforcementOrder]:
    unfinished = EnforcementOrder.objects.filter(
        account=OuterRef("account"),
        endpoint=OuterRef("endpoint"),
        sequence__lt=OuterRef("sequence"),
        state__in=[State.PENDING, State.DEAD],
    )
    return EnforcementOrder.objects.filter(
        ~Exists(unfinished), state=State.PENDING, next_attempt_at__lte=now, endpoint__disabled_at=None
    ).exclude(endpoint__kind__in=FETCHING)


def _claim(now: datetime, failing: set[UUID]) -> list[EnforcementOrder]:
    """Take a lease on some due orders, first attempts first, and count the attempt before it is made."""
    candidates = (
        _due(now)
        .exclude(endpoint__in=failing)
        .order_by("attempts", "next_attempt_at", "pk")
        .values_list("pk", "endpoint")[:LOOK_AHEAD]
    )
    chosen: list[UUID] = []
    taken: Counter[UUID] = Counter()
    for pk, endpoint_id in candidates:
        if taken[endpoint_id] < PER_ENDPOINT and len(chosen) < AT_ONCE:
            taken[endpoint_id] += 1
            chosen.append(pk)
    if not chosen:
        return []
    with transaction.atomic():
        locked = list(
            _due(now)
            .filter(pk__in=chosen)
            .select_related("endpoint")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("pk")
        )
        EnforcementOrder.objects.filter(pk__in=[order.pk for order in locked]).update(
            attempts=F("attempts") + 1, next_attempt_at=now + LEASE
        )
    for order in locked:
        order.attempts += 1
    return locked


def _send(message: Message, channels: Mapping[str, Enforcer]) -> Answer:
    try:
        return enforcer_for(message.kind, channels).send(message)
    except NoSuchChannel as error:
        return Failed(str(error))
    except Exception as error:  # one faulty channel must not stop the orders of the others
        logger.exception("channel failed for %s", message.id)
        return Failed(f"{type(error).__name__}: {error}")


def _record(order: EnforcementOrder, answer: Answer, now: datetime) -> None:
    mine = EnforcementOrder.objects.filter(pk=order.pk, state=State.PENDING)
    if isinstance(answer, Delivered):
        mine.update(state=State.DELIVERED, ended_at=now, last_error="")
        return
    if isinstance(answer, Inapplicable):
        mine.update(state=State.SKIPPED, ended_at=now, last_error=answer.reason[:300])
        return
    logger.warning("order %s to endpoint %s, attempt %s: %s", order.pk, order.endpoint_id, order.attempts, answer.error)
    # Another worker may have taken the order after our lease ran out: then its answer counts, not this failure.
    mine = mine.filter(attempts=order.attempts)
    error = answer.error[:300]
    if answer.is_gone:
        endpoints.disable_endpoint(order.endpoint, "410 Gone", now=now)
    elif answer.is_permanent or (wait := wait_after(order.attempts, answer)) is None:
        mine.update(state=State.DEAD, ended_at=now, last_error=error)
    else:
        mine.update(next_attempt_at=now + wait, last_error=error)


def _note(order: EnforcementOrder, move: str, actor: Actor, now: datetime, text: str = "") -> None:
    """Leave a line in the case that the order belongs to, when there is one."""
    case = getattr(order.suspension, "case", None)
    if case is not None:
        data = {"order": str(order.pk), "action": order.action, "endpoint": str(order.endpoint)}
        history.tell(case, move, actor=actor, now=now, text=text, data=data, is_internal=True)
