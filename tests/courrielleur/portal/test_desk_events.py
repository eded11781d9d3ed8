"""The latest events of an account: our class of a bounce, and what the MTA called it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from fbl.models import FeedbackEvent
from tests.courrielleur.portal.conftest import Platform

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Le MTA le nomme bad-mailbox"), ("en", "The MTA calls it bad-mailbox")]
)
def test_the_word_of_the_mta_stands_beside_our_class(platform: Platform, language, words):
    now = timezone.now()
    FeedbackEvent.objects.create(
        account_id=platform.mine.pk,
        send_day=now.date(),
        digest=b"d" * 16,
        kind="bounce",
        bounce_class="hard",
        arrived_at=now,
        method="mta_log",
        confidence="certain",
        is_counted=True,
        mta_category="bad-mailbox",
    )

    page = platform.browser("agent", language).get(reverse("desk:account", args=["acme"]))

    assert words in page.content.decode()
