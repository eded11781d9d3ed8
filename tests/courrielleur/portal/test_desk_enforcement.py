"""The page of the MTAs: who disagrees is seen with both opinions, and a bad setting is told at its field."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from abuse.core.stops import Difference, Stop
from abuse.models import Endpoint
from abuse.services import mtas
from tests.courrielleur.portal.conftest import Platform

pytestmark = pytest.mark.django_db

KUMO = {
    "name": "kumo-1",
    "url": "http://192.0.2.10:8000",
    "tenant": "{account}",
    "campaign": "{campaign}",
    "hours": "24",
}


@pytest.fixture
def admin(platform: Platform) -> Client:
    return platform.browser("admin")


def test_a_disagreement_is_told_with_both_opinions_and_its_age(admin: Client) -> None:
    now = timezone.now()
    endpoint = mtas.add("kumomta", name="kumo-1", url="http://192.0.2.10:8000")
    known = [Difference(Stop("acme"), False, now - timedelta(minutes=4))]
    Endpoint.objects.filter(pk=endpoint.pk).update(
        heard_at=now, held=0, differences=[one.as_json() for one in known], differs_since=known[0].since
    )
    page = admin.get("/desk/enforcement/").content.decode()
    assert "Disagrees" in page
    assert "we say stop; it lets this pass" in page
    assert "4\N{NO-BREAK SPACE}min" in page
    assert "kumo-1" in admin.get("/desk/").content.decode()


def test_an_mta_is_added_with_its_settings_and_its_secret_is_kept_encrypted(admin: Client) -> None:
    assert admin.post("/desk/enforcement/add/kumomta/", {**KUMO, "secret": "us:gl0ckenspiel"}).status_code == 302
    endpoint = Endpoint.objects.get()
    assert (endpoint.kind, endpoint.name, endpoint.config["tenant"]) == ("kumomta", "kumo-1", "{account}")
    assert b"gl0ckenspiel" not in bytes(endpoint.secret)
    assert "gl0ckenspiel" not in admin.get("/desk/enforcement/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("tenant", "everybody"), ("url", "kumo"), ("url", ""), ("hours", "0"), ("secret", "nocolon"), ("name", "")],
)
def test_what_can_not_be_used_is_told_and_nothing_is_made(admin: Client, field: str, value: str) -> None:
    reply = admin.post("/desk/enforcement/add/kumomta/", {**KUMO, field: value})
    assert reply.status_code == 422
    assert list(reply.context["form"].errors) == [field]
    assert not Endpoint.objects.exists()


def test_a_removed_mta_is_gone_from_the_page(admin: Client) -> None:
    endpoint = mtas.add("pull", name="mx-a")
    assert admin.post(f"/desk/enforcement/{endpoint.pk}/remove/").status_code == 302
    admin.get("/desk/enforcement/")  # shows the message once
    assert "mx-a" not in admin.get("/desk/enforcement/").content.decode()
    assert not Endpoint.objects.filter(disabled_at=None).exists()
    assert admin.post(f"/desk/enforcement/{endpoint.pk}/remove/").status_code == 404
