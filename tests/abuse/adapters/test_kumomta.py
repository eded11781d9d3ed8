"""KumoMTA on the wire: what it is told, what is never sent, and whose entries are left alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from abuse.adapters import calls
from abuse.adapters.calls import Refused
from abuse.adapters.enforcers import Delivered, Failed, Message, Target, Told
from abuse.adapters.kumomta import KumoEnforcer, span, suspension
from abuse.core.mta_settings import KumoSettings
from abuse.core.stops import Instruction, Stop
from tests.kumomta import Node, node

ACME = Stop("acme")
SALE = Stop("acme", "soldes")
kumo = KumoEnforcer()


@pytest.fixture
def mta() -> Iterator[Node]:
    with node() as found:
        yield found


def obey(mta: Node, *stops: Stop, account: str = "acme", **config: object) -> object:
    target = Target(mta.url, mta.password, config)
    return kumo.assert_again(target, Instruction(account, frozenset(stops), "C-7K3Q9F"))


def test_a_stopped_account_is_suspended_by_its_tenant_with_a_reason_and_an_end(mta: Node) -> None:
    assert obey(mta, ACME) == Delivered(200)
    assert mta.calls[-1] == ("POST", {"tenant": "acme", "reason": "Courrielleur: C-7K3Q9F", "duration": "24h"})
    assert mta.held == {ACME}


def test_a_lift_removes_all_that_is_ours_of_that_tenant(mta: Node) -> None:
    obey(mta, SALE)
    obey(mta, ACME)
    assert mta.held == {ACME}  # the whole account: its campaign needs no entry of its own
    assert obey(mta) == Delivered(200)
    assert mta.held == set()
    assert obey(mta) == Delivered(200)  # twice changes nothing


def test_names_follow_the_templates(mta: Node) -> None:
    obey(mta, SALE, tenant="acct-{account}", campaign="{account}.{campaign}", hours=2, mark="Staging")
    assert mta.calls[-1][1] == {
        "tenant": "acct-acme",
        "campaign": "acme.soldes",
        "reason": "Staging: C-7K3Q9F",
        "duration": "2h",
    }
    told = kumo.tell(Target(mta.url, "", {"tenant": "acct-{account}", "campaign": "{account}.{campaign}"}))
    assert told == Told(frozenset(), others=frozenset({SALE}))  # of another mark: another installation's
    told = kumo.tell(
        Target(mta.url, "", {"tenant": "acct-{account}", "campaign": "{account}.{campaign}", "mark": "Staging"})
    )
    assert isinstance(told, Told)
    assert told.held == {SALE}


def test_what_others_suspended_is_never_touched(mta: Node) -> None:
    theirs = [
        mta.suspend(reason="maintenance", tenant="acme"),
        mta.suspend(reason="maintenance", tenant="zenith"),
        mta.suspend(reason="provider trouble"),  # everything
    ]
    assert obey(mta, ACME) == Delivered(200)  # it is stopped already: ours would replace theirs
    assert obey(mta) == Delivered(200)
    assert mta.entries == theirs
    assert {method for method, _ in mta.calls} == {"GET"}


@pytest.mark.parametrize("stop", [Stop(""), Stop("", "soldes")])
def test_a_suspension_without_a_tenant_is_refused_before_it_is_sent(mta: Node, stop: Stop) -> None:
    with pytest.raises(Refused):
        suspension(stop, KumoSettings())
    answer = obey(mta, stop, account="")
    assert isinstance(answer, Failed)
    assert answer.is_permanent
    assert mta.calls == []


def test_a_campaign_alone_is_never_a_criterion() -> None:
    assert suspension(SALE, KumoSettings())["tenant"] == "acme"
    blank = KumoSettings(campaign=" ")  # can't be set: a template must name {campaign}
    with pytest.raises(Refused):
        suspension(SALE, blank)


@pytest.mark.parametrize(
    ("fault", "permanent"),
    [("error", False), ("refuse", True), ("garbage", False), ("deaf", False)],
)
def test_trouble_is_an_answer(mta: Node, fault: str, permanent: bool) -> None:
    mta.faults = [fault]
    answer = obey(mta, ACME)
    assert isinstance(answer, Failed)
    assert answer.is_permanent is permanent
    assert obey(mta, ACME) == Delivered(200)


def test_a_node_that_is_away_or_does_not_answer_costs_one_time_limit(
    mta: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "TIME_LIMIT_SECONDS", 0.3)
    mta.faults = ["slow"]
    assert obey(mta, ACME) == Failed("no answer within 0 seconds")
    mta.stop()
    answer = obey(mta, ACME)
    assert isinstance(answer, Failed)
    assert "ConnectError" in answer.error


def test_a_suspension_that_ended_in_between_is_lifted_all_the_same(mta: Node) -> None:
    obey(mta, ACME)
    (entry,) = mta.entries
    assert kumo.remove(Target(mta.url), (entry.id, entry.id)) == Delivered(200)
    assert mta.held == set()


def test_a_door_with_a_password_is_opened(mta: Node) -> None:
    mta.password = "courrielleur:s:e"
    assert obey(mta, ACME) == Delivered(200)
    answer = kumo.tell(Target(mta.url, "courrielleur:wrong"))
    assert answer == Failed('HTTP 401: "no"')


def test_it_tells_what_ends_soon_and_what_stands_for_nobody(mta: Node) -> None:
    obey(mta, ACME)
    mta.clock += timedelta(hours=13)
    obey(mta, Stop("zenith"), account="zenith")
    mta.suspend(reason="Courrielleur: C-1", tenant="NOT A KEY")
    stray = mta.entries[-1]
    assert kumo.tell(Target(mta.url)) == Told(
        frozenset({ACME, Stop("zenith")}), ending=frozenset({ACME}), strays=(stray.id,)
    )


def test_a_test_message_asks_and_orders_nothing(mta: Node) -> None:
    assert kumo.send(Message("msg_1", mta.url, "", b"{}", "kumomta")) == Delivered(200)
    assert mta.calls == [("GET", {})]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("1day 2h 3m", 93_780), ("23h 59m 59s 999ms 5us 1ns", 86_399.999005), ("2months", 5_260_032)],
)
def test_durations_are_read_as_they_are_written(text: str, seconds: float) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "5 m", "five m", "5m later", "1fortnight"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        span(text)
