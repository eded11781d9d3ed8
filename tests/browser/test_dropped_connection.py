"""A reseller and a client finish the questionnaire on a telephone whose connection drops in the middle."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from consent.models import Answer, AnswerFile, Questionnaire
from tests.browser.conftest import PATIENCE_MS, PHONE
from tests.town import Town, build

NAMES = {
    "fr": ("Enregistrer et continuer", "Pas de connexion", "Enregistré"),
    "en": ("Save and continue", "No connection", "Saved at"),
}
PDF = {"name": "formulaire.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 une capture"}


@pytest.fixture
def town(transactional_db: None, settings: object) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    return build()


def question(town: Town, number: int) -> str:
    return f"/portal/requests/{town.asked.key}/questions/{number}/"


def answer(town: Town, key: str) -> Answer:
    return Answer.objects.get(questionnaire__case=town.asked, question=key)


def waiting(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('answer:'))")
    return found


def sent(page: Page) -> None:
    """Wait until nothing waits on the device. Playwright's own waiting evaluates strings, which our policy forbids."""
    for _turn in range(PATIENCE_MS // 100):
        if not waiting(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(waiting(page))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_two_people_finish_on_telephones_with_a_dropped_connection(
    window: Callable[..., Any], login: Callable[..., None], axe: Callable[[Page], None], town: Town, language: str
):
    save, away, saved = NAMES[language]
    Questionnaire.objects.filter(case=town.asked).delete()
    reseller, client = window(language=language, width=PHONE), window(language=language, width=PHONE)
    for opened, name in ((reseller, "owner of boreal"), (client, "client of acme and dune")):
        person = town.people[name]
        person.language = language
        person.save(update_fields=["language"])
        login(opened.page, person)

    page = reseller.page
    page.goto(question(town, 1))
    page.locator("[name=date]").fill("2026-03-21")
    page.get_by_role("button", name=save).click()
    page.wait_for_url("**/questions/2/")
    page.locator("[name=file]").set_input_files(PDF)
    page.locator("form[action$='/documents/'] button").click()
    page.wait_for_url("**/questions/2/")
    page.locator("[name=text]").fill("Un formulaire et une case à cocher.")
    axe(page)

    # The connection drops before anything was saved. The person goes on typing, presses the button, stays.
    reseller.context.set_offline(True)
    page.locator("[name=text]").fill("Un formulaire, une case à cocher, un courriel de bienvenue.")
    page.get_by_role("button", name=save).click()
    expect(page.locator("[data-saved]")).to_contain_text(away)
    page.locator("[name=link]").fill("https://www.example.com/infolettre")
    axe(page)
    assert len(waiting(page)) == 1
    reseller.complaints.clear()  # the browser notes the requests it could not make; that is what is tested
    reseller.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_contain_text(saved)
    expected = {
        "text": "Un formulaire, une case à cocher, un courriel de bienvenue.",
        "link": "https://www.example.com/infolettre",
    }
    sent(page)
    assert answer(town, "sign_up").value == expected

    # Typed without a connection, and the tab is closed: another page of the questionnaire sends it.
    page.goto(question(town, 3))
    reseller.context.set_offline(True)
    page.locator("[name=answer][value=yes]").check()
    page.locator("[name=detail]").fill("Une infolettre par mois leur est promise.")
    page.close()
    reseller.context.set_offline(False)
    reseller.complaints.clear()
    page = reseller.context.new_page()
    page.goto(f"/portal/requests/{town.asked.key}/check/")
    expect(page.locator("dl.answers")).to_contain_text("Une infolettre par mois", timeout=PATIENCE_MS)  # it reloads
    assert answer(town, "expected").value["detail"] == "Une infolettre par mois leur est promise."

    # The client goes on from another device, with follow-ups, and hands in.
    page = client.page
    page.goto(f"/portal/requests/{town.asked.key}/")
    axe(page)
    for number, fill in enumerate(CLIENT, start=4):
        page.goto(question(town, number))
        fill(page)
        axe(page)
        page.get_by_role("button", name=save).click()
        page.wait_for_url("**/check/" if number == 8 else f"**/questions/{number + 1}/")
    axe(page)
    page.locator("[name=name]").fill("Chloé Roy")
    page.locator("[name=truth]").check()
    page.locator("main form button").last.click()
    page.wait_for_url("**/receipt/")
    axe(page)
    done = Questionnaire.objects.get(case=town.asked)
    assert done.receipt in page.content()
    assert AnswerFile.objects.get(questionnaire=done).question == "sign_up"
    told = {row.question: [author["label"] for author in row.authors] for row in done.answers.all()}
    assert told["sign_up"] == ["Odile (Boreal)"]
    assert told["methods"] == ["Chloe"]
    assert done.answers.get(question="sign_up").value == expected


def _same_domain(page: Page) -> None:
    domains = page.locator("[name=domains]")
    expect(domains).to_be_hidden()
    page.locator("[name=answer][value=no]").check()
    expect(domains).to_be_visible()
    domains.fill("boutique.example.com")
    page.locator("[name=detail]").fill("La boutique est chez un hébergeur.")


def _direct_relation(page: Page) -> None:
    page.locator("[name=answer][value=yes]").check()
    page.locator("[name=detail]").fill("Chacun a acheté chez nous.")


CLIENT = [
    lambda page: page.locator("[name=urls]").fill("https://boutique.example.com/infolettre"),
    lambda page: page.locator("[name=text]").fill("Marie les retire chaque matin."),
    _same_domain,
    _direct_relation,
    lambda page: page.locator("[name=methods][value=single_opt_in]").check(),
]
