"""Pages by cursor: each row once, in order, whatever arrives in between."""

import pytest

from courrielleur.accounts import services
from courrielleur.accounts.models import Account, SendingAsset
from courrielleur.api import pagination
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db


def test_following_next_shows_every_row_once(caller: Caller, house: House):
    for number in range(12):
        services.create_account(reseller=house.boreal, key=f"n-{number:02}", name="N", language="fr")
    client = caller(reseller=house.boreal)
    seen, url = [], "/api/v1/accounts?limit=5"
    while url:
        reply = client.get(url).json()
        assert len(reply["items"]) <= 5
        seen += [item["key"] for item in reply["items"]]
        url = reply["next"]
        if len(seen) == 5:  # a row before the cursor shifts nothing
            services.create_account(reseller=house.boreal, key="aaa", name="A", language="fr")
    assert seen == sorted(["acme", "bistro", *(f"n-{number:02}" for number in range(12))])


@pytest.mark.parametrize("by", [["kind", "-value"], ["-kind", "value"], ["pool", "-created_at", "pk"]])
def test_ties_and_directions_lose_nothing(db, by):
    for number in range(10):
        kind, value = ("ip", f"192.0.2.{number}") if number % 2 else ("domain", f"d{number}.example.com")
        services.add_asset(kind=kind, value=value, pool="shared")
    by = ["id" if name == "pk" else name for name in by]
    everything = list(SendingAsset.objects.order_by(*by))
    seen, cursor = [], ""
    while True:
        page = pagination.page_of(SendingAsset.objects.all(), by=by, cursor=cursor, limit=3)
        seen += page.rows
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == everything


def test_the_last_page_has_no_next_even_when_it_is_full(db, house: House):
    page = pagination.page_of(Account.objects.all(), by=["key"], cursor="", limit=3)
    assert (len(page.rows), page.next_cursor) == (3, None)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "1e3", "", "9" * 50, "²"])
def test_a_limit_out_of_range_is_refused(platform, limit):
    reply = platform.get("/api/v1/accounts", {"limit": limit})
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize("cursor", ["x", "%", "bnVsbA", "WzFd", "WyJhIiwiYiJd", "W1tbWw", "a" * 3000, "é"])
def test_a_cursor_that_is_not_ours_is_refused(platform, cursor):
    reply = platform.get("/api/v1/accounts", {"cursor": cursor})
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["parameter"] == "cursor"
