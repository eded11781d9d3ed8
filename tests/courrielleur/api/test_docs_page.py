"""The reference in a real browser: under our strict Content-Security-Policy, and for everybody."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_reference_is_shown_to_everybody_and_the_policy_is_never_broken(live_server):
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(locale="en")
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/api/v1/docs/")
        page.get_by_text("Ask where an account stands").click()
        page.get_by_text("may_send").first.wait_for()

        violations = Axe().run(page).response["violations"]
        page.set_viewport_size({"width": 360, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert complaints == []
    assert [(violation["id"], len(violation["nodes"])) for violation in violations] == []
    assert width == 360
