"""Whom an account must not mail: the list and the bulk check."""

from datetime import timedelta

import pytest
from django.utils import timezone

from courrielleur import vault
from courrielleur.accounts.permissions import Scope
from courrielleur.api.serializers.suppressions import REASONS
from fbl.core.addresses import digest
from fbl.models import Suppression
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

URL = "/api/v1/accounts/acme/suppressions"


def of(address):
    return digest(address, vault.digest_key())


def suppress(account, address, reason, **fields):
    return Suppression.objects.create(
        account_id=account.pk,
        recipient_digest=of(address),
        reason=reason,
        recipient=vault.encrypt_text(address),
        tag="pourriel" if reason == "complaint" else "",
        since=fields.pop("since", timezone.now()),
        **fields,
    )


@pytest.fixture
def suppressed(house: House):
    suppress(house.acme, "anne@example.com", "complaint")
    suppress(house.acme, "marie@example.com", "hard_bounce")
    suppress(house.acme, "paul@example.com", "unsubscribe")
    suppress(house.cactus, "ana@example.org", "hard_bounce")


def test_who_complained_is_told_by_digest_only(caller: Caller, house: House, suppressed):
    for owner in ({}, {"reseller": house.boreal}, {"account": house.acme}):
        items = caller(**owner).get(URL).json()["items"]
        shown = {item["reason"]: (item["address"], item["tag"]) for item in items}
        assert shown == {
            "complaint": (None, "pourriel"),
            "hard_bounce": ("marie@example.com", ""),
            "unsubscribe": ("paul@example.com", ""),
        }
        assert {item["digest"] for item in items if item["reason"] == "complaint"} == {of("anne@example.com").hex()}


def test_thousands_of_the_same_moment_are_paged_without_loss(platform, house: House):
    now = timezone.now()
    for number in range(25):
        suppress(house.acme, f"n{number}@example.com", "complaint", since=now - timedelta(seconds=number // 10))
    seen, url = [], f"{URL}?limit=4"
    while url:
        reply = platform.get(url).json()
        seen += [item["digest"] for item in reply["items"]]
        url = reply["next"]
    assert len(seen) == len(set(seen)) == 25


def test_the_check_tells_which_and_why(caller: Caller, house: House, suppressed):
    suppress(house.acme, "anne@example.com", "unsubscribe")
    asked = ["Anne@Example.com", "zoe@example.com", of("marie@example.com").hex().upper(), "ana@example.org"]
    reply = caller(account=house.acme).post(f"{URL}/check", {"recipients": asked}, format="json")

    assert reply.status_code == 200
    assert reply.json()["checked"] == 4
    found = {item["recipient"]: {r["reason"] for r in item["reasons"]} for item in reply.json()["suppressed"]}
    assert found == {asked[0]: {"complaint", "unsubscribe"}, asked[2]: {"hard_bounce"}}


@pytest.mark.parametrize("recipients", [None, [], "a@example.com", {}])
def test_a_check_of_nothing_is_refused(platform, house: House, recipients):
    reply = platform.post(f"{URL}/check", {"recipients": recipients}, format="json")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/recipients"


@pytest.mark.parametrize("wrong", ["nobody", "", 5, None, "z" * 32, "a" * 31, "x@" + "y" * 400, "a\x00@example.com"])
def test_what_is_neither_address_nor_digest_is_pointed_at(platform, house: House, wrong):
    reply = platform.post(f"{URL}/check", {"recipients": ["a@example.com", wrong]}, format="json")
    assert reply.status_code == 400
    assert [error["pointer"] for error in reply.json()["errors"]] == ["/recipients/1"]


def test_too_many_at_once_are_refused_with_the_limit(platform, house: House):
    reply = platform.post(f"{URL}/check", {"recipients": ["a@example.com"] * 10_001}, format="json")
    assert reply.status_code == 413


def test_strangers_see_nothing_and_a_scope_is_needed(caller: Caller, house: House):
    for owner in ({"reseller": house.austral}, {"account": house.bistro}):
        assert caller(**owner).get(URL).status_code == 404
        assert caller(**owner).post(f"{URL}/check", {"recipients": ["a@example.com"]}, format="json").status_code == 404
    assert caller(Scope.CASES_READ).get(URL).status_code == 403
    assert caller(Scope.CASES_READ).post(f"{URL}/check", {}, format="json").status_code == 403


def test_the_reasons_of_the_reference_are_those_that_exist():
    assert Suppression.Reason.values == REASONS
