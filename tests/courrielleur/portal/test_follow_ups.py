"""A choice may ask for more; a case keeps the questions it began with."""

from django.urls import reverse

from consent.models import Questionnaire

EARLIER = "2026-11"


def page(platform, number):
    return reverse("portal:question", args=[platform.case.key, number])


def test_a_choice_asks_for_its_part_and_the_part_is_shown_with_the_answer(platform):
    browser = platform.browser("owner")
    typed = {"answer": "no", "detail": "La boutique est ailleurs."}
    refused = browser.post(page(platform, 6), typed)
    assert refused.status_code == 422
    assert 'href="#id_domains"' in refused.content.decode()
    assert browser.post(page(platform, 6), typed | {"domains": "boutique.example.com"}).status_code == 302
    shown = browser.get(reverse("portal:check", args=[platform.case.key])).content.decode()
    assert "boutique.example.com" in shown
    browser.post(page(platform, 6), {"answer": "yes", "domains": "boutique.example.com"})
    shown = browser.get(reverse("portal:check", args=[platform.case.key])).content.decode()
    assert "boutique.example.com" not in shown


def test_a_case_that_began_with_earlier_questions_is_finished_with_them(platform):
    browser = platform.browser("owner")
    Questionnaire.objects.create(case=platform.case, version=EARLIER)
    typed = {"answer": "no", "detail": "boutique.example.com"}
    assert "id_domains" not in browser.get(page(platform, 6)).content.decode()
    assert browser.post(page(platform, 6), typed).status_code == 302
