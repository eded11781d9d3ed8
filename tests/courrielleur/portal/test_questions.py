"""The questionnaire: kept as typed, sent back when something is missing, handed in once."""

import pytest
from django.urls import reverse

from consent.core.questionnaire import Kind, question_set
from consent.models import Answer, Questionnaire

PARTS = {
    Kind.DATE: {"date": "2026-03-21"},
    Kind.TEXT: {"text": "Automatiquement."},
    Kind.TEXT_LINK: {"text": "Un formulaire.", "link": "https://www.example.com/infolettre"},
    Kind.URLS: {"urls": "https://www.example.com/a\nhttps://www.example.com/b"},
    Kind.YES_NO_WHY: {"answer": "yes", "detail": "Promis à l’inscription."},
    Kind.YES_NO_WHICH: {"answer": "yes", "detail": "Clients de la boutique."},
    Kind.METHODS: {"methods": [question_set().methods[0].key]},
}


@pytest.fixture
def browser(platform):
    return platform.browser("owner")


def page(platform, number):
    return reverse("portal:question", args=[platform.case.key, number])


def answer_all(platform, browser):
    for question in question_set().questions:
        reply = browser.post(page(platform, question.number), PARTS[question.kind])
        assert reply.status_code == 302, question.key
    return reply


def test_each_question_leads_to_the_next_and_the_last_to_the_check(platform, browser):
    assert answer_all(platform, browser).headers["Location"] == reverse("portal:check", args=[platform.case.key])


def test_a_half_answer_is_kept_and_sent_back_with_the_field(platform, browser):
    reply = browser.post(page(platform, 3), {"answer": "no", "detail": ""})
    assert reply.status_code == 422
    assert 'href="#id_detail"' in reply.content.decode()
    assert Answer.objects.get().value == {"answer": "no"}


def test_autosave_says_when(platform, browser):
    reply = browser.post(page(platform, 5), {"text": "Chaque", "autosave": "1"})
    assert reply.json()["saved"].startswith("Saved at ")
    assert Answer.objects.get().value == {"text": "Chaque"}


def test_an_answer_is_shown_again(platform, browser):
    browser.post(page(platform, 4), PARTS[Kind.URLS])
    assert "https://www.example.com/a\nhttps://www.example.com/b" in browser.get(page(platform, 4)).content.decode()


def test_missing_answers_are_named_on_the_check_page(platform, browser):
    browser.post(page(platform, 1), PARTS[Kind.DATE])
    reply = browser.post(reverse("portal:check", args=[platform.case.key]), {"name": "Anne Roy", "truth": "on"})
    assert reply.status_code == 422
    assert page(platform, 2) + "?check=1" in reply.content.decode()
    platform.case.refresh_from_db()
    assert platform.case.state == "awaiting_client"


def test_without_the_declaration_nothing_is_handed_in(platform, browser):
    answer_all(platform, browser)
    assert browser.post(reverse("portal:check", args=[platform.case.key]), {"name": "Anne Roy"}).status_code == 422


def test_the_answers_are_handed_in_once_and_receipted(platform, browser):
    answer_all(platform, browser)
    check = reverse("portal:check", args=[platform.case.key])
    reply = browser.post(check, {"name": "Anne Roy", "truth": "on"}, follow=True)
    questionnaire = Questionnaire.objects.get()
    assert questionnaire.receipt in reply.content.decode()
    platform.case.refresh_from_db()
    assert platform.case.state == "submitted"
    assert browser.post(check, {"name": "Anne Roy", "truth": "on"}).headers["Location"] == reverse(
        "portal:request", args=[platform.case.key]
    )


def test_a_question_that_is_not_asked_is_a_404(platform, browser):
    assert browser.get(page(platform, 9)).status_code == 404
    assert browser.get(page(platform, 0)).status_code == 404


def test_two_windows_on_one_question_lose_nothing(platform, browser):
    address = page(platform, 5)
    browser.post(address, {"text": "Une fois par jour.", "version": "", "autosave": "1"})
    seen = browser.get(address).context["version"]
    mine = browser.post(address, {"text": "De la première fenêtre.", "version": seen, "autosave": "1"}).json()[
        "version"
    ]

    # The older window is told, as it types and when it saves. Its words stay in the form, those saved stay saved.
    typed = {"text": "De la seconde.", "version": seen}
    told = browser.post(address, typed | {"autosave": "1"})
    assert told.status_code == 409
    assert "another window" in told.json()["saved"]
    refused = browser.post(address, typed)
    text = refused.content.decode()
    assert refused.status_code == 409
    assert "De la seconde." in text
    assert "De la première fenêtre." in text
    assert Answer.objects.get().value == {"text": "De la première fenêtre."}

    # Having seen both, the person may replace the other.
    assert refused.context["version"] == mine
    assert browser.post(address, typed | {"version": mine}).status_code == 302
    assert Answer.objects.get().value == {"text": "De la seconde."}


def test_the_same_words_in_two_windows_are_no_conflict(platform, browser):
    address = page(platform, 5)
    for _ in range(2):
        assert browser.post(address, {"text": "Une fois.", "version": "", "autosave": "1"}).status_code == 200
