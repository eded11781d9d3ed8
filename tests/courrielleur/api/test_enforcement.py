"""MTAs that ask: the whole list, the changes since, the confirmation, and the disagreement."""

import uuid

import pytest
from django.utils import timezone

from abuse.models import Endpoint, EnforcementOrder, Suspension
from abuse.selectors.stops import mtas as views
from abuse.services import enforcement, mtas, pulls, suspensions
from tests.courrielleur.api.conftest import Caller, House

STANDINGS = "/api/v1/enforcement/standings"
ACKNOWLEDGEMENTS = "/api/v1/enforcement/acknowledgements"

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint() -> Endpoint:
    return mtas.add("pull", name="mx-a")


@pytest.fixture
def mta(caller: Caller, endpoint: Endpoint):
    return caller()


def stop(house: House) -> Suspension:
    return suspensions.impose(house.acme, now=timezone.now(), reason="x")


def lift(suspension: Suspension) -> None:
    suspensions.lift(suspension, now=timezone.now(), by=None, reason="y")


def ask(mta, **parameters: object) -> dict:
    reply = mta.get(STANDINGS, parameters)
    assert reply.status_code == 200, reply.content
    return reply.json()


def lines(answer: dict) -> list[tuple[str, str]]:
    return [(one["account"], one["hold"]) for one in answer["standings"]]


def confirm(mta, cursor: int, **more: object) -> dict:
    reply = mta.post(ACKNOWLEDGEMENTS, {"cursor": cursor, **more}, format="json")
    assert reply.status_code == 200, reply.content
    return reply.json()


def states() -> list[str]:
    return list(EnforcementOrder.objects.order_by("sequence").values_list("state", flat=True))


def test_the_whole_list_then_what_has_changed_since(mta, endpoint: Endpoint, house: House):
    assert ask(mta) == {"endpoint": str(endpoint.pk), "cursor": 0, "complete": True, "standings": []}
    suspension = stop(house)
    first = ask(mta, since=0)
    assert (first["cursor"], first["complete"], lines(first)) == (1, False, [("acme", "all")])
    assert lines(ask(mta)) == [("acme", "all")]
    assert lines(ask(mta, since=1)) == []
    lift(suspension)
    second = ask(mta, since=1)
    assert (second["cursor"], lines(second)) == (2, [("acme", "nothing")])
    assert lines(ask(mta)) == []


def test_orders_are_confirmed_up_to_the_cursor_and_no_further(mta, house: House):
    suspension = stop(house)
    cursor = ask(mta)["cursor"]
    lift(suspension)
    assert confirm(mta, cursor)["differences"] == []
    assert states() == ["delivered", "pending"]
    confirm(mta, ask(mta, since=cursor)["cursor"])
    assert states() == ["delivered", "delivered"]
    assert Endpoint.objects.get().acknowledged == 2


def test_a_cursor_that_was_never_handed_out(mta, house: House):
    stop(house)
    answer = ask(mta, since=41)  # after a restored backup, perhaps
    assert (answer["complete"], lines(answer)) == (True, [("acme", "all")])
    reply = mta.post(ACKNOWLEDGEMENTS, {"cursor": 41}, format="json")
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (400, "/cursor")
    assert states() == ["pending"]


def test_nothing_new_is_told_without_a_body(mta, house: House):
    stop(house)
    etag = mta.get(STANDINGS)["ETag"]
    reply = mta.get(STANDINGS, headers={"If-None-Match": etag})
    assert (reply.status_code, reply.content, reply["ETag"]) == (304, b"", etag)
    assert mta.get(STANDINGS, {"since": 1}, headers={"If-None-Match": etag}).status_code == 200
    suspensions.impose(house.bistro, now=timezone.now(), reason="x")
    assert mta.get(STANDINGS, headers={"If-None-Match": etag}).status_code == 200


def test_an_mta_of_another_opinion_is_seen_and_told_again(mta, house: House):
    stop(house)
    confirm(mta, ask(mta)["cursor"])
    said = confirm(mta, 1, held=[{"account": "bistro"}])["differences"]
    assert [(one["account"], one["it_holds"]) for one in said] == [("acme", False), ("bistro", True)]
    again = ask(mta, since=1)
    assert lines(again) == [("acme", "all"), ("bistro", "nothing")]
    (seen,) = views(timezone.now())
    assert [one.stop.account for one in seen.differences] == ["acme", "bistro"]

    assert confirm(mta, again["cursor"], held=[{"account": "acme", "campaign": ""}])["differences"] == []
    (seen,) = views(timezone.now())
    assert (seen.condition, seen.endpoint.held, seen.waiting) == ("fine", 1, 0)


def test_a_reseller_hears_of_its_own_accounts_only(caller: Caller, house: House, endpoint: Endpoint):
    mtas.add("pull", name="mx-boreal", reseller=house.boreal)
    for account in (house.acme, house.cactus):
        suspensions.impose(account, now=timezone.now(), reason="x")
    theirs = caller(reseller=house.boreal)
    assert lines(ask(theirs)) == [("acme", "all")]
    assert theirs.get(STANDINGS, {"endpoint": str(endpoint.pk)}).status_code == 404
    assert lines(ask(caller())) == [("acme", "all"), ("cactus", "all")]
    assert caller(account=house.acme).get(STANDINGS).status_code == 404
    assert caller(reseller=house.austral).get(STANDINGS).status_code == 404


def test_who_has_several_says_which(mta, house: House, endpoint: Endpoint):
    mtas.add("pull", name="mx-b")
    reply = mta.get(STANDINGS)
    assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (400, "endpoint")
    reply = mta.post(ACKNOWLEDGEMENTS, {"cursor": 0}, format="json")
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (400, "/endpoint")
    assert ask(mta, endpoint=str(endpoint.pk))["endpoint"] == str(endpoint.pk)
    assert mta.get(STANDINGS, {"endpoint": str(uuid.uuid4())}).status_code == 404


@pytest.mark.parametrize("parameters", [{"since": "x"}, {"since": "-1"}, {"since": "9" * 30}, {"endpoint": "x"}])
def test_a_bad_question_is_told_where(mta, parameters: dict):
    reply = mta.get(STANDINGS, parameters)
    assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (400, next(iter(parameters)))


def test_a_disabled_endpoint_asks_in_vain(mta, endpoint: Endpoint):
    enforcement.disable_endpoint(endpoint, "taken down")
    assert mta.get(STANDINGS).status_code == 404


def test_who_waits_is_answered_as_soon_as_something_changes(mta, endpoint, house: House, monkeypatch):
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            stop(house)

    monkeypatch.setattr(pulls.time, "sleep", sleep)
    assert lines(ask(mta, since=0, wait=20)) == [("acme", "all")]
    assert len(looks) == 3
    assert lines(ask(mta, since=0, wait=20)) == [("acme", "all")], "news that is there waits for nobody"
    assert len(looks) == 3


def test_who_finds_no_seat_is_answered_at_once_and_none_is_kept(mta, endpoint, monkeypatch):
    monkeypatch.setattr(pulls.time, "sleep", lambda seconds: pytest.fail("waited"))
    seats = pulls._SEATS
    assert seats.acquire(blocking=False)
    assert seats.acquire(blocking=False)
    try:
        assert ask(mta, since=0, wait=20)["standings"] == []
    finally:
        seats.release(2)
    monkeypatch.setattr(pulls, "LOOK_EVERY", 0)
    monkeypatch.setattr(pulls.time, "sleep", lambda seconds: None)
    for _ in range(3):
        assert ask(mta, since=0, wait=1)["standings"] == []


@pytest.mark.parametrize("wrong", ["21", "-1", "x", "1.5", "9" * 30])
def test_a_wait_that_is_too_long_is_refused(mta, endpoint, wrong: str):
    reply = mta.get(STANDINGS, {"since": 0, "wait": wrong})
    assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (400, "wait")
