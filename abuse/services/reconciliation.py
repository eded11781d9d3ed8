"""Ask each MTA what it holds back, compare it with what we say, and bring the two together.

Every correction is an order like any other: written while the account's standing is locked, so that it says what is
true at that moment, and sent in the account's order. Nothing here changes an MTA behind the outbox, with one
exception: what an MTA would forget soon is put in force again at once, and looked at once more afterwards.
"""

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F

from abuse.adapters.enforcers import Enforcer, Failed, Target, Teller, Told
from abuse.core.stops import Difference, Instruction, Stop, compare
from abuse.models import Endpoint, EnforcementOrder
from abuse.selectors.stops import DISAGREES_AFTER, stops_for, unsettled_accounts
from abuse.services import endpoints, enforcement, orders, standings
from courrielleur.accounts.models import Account
from courrielleur.jobs.queue import nudge

logger = logging.getLogger(__name__)

AT_ONCE = 8
TURN_SECONDS = 60.0  # of asking: a worker that takes two minutes is ended
MOST_RENEWED = 200  # of one MTA in a turn; there are hundreds of turns before an end
MOST_SHOWN = 100  # differences kept with the endpoint; all of them are corrected
BLIND_EVERY = timedelta(minutes=15)  # an MTA that can't say what it holds hears all of it again that often
DEAD_FOR = timedelta(hours=1)  # so that an order which can never work is not made anew each minute

State = EnforcementOrder.State


def reconcile_all(now: datetime, *, channels: Mapping[str, Enforcer] = enforcement.CHANNELS) -> int:
    """Ask every MTA that can be asked, for a turn. Return how many corrections were ordered.

    Those that answered last time come first, the longest unheard before the others: one that hangs costs its time
    limit, and what a turn has no time for comes first in the next.
    """
    found = Endpoint.objects.filter(disabled_at=None).exclude(kind=Endpoint.Kind.WEBHOOK)
    asked: list[tuple[Endpoint, Teller]] = []
    for endpoint in found.order_by(
        F("trouble_since").desc(nulls_first=True), F("heard_at").asc(nulls_first=True), "pk"
    ):
        teller = channels.get(endpoint.kind)
        if isinstance(teller, Teller):
            asked.append((endpoint, teller))
    until = monotonic() + TURN_SECONDS
    corrected = 0
    for start in range(0, len(asked), AT_ONCE):
        if monotonic() > until:
            logger.warning("%s MTAs were not asked this time: others took too long", len(asked) - start)
            break
        corrected += _reconcile_some(asked[start : start + AT_ONCE], now)
    return corrected


def _reconcile_some(asked: list[tuple[Endpoint, Teller]], now: datetime) -> int:
    # What changes while an MTA answers is not compared: the answer may be older or younger than the change.
    unsettled = {endpoint.pk: unsettled_accounts(endpoint) for endpoint, _ in asked}
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="teller") as pool:
        answers = list(pool.map(lambda one: _ask(*one), asked))
    return sum(
        _settle(endpoint, teller, answer, unsettled[endpoint.pk], now)
        for (endpoint, teller), answer in zip(asked, answers, strict=True)
    )


def hear(endpoint: Endpoint, told: Told, now: datetime, *, unsettled: frozenset[str] = frozenset()) -> list[Difference]:
    """Keep what *endpoint* told us that it holds, and return where it is to be corrected.

    What somebody else told it to hold is held: that is no disagreement, and not ours to touch. *Unsettled* accounts
    have an order on their way, which will correct it; their disagreement is shown once it lasts.
    """
    said = stops_for(endpoint) - (told.others - told.held)
    if not told.names_campaigns:
        said = frozenset(stop for stop in said if not stop.campaign)
    known = [Difference.from_json(one) for one in endpoint.differences]
    differences = compare(said, told.held, known, now)
    unsettled |= unsettled_accounts(endpoint)
    fresh = unsettled - unsettled_accounts(endpoint, before=now - DISAGREES_AFTER) - {one.stop.account for one in known}
    shown = [one for one in differences if one.stop.account not in fresh]
    endpoint.heard_at, endpoint.held = now, len(told.held)
    endpoint.trouble, endpoint.trouble_since = "", None
    endpoint.differences = [one.as_json() for one in shown[:MOST_SHOWN]]
    endpoint.differs_since = min((one.since for one in shown), default=None)
    endpoint.save(update_fields=["heard_at", "held", "trouble", "trouble_since", "differences", "differs_since"])
    return [one for one in differences if one.stop.account not in unsettled]


def say_again(endpoint: Endpoint, accounts: Iterable[str], now: datetime) -> int:
    """Order *endpoint* anew what is to be done with these accounts. One with an order on its way is left to that.

    Orders that were given up long ago are skipped: what is true now takes their place.
    """
    count = 0
    for account in Account.objects.filter(key__in=list(accounts)).select_related("reseller").order_by("pk"):
        with transaction.atomic():
            standing = standings.lock(account, now)
            theirs = EnforcementOrder.objects.filter(account=account, endpoint=endpoint)
            theirs.filter(state=State.DEAD, ended_at__lte=now - DEAD_FOR).update(
                state=State.SKIPPED, ended_at=now, last_error="a later order says what is true now"
            )
            if not theirs.filter(state__in=[State.PENDING, State.DEAD]).exists():
                standing.account = account
                orders.restate(standing, endpoint, now=now)
                count += 1
    if count:
        logger.warning("endpoint %s disagreed on %s accounts: ordered again", endpoint.pk, count)
        nudge("river")
    return count


def _ask(endpoint: Endpoint, teller: Teller) -> Told | Failed | None:
    try:
        return teller.tell(_target(endpoint))
    except Exception as error:  # one faulty channel must not stop the others
        logger.exception("channel failed for endpoint %s", endpoint.pk)
        return Failed(f"{type(error).__name__}: {error}")


def _settle(
    endpoint: Endpoint, teller: Teller, answer: Told | Failed | None, unsettled: frozenset[str], now: datetime
) -> int:
    if isinstance(answer, Failed):
        Endpoint.objects.filter(pk=endpoint.pk, trouble_since=None).update(trouble_since=now)
        Endpoint.objects.filter(pk=endpoint.pk).update(trouble=answer.error[:300])
        return 0
    if endpoint.trouble or answer is not None:
        enforcement.hurry(endpoint, now)
    if answer is None:
        return _repeat_blindly(endpoint, teller, now)
    differences = hear(endpoint, answer, now, unsettled=unsettled)
    wrong = {one.stop.account for one in differences}
    corrected = say_again(endpoint, wrong, now)
    _put_in_force_again(endpoint, teller, answer.ending, now)
    _remove_strays(endpoint, teller, answer, wrong)
    return corrected


def _put_in_force_again(endpoint: Endpoint, teller: Teller, ending: frozenset[Stop], now: datetime) -> None:
    """Renew what ends soon and is still wanted. Whoever was let go in that very moment is let go again."""
    renewed = sorted(ending & stops_for(endpoint))[:MOST_RENEWED]
    for stop in renewed:
        answer = teller.assert_again(_target(endpoint), Instruction(stop.account, frozenset({stop})))
        if isinstance(answer, Failed):
            logger.warning("endpoint %s did not renew %s: %s", endpoint.pk, stop.account, answer.error)
            return
    wanted = stops_for(endpoint)
    say_again(endpoint, {stop.account for stop in renewed if stop not in wanted}, now)


def _remove_strays(endpoint: Endpoint, teller: Teller, told: Told, wrong: Iterable[str]) -> None:
    """Remove what is marked as ours and stands for nobody: an account that never was, or a name from older settings."""
    strays = told.strays
    if strays:
        teller.remove(_target(endpoint), strays)
        logger.warning("endpoint %s: removed %s entries of ours that stand for no account", endpoint.pk, len(strays))
    known = set(Account.objects.filter(key__in=list(wrong)).values_list("key", flat=True))
    for account in sorted(set(wrong) - known):
        teller.assert_again(_target(endpoint), Instruction(account, frozenset()))


def _repeat_blindly(endpoint: Endpoint, teller: Teller, now: datetime) -> int:
    """Say everything again to an MTA that can't say what it holds: it may have been started anew."""
    if endpoint.heard_at is not None and now < endpoint.heard_at + BLIND_EVERY:
        return 0
    unsettled = unsettled_accounts(endpoint)
    for stop in sorted(stops_for(endpoint)):
        if stop.account in unsettled:
            continue
        answer = teller.assert_again(_target(endpoint), Instruction(stop.account, frozenset({stop})))
        if isinstance(answer, Failed):
            return _settle(endpoint, teller, answer, unsettled, now)
        if stop not in stops_for(endpoint):
            say_again(endpoint, [stop.account], now)
    Endpoint.objects.filter(pk=endpoint.pk).update(heard_at=now, trouble="", trouble_since=None)
    return 0


def _target(endpoint: Endpoint) -> Target:
    return Target(endpoint.url, endpoints.secret_of(endpoint), endpoint.config)
