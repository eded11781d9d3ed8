"""Webhook endpoints, orders and deliveries over REST."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from abuse.models import Case, Endpoint, EnforcementOrder
from abuse.services import enforcement
from courrielleur.api.serializers.webhooks import ACTIONS, STATES
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

URL = "/api/v1/webhook-endpoints"
HOOK = "https://192.0.2.10/hook"


@pytest.fixture(autouse=True)
def _private_networks(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = True


class Receiver(HTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiving)
        self.received = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"


class Receiving(BaseHTTPRequestHandler):
    def do_POST(self):  # the name http.server calls
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def create(client, url=HOOK, **fields):
    return client.post(URL, {"url": url, **fields}, format="json")


def test_the_secret_is_shown_once(platform):
    reply = create(platform)

    assert reply.status_code == 201
    assert reply.json()["secret"].startswith("whsec_")
    [listed] = platform.get(URL).json()["items"]
    assert "secret" not in listed
    assert listed["id"] == reply.json()["id"]


def test_a_repeated_request_shows_the_same_secret_and_makes_one_endpoint(platform):
    replies = [
        platform.post(URL, {"url": HOOK}, format="json", headers={"Idempotency-Key": "hook-1"}) for _ in range(2)
    ]
    assert replies[0].json() == replies[1].json()
    assert Endpoint.objects.count() == 1


def test_each_side_has_its_own_endpoints(caller: Caller, house: House):
    mine = create(caller(reseller=house.boreal)).json()
    theirs = create(caller(), reseller="austral").json()
    platforms = create(caller()).json()

    assert (mine["reseller"], theirs["reseller"], platforms["reseller"]) == ("boreal", "austral", None)
    assert [item["id"] for item in caller(reseller=house.boreal).get(URL).json()["items"]] == [mine["id"]]
    assert caller(reseller=house.boreal).delete(f"{URL}/{theirs['id']}").status_code == 404
    assert caller(reseller=house.boreal).post(f"{URL}/{platforms['id']}/test").status_code == 404
    assert create(caller(reseller=house.boreal), reseller="austral").json()["errors"][0]["pointer"] == "/reseller"


def test_an_accounts_key_owns_none(caller: Caller, house: House):
    client = caller(account=house.acme)
    assert create(client).status_code == 403
    assert client.get(URL).json()["items"] == []
    assert client.get("/api/v1/orders").json()["items"] == []


@pytest.mark.parametrize(
    "url", ["", "nowhere", "ftp://192.0.2.1/", "javascript:alert(1)", "https://192.0.2.1/" + "x" * 500]
)
def test_an_address_that_is_no_web_address_is_refused(platform, url):
    reply = create(platform, url)
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/url"


def test_an_endpoint_inside_our_own_network_is_refused(platform, settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    for url in ("https://127.0.0.1/x", "https://169.254.169.254/latest", "http://192.0.2.1/x"):
        assert create(platform, url).status_code == 400


def test_disabling_is_done_once_and_may_be_asked_twice(platform):
    endpoint = create(platform).json()["id"]
    assert [platform.delete(f"{URL}/{endpoint}").status_code for _ in range(2)] == [204, 204]
    assert platform.get(URL).json()["items"][0]["disabled_at"]


def test_a_test_message_arrives_signed(platform, receiver):
    made = create(platform, receiver.url).json()

    reply = platform.post(f"{URL}/{made['id']}/test")

    told = reply.json()
    assert (told["delivered"], told["outcome"], told["status"], told["error"]) == (True, "confirmed", 204, None)
    assert "204" in told["detail"]
    [(headers, body)] = receiver.received
    assert Webhook(made["secret"]).verify(body, headers)["type"] == "endpoint.test"


def test_a_test_message_that_nobody_takes_is_told(platform, receiver):
    made = create(platform, receiver.url).json()
    receiver.shutdown()
    receiver.server_close()

    reply = platform.post(f"{URL}/{made['id']}/test")

    assert reply.status_code == 200
    told = reply.json()
    assert (told["delivered"], told["outcome"], told["status"]) == (False, "unreachable", None)
    assert told["error"] in told["detail"]


def test_orders_are_listed_to_their_side_and_a_dead_one_is_sent_again(caller: Caller, house: House, request):
    boreal = caller(reseller=house.boreal)
    create(boreal)
    request.getfixturevalue("case")
    [order] = boreal.get("/api/v1/orders").json()["items"]
    assert (order["account"], order["action"], order["state"]) == ("acme", "account.suspended", "pending")
    assert order["body"]["data"]["standing"] == "suspended"
    assert caller(reseller=house.austral).get("/api/v1/orders").json()["items"] == []
    assert caller(reseller=house.austral).post(f"/api/v1/orders/{order['id']}/replay").status_code == 404

    EnforcementOrder.objects.update(state="dead", attempts=10, ended_at=timezone.now())
    assert len(boreal.get("/api/v1/orders?state=dead").json()["items"]) == 1
    again = boreal.post(f"/api/v1/orders/{order['id']}/replay")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (202, "pending", 0)


def test_an_order_that_would_contradict_a_later_one_is_not_sent_again(platform, case: Case):
    endpoint = create(platform).json()["id"]
    order = EnforcementOrder.objects.get()
    EnforcementOrder.objects.create(
        account=order.account,
        endpoint_id=endpoint,
        sequence=2,
        action="account.reinstated",
        body={},
        state="delivered",
        next_attempt_at=timezone.now(),
        created_at=timezone.now(),
    )
    reply = platform.post(f"/api/v1/orders/{order.pk}/replay")
    assert reply.status_code == 409
    assert "later order" in reply.json()["detail"]


def test_a_state_that_does_not_exist_is_refused(platform):
    assert platform.get("/api/v1/orders?state=lost").json()["errors"][0]["parameter"] == "state"


def test_the_words_of_the_reference_are_those_that_exist():
    assert EnforcementOrder.State.values == STATES
    assert EnforcementOrder.Action.values == ACTIONS
    assert enforcement.State.values == STATES
