"""The lanes on the console: a person accepts with a note, puts away, rehearses a second reading, enrols feeds."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fbl.models import Feed, FeedbackEvent, InboundReport, LaneDecision
from tests.town import Town, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings: Any) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True  # its endpoints are on this machine
    return build()


def client_of(town: Town, who: str) -> Client:
    client = Client()
    client.force_login(town.people[who])
    return client


def test_a_report_is_accepted_with_a_note_and_the_note_is_kept(town):
    specialist = client_of(town, "specialist")
    address = reverse("desk:accept", args=["unverified", town.unproven.pk])

    refused = specialist.post(address, {"note": " "})
    assert refused.status_code == 422
    assert not LaneDecision.objects.exists()

    assert specialist.post(address, {"note": "Vérifiée avec Outlook."}).status_code == 302
    decision = LaneDecision.objects.get()
    assert (decision.note, decision.by, decision.counted) == ("Vérifiée avec Outlook.", town.people["specialist"], 1)
    assert FeedbackEvent.objects.get(method="accepted").is_counted
    assert specialist.post(address, {"note": "Encore."}).status_code == 404


def test_the_page_shows_words_that_can_not_be_pressed_and_whose_mail_it_was(town):
    page = client_of(town, "specialist").get(reverse("desk:report", args=["unverified", town.unproven.pk]))
    text = page.content.decode()
    assert "This is an email abuse report." in text
    assert "https://courrielleur" not in text
    assert reverse("desk:account", args=["acme"]) in text


def test_a_lane_is_filtered_by_reason_and_shows_how_long_it_waits(town):
    lead = client_of(town, "lead")
    page = lead.get(reverse("desk:lane", args=["unverified"]), {"reason": "too_early"})
    assert page.content.decode().count(str(town.unproven.pk)) == 1
    assert reverse("desk:dismiss_all", args=["unverified"]) in page.content.decode()

    lead.post(reverse("desk:dismiss_all", args=["unverified"]), {"reason": "too_early", "note": "Essai."})
    assert InboundReport.objects.get(pk=town.unproven.pk).state == "dismissed"


def test_a_rehearsal_is_a_page_and_writes_nothing(town):
    before = InboundReport.objects.get(pk=town.report.pk).read_at
    page = client_of(town, "lead").get(reverse("desk:reread", args=["unidentified"]))
    assert page.status_code == 200
    assert InboundReport.objects.get(pk=town.report.pk).read_at == before


def test_a_feed_is_enrolled_from_a_suggestion_and_refusals_are_said_at_the_field(town):
    admin = client_of(town, "administrator")
    page = admin.get(reverse("desk:feeds"), {"suggestion": "yahoo"})
    assert 'value="feedback@arf.mail.yahoo.com"' in page.content.decode()

    form = {"name": "Outlook", "key": "encore", "kind": "jmrp", "senders": "staff@hotmail.com"}
    refused = admin.post(reverse("desk:enrol_feed"), form)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["senders"])

    assert admin.post(reverse("desk:retire_feed", args=["outlook"])).status_code == 302
    assert admin.post(reverse("desk:enrol_feed"), form).status_code == 302
    assert Feed.objects.get(retired_at=None).created_by == town.people["administrator"]


def test_a_silent_feed_is_told_on_today(town):
    Feed.objects.update(silent_since=town.report.received_at)
    page = client_of(town, "agent").get(reverse("desk:today")).content.decode()
    assert "Outlook.com" in page
    assert "Silencieuse" in page


def test_incidents_are_found_from_the_lanes_when_none_is_open_too(town):
    page = client_of(town, "agent").get(reverse("desk:lanes")).content.decode()
    for name in ("feeds", "doors", "incidents"):
        assert f'href="{reverse(f"desk:{name}")}"' in page
