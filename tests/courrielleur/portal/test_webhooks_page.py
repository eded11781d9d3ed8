"""Webhook endpoints on the portal: a secret is shown once, a changed one signs beside the former for a day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from abuse.adapters.enforcers import Message
from abuse.adapters.webhook import signed_headers
from abuse.models import Endpoint
from abuse.services import endpoints

PAGE = "portal:webhooks"
URL = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def _private_networks(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = True


@pytest.fixture
def owner(platform):
    return platform.browser("owner")


def added(owner) -> tuple[Endpoint, str]:
    page = owner.post(reverse(PAGE), {"url": URL, "owner": "reseller:boreal"})
    return Endpoint.objects.get(), page.context["secret"]


def test_the_secret_of_a_new_endpoint_is_shown_once(owner):
    endpoint, secret = added(owner)
    assert endpoint.reseller.key == "boreal"
    assert endpoints.secret_of(endpoint) == secret
    later = owner.get(reverse(PAGE)).content.decode()
    assert URL in later
    assert secret not in later


def test_what_is_suspended_is_ordered_to_it_and_shown(owner):
    added(owner)
    text = owner.get(reverse(PAGE)).content.decode()
    assert "Stop the account" in text
    assert "Acme" in text


@pytest.mark.parametrize(
    "fields", [{"url": "nonsense"}, {"url": ""}, {"owner": "reseller:harbour"}, {"owner": "platform"}]
)
def test_a_bad_form_is_sent_back_and_makes_nothing(owner, fields):
    answer = owner.post(reverse(PAGE), {"url": URL, "owner": "reseller:boreal"} | fields)
    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_after_a_change_both_secrets_verify_for_a_day_and_then_the_new_one_alone(owner):
    endpoint, former = added(owner)
    newest = owner.post(reverse("portal:rotate_webhook", args=[endpoint.pk])).context["secret"]
    endpoint.refresh_from_db()
    now = timezone.now()

    def verifies(secret: str, at) -> bool:
        message = Message("msg_1", URL, endpoints.secret_of(endpoint, at), b'{"type":"endpoint.test"}')
        try:
            Webhook(secret).verify(message.body, signed_headers(message, now))
        except WebhookVerificationError:
            return False
        return True

    assert verifies(newest, now)
    assert verifies(former, now)
    later = now + timedelta(days=1, minutes=1)
    assert verifies(newest, later)
    assert not verifies(former, later)
    again = owner.post(reverse("portal:rotate_webhook", args=[endpoint.pk])).context["secret"]
    endpoint.refresh_from_db()
    assert endpoints.secret_of(endpoint).split() == [again, newest]


def test_a_test_that_nobody_hears_is_said(owner):
    endpoint, _secret = added(owner)
    text = owner.post(reverse("portal:test_webhook", args=[endpoint.pk]), follow=True).content.decode()
    assert "No answer came" in text


def test_a_disabled_endpoint_gets_nothing_more_and_stays_listed(owner):
    endpoint, _secret = added(owner)
    owner.post(reverse("portal:disable_webhook", args=[endpoint.pk]))
    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    assert set(endpoint.orders.values_list("state", flat=True)) == {"skipped"}
    assert "disabled" in owner.get(reverse(PAGE)).content.decode()
    assert owner.post(reverse("portal:rotate_webhook", args=[endpoint.pk])).status_code == 404
