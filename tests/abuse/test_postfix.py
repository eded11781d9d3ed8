"""A real Postfix obeys: it refuses a stopped account's mail, whatever happens to what stands behind the answer."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from abuse.services import suspensions
from courrielleur.accounts.models import SendingAsset
from tests.installation import wait_for
from tests.policy_server import Bridge, PolicyServer, policy_server
from tests.postfix import Postfix
from tests.worlds import make_account

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSED = (250, "2.0.0 Ok: queued as")
KEYS = {"COURRIELLEUR_POLICY_KEYS": "sasl_username,sender_domain,client_address"}


@pytest.fixture
def bridge(database_url: str) -> Iterator[Bridge]:
    bridge = Bridge(database_url)
    yield bridge
    bridge.close()


@pytest.fixture
def server(bridge: Bridge) -> Iterator[PolicyServer]:
    with policy_server(bridge.url, **KEYS) as server:
        yield server


@pytest.fixture
def postfix(server: PolicyServer) -> Iterator[Postfix]:
    postfix = Postfix(f"inet:127.0.0.1:{server.port}")
    try:
        postfix.start()
        yield postfix
    finally:
        postfix.stop()


def passes(answer: tuple[int, str]) -> bool:
    return (answer[0], answer[1][: len(PASSED[1])]) == PASSED


def test_postfix_refuses_a_stopped_account_until_it_is_lifted(
    postfix: Postfix, server: PolicyServer, bridge: Bridge
) -> None:
    acme, _zenith = make_account(), make_account("zenith")
    SendingAsset.objects.create(kind="domain", value="acme.example.com", account=acme)
    SendingAsset.objects.create(kind="ip", value="192.0.2.7", account=acme)
    assert passes(postfix.offer(login="acme")), postfix.log()

    suspension = suspensions.impose(acme, now=timezone.now(), reason="x")
    wait_for(lambda: not passes(postfix.offer(login="acme")), "the refusal")
    status, words = postfix.offer(login="acme")
    assert (status, words.startswith("4.7.1 ")) == (450, True)
    assert "Sending is suspended for this account" in words
    assert postfix.offer(sender="info@news.acme.example.com") == (status, words)
    assert postfix.offer(address="192.0.2.7") == (status, words)
    assert passes(postfix.offer(login="zenith", sender="info@zenith.example.com", address="192.0.2.8"))

    bridge.cut()
    wait_for(lambda: "The database is away" in server.said(), "the loss to be noticed")
    assert postfix.offer(login="acme") == (status, words)
    assert passes(postfix.offer(login="zenith"))
    bridge.mend()

    suspensions.lift(suspension, now=timezone.now(), by=None, reason="y")
    wait_for(lambda: passes(postfix.offer(login="acme")), "the mail to pass again")

    server.stop()
    # Nobody answers: Postfix's smtpd_policy_service_default_action.
    assert postfix.offer(login="zenith") == (
        451,
        "4.3.5 <ana@example.org>: Recipient address rejected: Server configuration problem",
    )
    server.start()
    wait_for(lambda: passes(postfix.offer(login="zenith")), "the mail to pass again")
