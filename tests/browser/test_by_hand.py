"""Without a mouse and without scripts: keys, focus, languages, and forms that only need a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from abuse.models import Case
from consent.models import Answer
from tests.browser.conftest import Window
from tests.town import Town, build

FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return {
    what: document.activeElement.outerHTML.slice(0, 120),
    isBody: document.activeElement === document.body,
    isSeen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
  };
}"""


@pytest.fixture
def town(transactional_db: None, settings: object) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    return build()


@pytest.fixture
def desk(page: Page, login: Callable[..., None], town: Town) -> Page:
    """The queue, as Léa sees it."""
    login(page, town.people["lead"])
    page.goto("/desk/queue/")
    return page


def test_the_queue_is_walked_with_single_keys(desk: Page, town: Town):
    rows = desk.locator("[data-rows] tbody tr")
    assert rows.count() >= 2
    desk.keyboard.press("j")
    expect(rows.nth(0).locator("a")).to_be_focused()
    desk.keyboard.press("j")
    expect(rows.nth(1).locator("a")).to_be_focused()
    desk.keyboard.press("k")
    expect(rows.nth(0).locator("a")).to_be_focused()
    key = rows.nth(0).locator("code").inner_text()
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/desk/cases/{key}/")


def test_a_slash_searches_and_letters_typed_there_are_letters(desk: Page):
    desk.goto("/desk/accounts/")
    desk.keyboard.press("/")
    search = desk.locator("input[type=search]")
    expect(search).to_be_focused()
    desk.keyboard.type("jk?/")
    expect(search).to_have_value("jk?/")
    expect(desk.locator("dialog[data-shortcuts]")).to_be_hidden()


def test_a_question_mark_explains_and_escape_goes_back(desk: Page):
    desk.keyboard.press("?")
    expect(desk.locator("dialog[data-shortcuts]")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog[data-shortcuts]")).to_be_hidden()


def test_single_keys_can_be_switched_off(desk: Page):
    desk.goto("/preferences/")
    desk.locator("#shortcuts").uncheck()
    desk.locator("main form button").click()
    desk.goto("/desk/queue/")
    for key in ("j", "?"):
        desk.keyboard.press(key)
    expect(desk.locator("tr.is-here")).to_have_count(0)
    expect(desk.locator("dialog[data-shortcuts]")).to_have_count(0)


def test_the_first_tab_offers_to_skip_to_the_content(desk: Page):
    desk.keyboard.press("Tab")
    skip = desk.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", ["/desk/queue/", "/desk/cases/{answered}/"])
def test_one_sees_where_one_is_at_every_stop(desk: Page, town: Town, path: str):
    desk.goto(path.format(answered=town.answered.key))
    unseen = []
    for _stop in range(60):
        desk.keyboard.press("Tab")
        focus = desk.evaluate(FOCUS)
        if focus["isBody"]:
            break
        if not focus["isSeen"]:
            unseen.append(focus["what"])
    assert unseen == []


def test_a_language_chosen_once_stays_with_the_person(
    window: Callable[..., Window], login: Callable[..., None], town: Town
):
    first = window(language="fr").page
    login(first, town.people["lead"])
    first.goto("/desk/queue/")
    expect(first.locator("html")).to_have_attribute("lang", "fr")
    first.locator("button[name=language]").click()
    expect(first.locator("html")).to_have_attribute("lang", "en")
    assert first.url.endswith("/desk/queue/")

    elsewhere = window(language="fr").page  # another device, with a French browser
    login(elsewhere, town.people["lead"])
    elsewhere.goto("/desk/")
    expect(elsewhere.locator("html")).to_have_attribute("lang", "en")


def test_a_visitor_keeps_the_language_on_this_device(page: Page):
    page.goto("/accounts/login/")
    page.locator("button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/accounts/password/reset/")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_colours_are_switched_without_leaving_the_page(desk: Page):
    desk.goto("/preferences/")
    desk.locator("#shortcuts").uncheck()
    desk.locator("[data-theme-switch] button").click()
    expect(desk.locator("html")).to_have_attribute("data-theme", "light")
    expect(desk.locator("#shortcuts")).not_to_be_checked()
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-theme", "light")


def test_without_scripts_an_answer_is_saved(window: Callable[..., Window], login: Callable[..., None], town: Town):
    page = window(java_script_enabled=False).page
    login(page, town.people["client of acme and dune"])
    page.goto(f"/portal/requests/{town.asked.key}/questions/1/")
    page.locator("input[type=date]").fill("2026-02-03")
    page.locator("main form button").first.click()
    page.wait_for_url("**/questions/2/")
    answer = Answer.objects.get(questionnaire__case=town.asked, question="last_used")
    assert answer.value == {"date": "2026-02-03"}


def test_without_scripts_a_case_is_decided(window: Callable[..., Window], login: Callable[..., None], town: Town):
    page = window(java_script_enabled=False).page
    login(page, town.people["specialist"])
    page.goto(f"/desk/cases/{town.answered.key}/")
    form = page.locator("form[action$='/decide/']").filter(has=page.locator("[name=verb][value=reinstate]"))
    page.locator("details").filter(has=form).locator("summary").first.click()
    form.locator("textarea").fill("Les preuves sont bonnes.")
    form.locator("button").first.click()
    page.wait_for_url(f"**/desk/cases/{town.answered.key}/")
    assert Case.objects.get(pk=town.answered.pk).state == "reinstated"
