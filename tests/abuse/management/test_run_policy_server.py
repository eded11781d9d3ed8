"""The policy server as a process: it learns at once, forgets nothing, and needs no database to answer."""

import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from abuse.models import Endpoint, EnforcementOrder, Suspension
from abuse.selectors.stops import mtas
from abuse.services import suspensions
from courrielleur.accounts.models import Account
from tests.installation import PATIENCE_SECONDS, wait_for
from tests.policy_server import Bridge, PolicyServer, policy_server
from tests.worlds import make_account

pytestmark = pytest.mark.django_db(transaction=True)

STOPPED = "DEFER_IF_PERMIT 4.7.1 Sending is suspended for this account; see your console"
# So long that nothing but a NOTIFY can be the reason that the server knows.
PATIENT = {"COURRIELLEUR_POLICY_REFRESH_SECONDS": "3600"}


@pytest.fixture
def acme() -> Account:
    return make_account()


@pytest.fixture
def bridge(database_url: str) -> Iterator[Bridge]:
    bridge = Bridge(database_url)
    yield bridge
    bridge.close()


@pytest.fixture
def server(bridge: Bridge) -> Iterator[PolicyServer]:
    with policy_server(bridge.url, **PATIENT) as server:
        wait_for(lambda: Endpoint.objects.filter(heard_at__isnull=False).exists(), "the first copy")
        yield server


def stop(account: Account) -> Suspension:
    return suspensions.impose(account, now=timezone.now(), reason="x")


def wait_until(server: PolicyServer, action: str, **attributes: str) -> None:
    wait_for(lambda: server.ask(**attributes) == action, f"{action} for {attributes}; {server.said()}")


def test_a_suspension_is_heard_of_at_once_and_so_is_its_end(server: PolicyServer, acme: Account) -> None:
    make_account("zenith")
    assert server.ask(sasl_username="acme") == "DUNNO"
    suspension = stop(acme)
    wait_until(server, STOPPED, sasl_username="acme")
    assert server.ask(sasl_username="zenith") == "DUNNO"

    wait_for(lambda: not EnforcementOrder.objects.exclude(state="delivered").exists(), "the confirmation")
    order = EnforcementOrder.objects.get()
    assert (order.endpoint.kind, order.endpoint.name, order.attempts) == ("postfix", "mx1.example.com", 1)
    (seen,) = mtas(timezone.now())
    assert (seen.condition, seen.endpoint.held, seen.waiting) == ("fine", 1, 0)
    (seen,) = mtas(timezone.now() + timedelta(minutes=6))
    assert (seen.condition, seen.is_alarming) == ("silent", True)

    suspensions.lift(suspension, now=timezone.now(), by=None, reason="y")
    wait_until(server, "DUNNO", sasl_username="acme")


def test_without_its_database_it_answers_as_before_also_after_a_restart(
    server: PolicyServer, bridge: Bridge, acme: Account
) -> None:
    suspension = stop(acme)
    wait_until(server, STOPPED, sasl_username="acme")
    bridge.cut()
    wait_for(lambda: "The database is away" in server.said(), "the loss to be noticed")
    assert server.ask(sasl_username="acme") == STOPPED
    assert server.ask(sasl_username="zenith") == "DUNNO"

    server.stop(signal.SIGKILL)
    server.start()
    assert server.ask(sasl_username="acme") == STOPPED

    suspensions.lift(suspension, now=timezone.now(), by=None, reason="y")
    assert server.ask(sasl_username="acme") == STOPPED  # it can't know yet
    bridge.mend()
    wait_until(server, "DUNNO", sasl_username="acme")


def test_a_second_one_is_refused_in_words_and_sigterm_ends_the_first(
    server: PolicyServer, database_url: str, tmp_path: Path
) -> None:
    second = PolicyServer(database_url, tmp_path, port=server.port)
    with suppress(AssertionError):  # it may seem to listen: the first one does
        second.start()
    assert second.process is not None
    assert second.process.wait(PATIENCE_SECONDS) == 1
    assert f"can't listen on 127.0.0.1:{server.port}" in second.said()

    assert server.ask(sasl_username="acme") == "DUNNO"
    assert server.stop() == 0
    assert "requests answered, 0 of them stopped." in server.said()
