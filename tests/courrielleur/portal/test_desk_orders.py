"""An order that was given up is sent again, or skipped by a person who says why; the account's later orders go on."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abuse.models import EnforcementOrder
from tests.town import Town, build

pytestmark = pytest.mark.django_db
WHY = "L’ancien serveur est débranché."


@pytest.fixture
def town(settings: Any) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True  # its endpoints are on this machine
    return build()


@pytest.fixture
def dead(town: Town) -> EnforcementOrder:
    EnforcementOrder.objects.filter(pk=town.order.pk).update(state="dead", attempts=10, ended_at=timezone.now())
    return town.order


@pytest.fixture
def specialist(town: Town) -> Client:
    client = Client()
    client.force_login(town.people["specialist"])
    return client


def test_the_page_offers_both_for_a_dead_order_only(specialist, town, dead):
    page = specialist.get(reverse("desk:orders")).content.decode()
    for verb in ("skip", "replay"):
        assert reverse(f"desk:{verb}", args=[dead.pk]) in page
    EnforcementOrder.objects.update(state="delivered")
    page = specialist.get(reverse("desk:orders")).content.decode()
    assert reverse("desk:skip", args=[dead.pk]) not in page


def test_a_skipped_order_keeps_who_and_why_and_the_case_tells_it(specialist, town, dead):
    specialist.post(reverse("desk:skip", args=[dead.pk]), {"reason": WHY})
    dead.refresh_from_db()
    assert dead.state == "skipped"
    assert WHY in dead.last_error
    assert "Simone" in dead.last_error
    assert town.asked.events.filter(move="order_skipped").exists()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_reason_nothing_is_skipped(specialist, dead, reason):
    answer = specialist.post(reverse("desk:skip", args=[dead.pk]), {"reason": reason}, follow=True)
    dead.refresh_from_db()
    assert dead.state == "dead"
    assert "Donnez la raison" in answer.content.decode()


def test_an_order_that_went_out_meanwhile_is_left_and_said(specialist, dead):
    EnforcementOrder.objects.filter(pk=dead.pk).update(state="delivered")
    answer = specialist.post(reverse("desk:skip", args=[dead.pk]), {"reason": WHY}, follow=True)
    dead.refresh_from_db()
    assert dead.state == "delivered"
    assert "seul un ordre abandonné" in answer.content.decode()


def test_a_dead_order_is_sent_again(specialist, dead):
    specialist.post(reverse("desk:replay", args=[dead.pk]))
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("pending", 0)
