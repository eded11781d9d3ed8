"""Resellers, accounts and assets over REST."""

import pytest

from courrielleur.accounts.models import Account
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

RESELLER = {"key": "nordet", "name": "Nordet", "language": "fr", "notice_address": "abus@example.com"}


def keys(reply):
    assert reply.status_code == 200, reply.content
    return [item["key"] for item in reply.json()["items"]]


def test_each_key_sees_its_own_side(caller: Caller, platform, house: House):
    assert keys(platform.get("/api/v1/accounts")) == ["acme", "bistro", "cactus"]
    assert keys(caller(reseller=house.boreal).get("/api/v1/accounts")) == ["acme", "bistro"]
    assert keys(caller(account=house.acme).get("/api/v1/accounts")) == ["acme"]
    assert keys(platform.get("/api/v1/resellers")) == ["austral", "boreal"]
    assert keys(caller(reseller=house.boreal).get("/api/v1/resellers")) == ["boreal"]
    assert keys(caller(account=house.acme).get("/api/v1/resellers")) == []


@pytest.mark.parametrize("path", ["", "/assets"])
def test_another_tenants_account_is_not_there(caller: Caller, house: House, path):
    assert caller(account=house.cactus).get(f"/api/v1/accounts/cactus{path}").status_code == 200
    for owner in ({"reseller": house.boreal}, {"account": house.acme}):
        reply = caller(**owner).get(f"/api/v1/accounts/cactus{path}")
        assert reply.status_code == 404
        assert reply.json() == caller(**owner).get(f"/api/v1/accounts/nobody{path}").json()


def test_a_reseller_and_its_account_are_added(platform):
    reply = platform.post("/api/v1/resellers", RESELLER, format="json")
    assert (reply.status_code, reply.json()["notice_address"]) == (201, "abus@example.com")

    account = {"key": "zephyr", "name": "Zéphyr", "reseller": "nordet"}
    reply = platform.post("/api/v1/accounts", account, format="json")

    assert reply.status_code == 201
    told = reply.json()
    assert told.pop("number") == Account.objects.get(key="zephyr").pk  # what an MTA writes into references
    assert told | {"created_at": ""} == account | {"language": "fr", "created_at": ""}
    assert platform.get("/api/v1/accounts/zephyr").json()["reseller"] == "nordet"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"key": "Nord et"}, "/key"),
        ({"key": ""}, "/key"),
        ({"key": "boreal"}, "/key"),  # taken
        ({"notice_address": "nobody"}, "/notice_address"),
        ({"language": "de"}, "/language"),
        ({"name": "x" * 201}, "/name"),
        ({"name": None}, "/name"),
    ],
)
def test_a_wrong_field_is_pointed_at(platform, house: House, change, pointer):
    reply = platform.post("/api/v1/resellers", RESELLER | change, format="json")

    assert reply.status_code == 400
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


def test_an_account_needs_a_reseller_that_exists(platform):
    reply = platform.post("/api/v1/accounts", {"key": "a", "name": "A", "reseller": "nobody"}, format="json")

    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/reseller"


def test_assets_are_normalised_and_used_once(platform, house: House):
    sent = {"kind": "domain", "value": "News.Example.COM."}
    assert platform.post("/api/v1/accounts/acme/assets", sent, format="json").json()["value"] == "news.example.com"
    assert platform.post("/api/v1/accounts/bistro/assets", sent, format="json").status_code == 400
    bad = platform.post("/api/v1/accounts/acme/assets", {"kind": "ip", "value": "192.0.2.300"}, format="json")
    assert bad.json()["errors"][0]["pointer"] == "/value"

    listed = platform.get("/api/v1/accounts/acme/assets").json()["items"]
    assert [(item["kind"], item["value"]) for item in listed] == [("domain", "news.example.com")]
