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
