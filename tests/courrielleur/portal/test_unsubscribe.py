"""One click unsubscribes; looking at the link does not (RFC 8058)."""

import pytest
from django.test import Client

from fbl.models import HourlyCount, Suppression
from tests.worlds import Mailing, make_account

pytestmark = pytest.mark.django_db
BODY = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def address() -> str:
    return f"/u/{Mailing(make_account().pk).to('marie@yahoo.ca').headers['X-Courrielleur-Ref']}"


def test_a_post_without_cookies_suppresses_the_recipient_and_is_no_complaint(address):
    response = Client(enforce_csrf_checks=True).post(address, BODY)

    assert response.status_code == 200
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.tag) == ("unsubscribe", "")
    assert not HourlyCount.objects.filter(complaints__gt=0).exists()


def test_a_scanner_that_fetches_the_link_changes_nothing(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert b"One-Click" in response.content
    assert not Suppression.objects.exists()


def test_twice_is_once(client, address):
    client.post(address, BODY)
    assert client.post(address, BODY).status_code == 200
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "a" * 60, "%00", "é"])
def test_a_token_that_is_not_ours_is_not_found(client, token):
    assert client.post(f"/u/{token}", BODY).status_code == 404
