"""Whatever happens on the way, MTA and database agree in the end; who disagrees is seen, and set right by orders."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from abuse.adapters.enforcers import Answer, Failed, Message, Target, Told
from abuse.adapters.kumomta import KumoEnforcer
from abuse.core.stops import Instruction, Stop
from abuse.models import Assessment, Endpoint, EnforcementOrder, Standing, Suspension
from abuse.selectors.policies_in_force import in_force
from abuse.selectors.stops import mta_alarms, mtas, stops_for
from abuse.services import chain, enforcement, holds, reconciliation, suspensions, verdicts
from abuse.services import mtas as services
from courrielleur.accounts.models import Account
from tests.abuse.world import purchased_list
from tests.kumomta import Node, node
from tests.worlds import NOON, make_account

State = EnforcementOrder.State
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The worker is gone: nothing after it runs."""


class Worker(KumoEnforcer):
    """The real channel, in a worker that can be killed before or after the MTA has heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []  # ids of messages that went out
        self.dies = ""

    def send(self, message: Message) -> Answer:
        if self.dies == "before":
            raise Killed
        self.heard.append(message.id)
        answer = super().send(message)
        if self.dies == "after":
            raise Killed
        return answer


@pytest.fixture
def kumo() -> Iterator[Node]:
    with node() as found:
        yield found


@pytest.fixture
def endpoint(db: None, kumo: Node) -> Endpoint:
    return services.add("kumomta", name="kumo-1", url=kumo.url, now=NOON)


@pytest.fixture
def acme(db: None) -> Account:
    return make_account()


def reconcile(now: datetime, channel: KumoEnforcer | None = None) -> int:
    return reconciliation.reconcile_all(now, channels={"kumomta": channel or KumoEnforcer()})


def deliver(now: datetime, channel: KumoEnforcer | None = None) -> int:
    return enforcement.deliver_due(now, channels={"kumomta": channel or KumoEnforcer()})


def impose(account: Account, now: datetime = NOON) -> Suspension:
    return suspensions.impose(account, now=now, reason="x")


def assessment_of(account: Account) -> Assessment:
    """An assessment whose evidence came from one campaign."""
    purchased_list(account)
    standing, _ = Standing.objects.get_or_create(account=account, defaults={"since": NOON})
    judged = verdicts.of([standing], in_force([account]), NOON)
    (assessment,) = chain.append([verdicts.kept(one, NOON) for one in judged])
    return assessment


def test_a_hold_pauses_its_campaign_alone_and_a_suspension_takes_its_place(
    kumo: Node, endpoint: Endpoint, acme: Account
) -> None:
    holds.impose(acme, assessment=assessment_of(acme), now=NOON)
    deliver(NOON)
    assert kumo.held == {Stop("acme", "infolettre")}
    assert reconcile(NOON + MINUTE) == 0
    kumo.entries.clear()
    assert reconcile(NOON + MINUTE) == 1
    deliver(NOON + MINUTE)
    assert kumo.held == {Stop("acme", "infolettre")}
    suspension = impose(acme)
    deliver(NOON + MINUTE)
    assert kumo.held == {Stop("acme")}
    lift(suspension, NOON + MINUTE)
    deliver(NOON + MINUTE)
    assert kumo.held == set()


def test_a_new_node_is_told_what_is_stopped_and_held(kumo: Node, acme: Account) -> None:
    zenith, dune = make_account("zenith"), make_account("dune")
    holds.impose(acme, assessment=assessment_of(acme), now=NOON)
    impose(zenith)
    suspensions.terminate(dune, now=NOON)
    services.add("kumomta", name="kumo-1", url=kumo.url, now=NOON)
    assert deliver(NOON) == 3
    assert kumo.held == {Stop("acme", "infolettre"), Stop("zenith"), Stop("dune")}
    assert reconcile(NOON + MINUTE) == 0


def test_a_node_that_was_restarted_is_told_again(kumo: Node, endpoint: Endpoint, acme: Account) -> None:
    impose(acme)
    deliver(NOON)
    assert reconcile(NOON) == 0
    kumo.stop()
    kumo.start()
    assert kumo.held == set()
    assert reconcile(NOON + MINUTE) == 1
    assert deliver(NOON + MINUTE) == 1
    assert kumo.held == {Stop("acme")}
    assert reconcile(NOON + 2 * MINUTE) == 0
    first, again = EnforcementOrder.objects.order_by("sequence")
    assert again.body["data"]["restated"] is True
    assert again.body["data"]["case"] == first.body["data"]["case"]


def test_a_left_over_of_ours_is_lifted_and_what_is_not_ours_stays(
    kumo: Node, endpoint: Endpoint, acme: Account
) -> None:
    make_account("zenith")
    impose(acme)
    deliver(NOON)
    kumo.suspend(reason="Courrielleur: C-OLD", tenant="zenith")  # in good standing
    kumo.suspend(reason="Courrielleur: C-OLD", tenant="nobody")  # no account of ours
    kumo.suspend(reason="Courrielleur: C-OLD", tenant="NO KEY")
    kumo.suspend(reason="maintenance", tenant="dune")
    assert reconcile(NOON + MINUTE) == 1
    deliver(NOON + MINUTE)
    assert kumo.held == {Stop("acme"), Stop("dune")}
    assert reconcile(NOON + 2 * MINUTE) == 0


def test_what_somebody_else_holds_is_held(kumo: Node, endpoint: Endpoint, acme: Account) -> None:
    kumo.suspend(reason="maintenance", tenant="acme")
    impose(acme)
    deliver(NOON)
    assert reconcile(NOON + MINUTE) == 0
    assert mta_alarms(NOON + 5 * MINUTE) == []
    kumo.entries.clear()
    assert reconcile(NOON + 2 * MINUTE) == 1


def test_a_suspension_is_renewed_long_before_its_end(kumo: Node, endpoint: Endpoint, acme: Account) -> None:
    impose(acme)
    deliver(NOON)
    for _ in range(5):
        kumo.clock += timedelta(hours=13)
        assert kumo.held == {Stop("acme")}
        assert reconcile(NOON + MINUTE) == 0
    assert EnforcementOrder.objects.count() == 1


def test_whoever_is_lifted_while_their_suspension_is_renewed_is_let_go(
    kumo: Node, endpoint: Endpoint, acme: Account
) -> None:
    suspension = impose(acme)
    deliver(NOON)
    kumo.clock += timedelta(hours=13)

    class Late(KumoEnforcer):
        """Between our look at the standing and our renewal, another worker lifts, and tells the node."""

        is_first = True

        def assert_again(self, target: Target, instruction: Instruction) -> Answer:
            if self.is_first:
                self.is_first = False
                lift(suspension, NOON)
                assert deliver(NOON) == 1
                assert kumo.held == set()
            return super().assert_again(target, instruction)

    reconcile(NOON + MINUTE, Late())
    deliver(NOON + 2 * MINUTE)
    assert kumo.held == set()


def test_a_node_that_is_away_is_seen_and_its_orders_go_out_as_soon_as_it_is_back(
    kumo: Node, endpoint: Endpoint, acme: Account
) -> None:
    with node() as second:
        services.add("kumomta", name="kumo-2", url=second.url, now=NOON)
        kumo.stop()
        impose(acme)
        deliver(NOON)
        assert second.held == {Stop("acme")}  # one node's trouble is its own
        reconcile(NOON + MINUTE)
        away, fine = mtas(NOON + MINUTE)
        assert (away.endpoint.name, away.condition, away.waiting, away.since) == ("kumo-1", "trouble", 1, NOON + MINUTE)
        assert "ConnectError" in away.endpoint.trouble
        assert (fine.condition, fine.waiting) == ("fine", 0)

        deliver(NOON + 2 * MINUTE)  # a second attempt; the third would come after five minutes
        kumo.start()
        reconcile(NOON + 3 * MINUTE)
        assert deliver(NOON + 3 * MINUTE) == 1
        assert kumo.held == {Stop("acme")}
        assert mta_alarms(NOON + 3 * MINUTE) == []


def test_one_that_hangs_is_asked_last_and_keeps_the_others_for_a_turn_at_most(
    kumo: Node, endpoint: Endpoint, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Listed(KumoEnforcer):
        def tell(self, target: Target) -> Told | Failed:
            asked.append(target.url)
            return super().tell(target)

    monkeypatch.setattr(reconciliation, "AT_ONCE", 1)
    away = services.add("kumomta", name="kumo-0", url="http://127.0.0.1:9", now=NOON)
    reconcile(NOON, Listed())
    assert sorted(asked) == sorted([kumo.url, away.url])
    asked.clear()
    reconcile(NOON + MINUTE, Listed())
    assert asked == [kumo.url, away.url]
    asked.clear()
    monkeypatch.setattr(reconciliation, "TURN_SECONDS", -1.0)
    reconcile(NOON + 2 * MINUTE, Listed())
    assert asked == []


def test_a_disagreement_is_seen_with_its_age_as_long_as_it_lasts(kumo: Node, endpoint: Endpoint, acme: Account) -> None:
    impose(acme)
    deliver(NOON)
    kumo.entries.clear()
    reconcile(NOON + MINUTE)
    assert mta_alarms(NOON + 2 * MINUTE) == []  # not yet: an order is on its way
    for minutes in (1, 2, 3, 4):
        kumo.faults = ["error"]  # it tells, and obeys nothing
        deliver(NOON + minutes * MINUTE)
        kumo.faults = []
        reconcile(NOON + minutes * MINUTE)
    (seen,) = mta_alarms(NOON + 4 * MINUTE)
    assert (seen.condition, seen.since) == ("differs", NOON + MINUTE)
    (difference,) = seen.differences
    assert (difference.stop, difference.it_holds, difference.since) == (Stop("acme"), False, NOON + MINUTE)
    assert EnforcementOrder.objects.count() == 2

    deliver(NOON + 5 * MINUTE)
    reconcile(NOON + 5 * MINUTE)
    assert mta_alarms(NOON + 5 * MINUTE) == []


def test_an_mta_that_never_obeyed_a_first_order_is_seen_too(kumo: Node, endpoint: Endpoint, acme: Account) -> None:
    impose(acme)
    kumo.faults = ["error"]
    deliver(NOON)
    kumo.faults = []
    reconcile(NOON + MINUTE)
    assert mtas(NOON + MINUTE)[0].differences == ()
    Endpoint.objects.update(trouble="")
    EnforcementOrder.objects.update(next_attempt_at=NOON + timedelta(hours=1))
    reconcile(NOON + 3 * MINUTE)
    (difference,) = mtas(NOON + 3 * MINUTE)[0].differences
    assert (difference.stop, difference.it_holds) == (Stop("acme"), False)


def test_an_order_that_can_never_work_is_given_up_at_once_and_said_anew_by_the_hour(
    kumo: Node, endpoint: Endpoint, acme: Account
) -> None:
    impose(acme)
    kumo.faults = ["", "refuse"]
    deliver(NOON)
    (order,) = EnforcementOrder.objects.all()
    assert (order.state, order.attempts) == (State.DEAD, 1)
    assert reconcile(NOON + MINUTE) == 0
    assert reconcile(NOON + timedelta(minutes=61)) == 1
    deliver(NOON + timedelta(minutes=61))
    assert kumo.held == {Stop("acme")}
    assert [one.state for one in EnforcementOrder.objects.order_by("sequence")] == [State.SKIPPED, State.DELIVERED]


def lift(suspension: Suspension, now: datetime) -> None:
    suspensions.lift(suspension, now=now, by=None, reason="y")


OPERATIONS = st.sampled_from(["suspend", "lift", "hold", "release", "terminate"])
FAULTS = st.sampled_from(["", "", "before", "after", "crash", "error", "deaf", "down", "restart"])
STEPS = st.lists(st.tuples(st.integers(0, 1), OPERATIONS, FAULTS, st.integers(0, 400)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example(steps=[(0, "suspend", "after", 0), (0, "lift", "crash", 2)])
@example(steps=[(0, "hold", "deaf", 0), (0, "suspend", "restart", 61), (0, "lift", "before", 0)])
@example(steps=[(0, "suspend", "down", 0), (1, "suspend", "restart", 0), (0, "lift", "deaf", 0)])
def test_every_order_arrives_in_order_and_both_agree_in_the_end(kumo: Node, endpoint: Endpoint, steps: list) -> None:
    with transaction.atomic():
        kumo.entries.clear()
        world = World(kumo, endpoint)
        for account, operation, fault, seconds in steps:
            world.step(account, operation, fault, timedelta(seconds=seconds))
        world.settle()
        transaction.set_rollback(True)


class World:
    """Two accounts, one node, one worker that dies and is started again."""

    def __init__(self, kumo: Node, endpoint: Endpoint) -> None:
        self.kumo, self.endpoint, self.now, self.worker = kumo, endpoint, NOON, Worker()
        self.accounts = [make_account("acme"), make_account("zenith")]
        self.assessments = [assessment_of(account) for account in self.accounts]

    def step(self, number: int, operation: str, fault: str, later: timedelta) -> None:
        self.now += later
        account = self.accounts[number]
        if operation == "suspend":
            impose(account, self.now)
        elif operation == "hold":
            holds.impose(account, assessment=self.assessments[number], now=self.now)
        elif operation == "release":
            holds.release(account, now=self.now)
        elif operation == "terminate":
            suspensions.terminate(account, now=self.now)
        elif suspension := Suspension.objects.filter(
            account=account, lifted_at=None, account__standing__level="suspended"
        ).first():
            lift(suspension, self.now)
        self.work(fault)

    def work(self, fault: str) -> None:
        """Let the worker deliver what is due, and meet *fault* on the way."""
        if fault == "down":
            self.kumo.stop()
        elif fault == "restart":
            self.kumo.entries.clear()
        elif fault in {"error", "deaf"}:
            self.kumo.faults = ["", fault] if fault == "deaf" else [fault]
        elif fault in {"before", "after"}:
            self.worker.dies = fault
        with suppress(Killed), pytest.MonkeyPatch.context() as patch:
            if fault == "crash":  # between the MTA's answer and the commit
                patch.setattr(enforcement, "_record", _die)
            deliver(self.now, self.worker)
        self.worker.dies = ""
        self.kumo.faults = []
        if fault == "down":
            self.kumo.start()
            self.kumo.entries.clear()

    def settle(self) -> None:
        """Let time pass without faults, and look."""
        for _ in range(12):
            self.now += 2 * MINUTE
            reconcile(self.now, self.worker)
            deliver(self.now, self.worker)
        assert self.kumo.held == set(stops_for(self.endpoint))
        orders = list(EnforcementOrder.objects.filter(endpoint=self.endpoint).order_by("account", "sequence"))
        assert {one.state for one in orders} <= {State.DELIVERED}
        for account in self.accounts:
            ids = [f"msg_{one.pk.hex}" for one in orders if one.account_id == account.pk]
            heard = [one for one in self.worker.heard if one in ids]
            assert list(dict.fromkeys(heard)) == ids  # each at least once, and none before the one it follows
            assert [ids.index(one) for one in heard] == sorted(ids.index(one) for one in heard)
        assert mta_alarms(self.now) == []


def _die(*args: object) -> None:
    raise Killed
