"""Each key has its own quota, and is told of it."""

import pytest
import time_machine
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from courrielleur.api.throttles import quota_of
from tests.courrielleur.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_a_minute(monkeypatch):
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "key", "3/min")


def test_the_headers_count_down_and_the_fourth_call_waits(caller: Caller, three_a_minute):
    client, other = caller(), caller()
    with time_machine.travel("2026-11-20T14:00:18Z", tick=False) as clock:
        remaining = [client.get("/api/v1/accounts")["RateLimit"] for _ in range(3)]
        assert remaining == ['"key";r=2;t=42', '"key";r=1;t=42', '"key";r=0;t=42']

        refused = client.get("/api/v1/accounts")
        assert refused.status_code == 429
        assert refused["Retry-After"] == "42"
        assert refused["RateLimit-Policy"] == '"key";q=3;w=60'
        assert refused.json()["type"].endswith("/problems/too-many-requests")

        assert other.get("/api/v1/accounts").status_code == 200
        clock.shift(42)
        assert client.get("/api/v1/accounts").status_code == 200


@pytest.mark.parametrize(
    ("rate", "expected"),
    [("600/min", (600, 60)), ("5/s", (5, 1)), ("9/hour", (9, 3600)), ("1/day", (1, 86400)), ("", (0, 60))],
)
def test_rates_are_read(monkeypatch, rate, expected):
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "key", rate)
    assert quota_of("key") == expected


def test_a_quota_of_zero_is_no_limit(caller: Caller, monkeypatch):
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "key", "0/min")
    assert "RateLimit" not in caller().get("/api/v1/accounts")


def test_calls_without_a_valid_key_are_counted_by_address_and_hold_up_no_key(caller: Caller, monkeypatch):
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "address", "3/min")
    good, stranger = caller(), APIClient()
    with time_machine.travel("2026-11-20T14:00:18Z", tick=False) as clock:
        wrong = {"HTTP_AUTHORIZATION": "Bearer ck_wrong_key"}
        assert [stranger.get("/api/v1/accounts", **sent).status_code for sent in ({}, wrong, {})] == [401] * 3
        refused = stranger.get("/api/v1/accounts", **wrong)
        assert (refused.status_code, refused["Retry-After"]) == (429, "42")
        assert stranger.get("/api/v1/schema/").status_code == 429
        assert stranger.get("/api/v1/nowhere").status_code == 429

        assert good.get("/api/v1/accounts").status_code == 200
        assert stranger.get("/api/v1/accounts", REMOTE_ADDR="198.51.100.7").status_code == 401
        clock.shift(42)
        assert stranger.get("/api/v1/accounts").status_code == 401
