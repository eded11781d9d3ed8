"""A reported mail with a hostile layout, looked at in a real browser: no request leaves, no script runs."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from courrielleur.portal import safe_html
from fbl.models import InboundReport
from fbl.services import reports
from tests.hostile_html import HOSTILE
from tests.town import Town, build
from tests.worlds import arrive

LANE = "unidentified"


@pytest.fixture
def town(transactional_db: None, settings: object) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    return build()


def stranger(layout: str) -> InboundReport:
    """Let a mail of nobody we know come in whose layout is *layout*."""
    head = b"From: x@example.net\r\nSubject: spam\r\nFeedback-Type: abuse\r\nMIME-Version: 1.0\r\n"
    mail = head + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + layout.encode()
    arrive(mail, at=timezone.now())
    reports.read_stored(100, timezone.now())
    return InboundReport.objects.latest("received_at")


def requests_of(page: Page, address: str) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return asked


def test_a_hostile_layout_fetches_nothing_and_runs_nothing(town, page, login, live_server):
    report = stranger("".join(HOSTILE))
    login(page, town.people["specialist"])
    asked = requests_of(page, reverse("desk:report", args=[report.state, report.pk]))
    frame = page.frame_locator("iframe.sample")
    frame.locator("body").wait_for()
    page.locator("iframe.sample").hover()
    assert "words" in frame.locator("body").inner_text()
    assert {url for url in asked if not url.startswith(live_server.url)} == set()
    assert page.url.startswith(live_server.url)
    # It is of no origin, and holds nothing to press.
    assert frame.locator("a, img, form, script, [onclick]").count() == 0


@pytest.mark.parametrize("layout", HOSTILE, ids=range(len(HOSTILE)))
def test_the_policy_alone_holds_what_a_sieve_might_miss(
    town: Town, window: Callable[..., object], login: Callable[..., None], live_server, monkeypatch, layout
):
    """The sanitiser is switched off: the browser has to refuse all by itself, and says so in its console."""
    monkeypatch.setattr(safe_html, "sanitised", lambda markup: markup)
    report = stranger(layout)
    found = window()
    login(found.page, town.people["specialist"])
    asked: list[str] = []
    found.page.on("request", lambda request: asked.append(request.url))
    found.page.on("requestfailed", lambda request: asked.remove(request.url) if request.url in asked else None)
    found.page.goto(reverse("desk:report", args=[report.state, report.pk]))
    found.page.wait_for_load_state("networkidle")
    found.page.frame_locator("iframe.sample").locator("body").wait_for(state="attached")
    assert {url for url in asked if not url.startswith(live_server.url)} == set()
    assert found.page.url.startswith(live_server.url)
    assert found.page.evaluate("window.alert === undefined ? 0 : document.querySelectorAll('iframe').length") == 1
    found.complaints.clear()  # the refusals are what we wanted
