"""Words that were being typed when a session ended are back after the login; only then, and only for this person."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from courrielleur.accounts.models import User
from tests.town import Town, build

PASSWORD = "coquelicot-9-tiroirs"
WORDS = "Nous avons retiré la liste achetée, et voici comment."


@pytest.fixture
def town(transactional_db: None, settings: object) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    return build()


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def log_in_by_hand(page: Page, user: User) -> None:
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()


@pytest.mark.parametrize(
    ("who", "path", "form", "field"),
    [
        ("client of acme and dune", "/portal/requests/{asked}/", "form[action$='/message/']", "text"),
        ("client of acme and dune", "/portal/requests/{asked}/questions/5/", "form[data-autosave]", "text"),
        ("specialist", "/desk/cases/{answered}/", "form:has(input[name=verb][value=refuse])", "reason"),
    ],
)
def test_a_session_that_ends_while_typing_loses_no_word(
    page: Page, login: Callable[..., None], town: Town, who: str, path: str, form: str, field: str
):
    user = with_password(town.people[who])
    login(page, user)
    address = path.format(asked=town.asked.key, answered=town.answered.key)
    page.goto(address)
    page.locator(form).first.evaluate("form => form.closest('details')?.setAttribute('open', '')")
    words = page.locator(form).first.locator(f"[name={field}]")
    Session.objects.all().delete()
    words.fill(WORDS)
    page.locator(form).first.evaluate("form => form.requestSubmit()")

    page.wait_for_url("**/accounts/login/**")
    log_in_by_hand(page, user)
    page.wait_for_url(f"**{address}")
    expect(page.locator(form).first.locator(f"[name={field}]")).to_have_value(WORDS)
    expect(page.locator("main [role=status]").first).to_contain_text("de retour")


def test_what_was_sent_is_forgotten_and_another_person_sees_nothing(page: Page, login: Callable[..., None], town: Town):
    client = with_password(town.people["client of acme and dune"])
    other = with_password(town.people["owner of boreal"])
    login(page, client)
    address = f"/portal/requests/{town.asked.key}/"
    page.goto(address)
    text = page.locator("form[action$='/message/'] [name=text]")
    text.fill(WORDS)
    page.locator("form[action$='/message/'] button").click()
    page.wait_for_url(f"**{address}")
    expect(text).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('words'))") == []

    text.fill(WORDS)
    Session.objects.all().delete()
    page.reload()
    page.wait_for_url("**/accounts/login/**")
    log_in_by_hand(page, other)
    page.wait_for_url(f"**{address}")
    expect(text).to_have_value("")
