"""A real browser on a real server: pages in both languages, a person who is logged in, and axe.

The browser lives as long as one module and not as long as the run, because Playwright leaves a running event loop
in the thread of the tests, and the tests of other rooms want a loop of their own.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from courrielleur.accounts.models import User

DESK, PHONE = 1280, 360  # pixels
SCREEN_LINES = 900
PATIENCE_MS = 15_000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests on one worker: two browsers on a small machine only wait for each other."""
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium. As root it runs only without its sandbox."""
    with mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="1"), sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        found = playwright.chromium.launch(executable_path=_chromium(), args=sandbox)
        yield found
        found.close()


def _chromium() -> str | None:
    """Return the first browser that .ci/system-packages is content with."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@dataclass
class Window:
    """A browser window with what its console complained of."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def window(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Window]]:
    """Return a maker of windows: `window(language="en", width=360, java_script_enabled=False)`.

    At the end, nothing may stand in a console: no script error, nothing refused by the Content-Security-Policy.
    """
    opened: list[Window] = []

    def make(*, language: str = "fr", width: int = DESK, **options: Any) -> Window:
        context = browser.new_context(
            base_url=live_server.url,
            locale={"fr": "fr-CA", "en": "en-CA"}[language],
            timezone_id="America/Toronto",
            viewport={"width": width, "height": SCREEN_LINES},
            reduced_motion="reduce",  # axe must not measure a colour that is still fading in
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        found = Window(context, context.new_page())
        found.page.on("console", lambda message: _note(found, message))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        opened.append(found)
        return found

    yield make
    complaints = [complaint for found in opened for complaint in found.complaints]
    for found in opened:
        found.context.close()
    assert complaints == []


def _note(window: Window, message: ConsoleMessage) -> None:
    is_own_status = message.text.startswith("Failed to load resource") and message.location["url"] == window.page.url
    if message.type in ("error", "warning") and not is_own_status:  # a page may well answer 404 or 422
        window.complaints.append(message.text)


@pytest.fixture
def page(window: Callable[..., Window]) -> Page:
    """A page of somebody with a French browser on a desk."""
    return window().page


@pytest.fixture
def english_page(window: Callable[..., Window]) -> Page:
    return window(language="en").page


@pytest.fixture
def login(live_server: LiveServer) -> Callable[[Page, User], None]:
    """Return `login(page, user)`: the session that the login page would have given."""

    def enter(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return enter


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Return `axe(page)`, which fails with what is wrong, where, and how to mend it; `rules` narrows it to some."""
    checker = Axe()

    def check(page: Page, where: str = "", *, rules: Sequence[str] = ()) -> None:
        only = {"type": "rule", "values": [*rules]} if rules else {"type": "tag", "values": RULES}
        found = checker.run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
        assert not found, f"{where or page.url}\n" + "\n".join(map(_told, found))

    return check


def _told(violation: dict[str, Any]) -> str:
    lines = [f"{violation['impact']}: {violation['id']}: {violation['help']} ({violation['helpUrl']})"]
    for node in violation["nodes"][:5]:
        lines += [f"    {node['html'][:200]}", f"        {' '.join(node['failureSummary'].split())[:300]}"]
    return "\n".join(lines)
