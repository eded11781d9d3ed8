"""Keys and scopes at the door of the API."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from courrielleur.accounts import services
from courrielleur.accounts.permissions import Scope
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db


def with_key(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}", HTTP_ACCEPT_LANGUAGE="en")
    return client


def test_without_a_key_the_answer_says_how_to_send_one():
    reply = APIClient().get("/api/v1/accounts", HTTP_ACCEPT_LANGUAGE="en")

    assert reply.status_code == 401
    assert reply["WWW-Authenticate"] == 'Bearer realm="Courrielleur"'
    assert reply["Content-Type"] == "application/problem+json"
    assert "Authorization: Bearer" in reply.json()["detail"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Basic abc",
        "Bearer a b",
        "Bearer " + "x" * 500,
        "Bearer ck_unknown_secret",
        "Bearer ck_a\x00b_c",
        "Bearer \xe9t\xe9",
    ],
)
def test_a_malformed_or_unknown_key_is_refused(header):
    reply = APIClient().get("/api/v1/accounts", HTTP_AUTHORIZATION=header)

    assert reply.status_code == 401
    assert reply.json()["type"].endswith("/problems/unauthenticated")


def test_an_expired_or_revoked_key_is_refused():
    _key, expired = services.issue_key(label="old", scopes=[Scope.ACCOUNTS_READ], expires_at=timezone.now())
    later = timezone.now() + timedelta(days=1)
    live_key, live = services.issue_key(label="new", scopes=[Scope.ACCOUNTS_READ], expires_at=later)

    assert with_key(expired).get("/api/v1/accounts").status_code == 401
    assert with_key(live).get("/api/v1/accounts").status_code == 200
    services.revoke_key(live_key)
    assert with_key(live).get("/api/v1/accounts").status_code == 401


def test_a_key_works_from_its_networks_only():
    _key, near = services.issue_key(label="near", scopes=[Scope.ACCOUNTS_READ], allowed_networks=["127.0.0.0/8"])
    _key, far = services.issue_key(label="far", scopes=[Scope.ACCOUNTS_READ], allowed_networks=["192.0.2.0/24"])

    assert with_key(near).get("/api/v1/accounts").status_code == 200
    # A header anybody can write moves nobody into a network: no proxy was configured.
    assert with_key(far).get("/api/v1/accounts", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 401


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(monkeypatch):
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    _key, near = services.issue_key(label="near", scopes=[Scope.ACCOUNTS_READ], allowed_networks=["192.0.2.0/24"])

    def status(forwarded):
        return with_key(near).get("/api/v1/accounts", HTTP_X_FORWARDED_FOR=forwarded).status_code

    assert status("198.51.100.1, 192.0.2.7") == 200
    assert status("192.0.2.7, 198.51.100.1") == 401  # what the client itself wrote is not believed
    assert status("unknown") == 401


def test_a_missing_scope_is_named(caller: Caller):
    reply = caller(Scope.CASES_READ).get("/api/v1/accounts")

    assert reply.status_code == 403
    assert "accounts:read" in reply.json()["detail"]


def test_a_platform_scope_on_a_tenants_key_opens_nothing(caller: Caller, house: House):
    api_key, secret = services.issue_key(label="t", scopes=[Scope.ACCOUNTS_READ], reseller=house.boreal)
    api_key.scopes = [Scope.ACCOUNTS_WRITE.value]  # as if a row had been tampered with
    api_key.save(update_fields=["scopes"])

    reply = with_key(secret).post("/api/v1/accounts", {}, format="json")

    assert reply.status_code == 403


def test_a_keys_last_use_is_remembered(caller: Caller):
    api_key, secret = services.issue_key(label="t", scopes=[Scope.ACCOUNTS_READ])

    with_key(secret).get("/api/v1/accounts")

    api_key.refresh_from_db()
    assert api_key.last_used_at is not None
