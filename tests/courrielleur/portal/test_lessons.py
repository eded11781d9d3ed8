"""The pages that teach are whole in both languages."""

import pytest
from django.urls import reverse

from courrielleur.portal import lessons


@pytest.mark.parametrize("language", ["fr", "en"])
def test_clients_learn_to_read_figures_and_to_be_put_on_safe_lists(platform, language):
    browser = platform.browser("client", language)
    learn = browser.get(reverse("portal:learn")).content.decode()
    for lesson in lessons.figures(language) + lessons.questions(language):
        assert lesson.title in learn
    page = browser.get(reverse("portal:safe_list")).content.decode()
    for each in lessons.safe_lists(language):
        assert each.provider in page
        assert each.steps[0] in page


def test_both_languages_say_as_much():
    assert len(lessons.questions("fr")) == len(lessons.questions("en")) >= 6
    for french, english in zip(lessons.safe_lists("fr"), lessons.safe_lists("en"), strict=True):
        assert (french.provider, len(french.steps)) == (english.provider, len(english.steps))


def test_french_lessons_keep_their_no_break_spaces():
    text = lessons.DATA.read_text(encoding="utf-8")
    assert not any(wrong in text for wrong in ("« ", " »", " : ", " ?", " !"))
