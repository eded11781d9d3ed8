"""The outbox: every order at least once, in order, signed."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from abuse.adapters.enforcers import Delivered, Failed, MemoryEnforcer, Message
from abuse.models import Endpoint, EnforcementOrder, Standing, Suspension
from abuse.services import enforcement, mtas, suspensions
from abuse.services.enforcement import ReplayRefused, wait_after
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from tests.abuse.world import Receiver
from tests.worlds import NOON, make_account

State = EnforcementOrder.State
Kind = Endpoint.Kind


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


@pytest.fixture
def memory() -> MemoryEnforcer:
    return MemoryEnforcer()


@pytest.fixture
def channels(memory: MemoryEnforcer, settings: object) -> dict:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    return {"webhook": memory}


@pytest.fixture
def endpoint(db: None, channels: dict) -> Endpoint:
    endpoint, _ = enforcement.create_endpoint(url="https://mta.example.com/hooks")
    return endpoint


def failing(error: str = "HTTP 500", **more: object) -> MemoryEnforcer:
    return MemoryEnforcer(lambda message: Failed(error, **more))


def suspend_and_lift(account: Account) -> Suspension:
    suspension = suspensions.impose(account, now=NOON, reason="x")
    suspensions.lift(suspension, now=NOON, by=None, reason="y")
    return suspension


def actions(memory: MemoryEnforcer) -> list[str]:
    import json

    return [json.loads(message.body)["type"] for message in memory.sent]


def test_a_receiver_can_verify_the_order_it_gets(account: Account, receiver: Receiver, secret: str) -> None:
    case = suspensions.impose(account, now=NOON, reason="x").case
    assert enforcement.deliver_due(NOON) == 1
    (body,) = receiver.verified(secret)
    assert body == {
        "type": "account.suspended",
        "timestamp": "2026-11-20T12:00:00Z",
        "data": {
            "account": "acme",
            "reseller": "boreal",
            "standing": "suspended",
            "since": "2026-11-20T12:00:00Z",
            "reasons": ["by_hand"],
            "case": case.key,
            "sequence": 1,
            "statement": {
                "is_automated": True,
                "decision": None,
                "digest": None,
                "facts": {"fr": "x", "en": "x"},
            },
        },
    }
    assert EnforcementOrder.objects.get().state == State.DELIVERED


def test_a_retry_has_the_same_id_and_bytes(account: Account, receiver: Receiver, secret: str) -> None:
    receiver.answers = [(500, {})]
    suspensions.impose(account, now=NOON, reason="x")
    assert enforcement.deliver_due(NOON) == 0
    assert enforcement.deliver_due(NOON + timedelta(seconds=4)) == 0
    assert enforcement.deliver_due(NOON + timedelta(seconds=6)) == 1
    (first, first_body), (second, second_body) = receiver.requests
    assert first["webhook-id"] == second["webhook-id"]
    assert first_body == second_body
    receiver.verified(secret)


def test_orders_of_an_account_go_out_in_order(account: Account, endpoint, memory, channels: dict) -> None:
    suspend_and_lift(account)
    assert enforcement.deliver_due(NOON, channels=channels) == 2
    assert actions(memory) == ["account.suspended", "account.reinstated"]


def test_a_later_order_waits_for_the_one_before(account: Account, endpoint, channels: dict) -> None:
    suspend_and_lift(account)
    refusing = failing()
    assert enforcement.deliver_due(NOON, channels={"webhook": refusing}) == 0
    assert actions(refusing) == ["account.suspended"]


def test_another_account_does_not_wait(account: Account, endpoint, memory, channels: dict) -> None:
    suspensions.impose(account, now=NOON, reason="x")
    enforcement.deliver_due(NOON, channels={"webhook": failing()})
    suspensions.impose(make_account("zenith"), now=NOON, reason="x")
    assert enforcement.deliver_due(NOON, channels=channels) == 1


def test_after_the_last_attempt_an_order_is_dead_and_blocks_until_it_is_skipped(
    account: Account, endpoint, memory, channels: dict, lea: Actor
) -> None:
    suspension = suspend_and_lift(account)
    now = NOON
    for _ in range(len(enforcement.RETRY_WAITS) + 1):
        enforcement.deliver_due(now, channels={"webhook": failing()})
        now += timedelta(hours=30)
    dead = EnforcementOrder.objects.get(sequence=1)
    assert (dead.state, dead.attempts, dead.last_error) == (State.DEAD, 10, "HTTP 500")
    assert enforcement.deliver_due(now, channels=channels) == 0

    enforcement.skip(dead, reason="this MTA was taken down", actor=lea, now=now)

    assert enforcement.deliver_due(now, channels=channels) == 1
    assert actions(memory) == ["account.reinstated"]
    line = suspension.case.events.get(move="order_skipped")
    assert (line.actor, line.text, line.is_internal) == (lea.user, "this MTA was taken down", True)


def test_a_dead_order_can_be_replayed_under_its_id(account: Account, endpoint, memory, channels: dict) -> None:
    suspensions.impose(account, now=NOON, reason="x")
    order = EnforcementOrder.objects.get()
    EnforcementOrder.objects.filter(pk=order.pk).update(state=State.DEAD, attempts=10)
    enforcement.replay(order, now=NOON)
    assert enforcement.deliver_due(NOON, channels=channels) == 1
    assert memory.sent[0].id == f"msg_{order.pk.hex}"


def test_an_order_is_not_replayed_past_a_later_one(account: Account, endpoint, channels: dict) -> None:
    suspend_and_lift(account)
    enforcement.deliver_due(NOON, channels=channels)
    with pytest.raises(ReplayRefused):
        enforcement.replay(EnforcementOrder.objects.get(sequence=1), now=NOON)
    enforcement.replay(EnforcementOrder.objects.get(sequence=2), now=NOON)
    assert enforcement.deliver_due(NOON, channels=channels) == 1


def test_410_disables_the_endpoint_and_its_orders(account: Account, receiver: Receiver, secret: str) -> None:
    receiver.answers = [(410, {})]
    suspend_and_lift(account)
    enforcement.deliver_due(NOON)
    assert Endpoint.objects.get().disabled_at == NOON
    assert set(EnforcementOrder.objects.values_list("state", flat=True)) == {State.SKIPPED}
    assert len(receiver.requests) == 1


def test_retry_after_is_respected(account: Account, receiver: Receiver, secret: str) -> None:
    receiver.answers = [(429, {"Retry-After": "3600"})]
    suspensions.impose(account, now=NOON, reason="x")
    enforcement.deliver_due(NOON)
    assert EnforcementOrder.objects.get().next_attempt_at == NOON + timedelta(hours=1)


def test_a_redirect_is_a_failure(account: Account, receiver: Receiver, secret: str) -> None:
    receiver.answers = [(302, {"Location": receiver.url})]
    suspensions.impose(account, now=NOON, reason="x")
    enforcement.deliver_due(NOON)
    assert EnforcementOrder.objects.get().last_error == "HTTP 302"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("attempt", range(1, 10))
def test_waits_follow_the_schedule_with_a_little_jitter(attempt: int) -> None:
    wait = wait_after(attempt, Failed("x"))
    assert enforcement.RETRY_WAITS[attempt - 1] <= wait <= enforcement.RETRY_WAITS[attempt - 1] * 1.1


def test_after_ten_attempts_there_is_no_eleventh() -> None:
    assert wait_after(10, Failed("x")) is None


def test_a_worker_killed_after_sending_sends_again_and_stays_in_order(account: Account, endpoint, channels) -> None:
    suspend_and_lift(account)

    def send_and_die(message: Message) -> Delivered:
        raise Killed

    dying = MemoryEnforcer(send_and_die)
    with pytest.raises(Killed):
        enforcement.deliver_due(NOON, channels={"webhook": dying})
    assert actions(dying) == ["account.suspended"]

    survivor = MemoryEnforcer()
    assert enforcement.deliver_due(NOON + timedelta(seconds=30), channels={"webhook": survivor}) == 0
    assert enforcement.deliver_due(NOON + timedelta(seconds=61), channels={"webhook": survivor}) == 2
    assert actions(survivor) == ["account.suspended", "account.reinstated"]
    assert survivor.sent[0].id == dying.sent[0].id


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_an_order_once(channels: dict) -> None:
    account = make_account()
    enforcement.create_endpoint(url="https://mta.example.com/hooks")
    suspend_and_lift(account)
    together = threading.Barrier(2)
    memory = MemoryEnforcer()

    def work() -> None:
        together.wait()
        try:
            enforcement.deliver_due(NOON, channels={"webhook": memory})
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    enforcement.deliver_due(NOON, channels={"webhook": memory})
    assert actions(memory) == ["account.suspended", "account.reinstated"]


def test_a_faulty_channel_does_not_stop_the_others(account: Account, endpoint, memory, settings) -> None:
    mtas.add(Kind.KUMOMTA, name="kumo-1", url="http://192.0.2.10:8000")
    suspensions.impose(account, now=NOON, reason="x")
    broken = MemoryEnforcer(lambda message: 1 / 0)
    assert enforcement.deliver_due(NOON, channels={"webhook": broken, "kumomta": memory}) == 1
    assert "ZeroDivisionError" in EnforcementOrder.objects.get(state=State.PENDING).last_error


def test_a_new_endpoint_is_told_what_is_suspended(account: Account, channels: dict, memory) -> None:
    make_account("zenith")
    suspensions.impose(account, now=NOON, reason="x")
    enforcement.create_endpoint(url="https://late.example.com/hooks", now=NOON)
    assert enforcement.deliver_due(NOON, channels=channels) == 1
    assert actions(memory) == ["account.suspended"]


def test_the_secret_is_encrypted_at_rest(receiver: Receiver, secret: str) -> None:
    assert secret.encode() not in bytes(Endpoint.objects.get().secret)


@pytest.mark.parametrize(
    "url",
    [
        "http://mta.example.com/hooks",
        "https://127.0.0.1/hooks",
        "https://[::1]/hooks",
        "https://10.0.0.7/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.7]/hooks",
        "https://user:password@mta.example.com/",
        "ftp://mta.example.com/",
        "https://",
        "hooks",
        "https://[",
    ],
)
def test_an_endpoint_leads_nowhere_private(db: None, settings: object, url: str) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    with pytest.raises(ValidationError):
        enforcement.create_endpoint(url=url)


def test_a_test_message_is_signed_and_orders_nothing(receiver: Receiver, secret: str) -> None:
    endpoint = Endpoint.objects.get()
    assert enforcement.send_test(endpoint) == Delivered(204)
    (body,) = receiver.verified(secret)
    assert body["type"] == "endpoint.test"
    assert not Standing.objects.exists()
