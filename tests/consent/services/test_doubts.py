"""What does not fit in a case's answers, from records, mail and pages; and who is asked for the pages."""

import pytest

from consent import selectors
from consent.models import Questionnaire
from consent.services import questionnaires, reaching, uploads
from consent.services.reviews import decide
from courrielleur.accounts import services as accounts
from tests.consent.services.conftest import COMPLETE
from tests.worlds import NOON

URL = "https://www.example.com/infolettre"
CSV = b"Courriel;Date;Methode\nanne@example.com;2026-03-21 21:16:58 -04:00;purchased\n"


@pytest.fixture
def answered(case, marie):
    questionnaire = questionnaires.open(case)
    for key, value in (COMPLETE | {"methods": {"methods": ["confirmed_opt_in"]}}).items():
        questionnaires.save(questionnaire, key, value, marie, NOON)
    questionnaires.submit(questionnaire, marie, "Marie", NOON)
    return questionnaire


def codes(case):
    return {one.code for one in selectors.contradictions_of(case)}


def test_without_answers_nothing_is_contradicted(case):
    assert selectors.contradictions_of(case) == ()


def test_a_page_is_asked_for_once_and_only_when_answers_were_handed_in(case, answered):
    asked = []

    def does_answer(url):
        asked.append(url)
        return False

    assert "url_unreachable" not in codes(case)
    assert reaching.ask_waiting(does_answer) == 1
    assert reaching.ask_waiting(does_answer) == 0
    assert asked == [URL]
    assert "url_unreachable" in codes(case)


def test_a_page_that_answers_is_no_contradiction_and_is_asked_for_again_after_more_was_asked(case, answered, anne):
    reaching.ask_waiting(lambda url: True)
    assert "url_unreachable" not in codes(case)
    case.refresh_from_db()
    decide(case, "ask", "Quelle page?", anne, NOON)
    assert Questionnaire.objects.get().reached is None
    assert reaching.ask_waiting(lambda url: False) == 0  # open again: not handed in


def test_answers_are_held_against_records_and_domains(case, answered, account):
    assert "url_not_of_sender" not in codes(case)
    accounts.add_asset(kind="domain", value="news.example.org", account=account)
    assert "url_not_of_sender" in codes(case)
    assert "no_confirmation_times" not in codes(case)
    upload, _is_new = uploads.store(account, CSV, "liste.csv", "Marie", NOON)
    uploads.read(upload, NOON)
    assert {"no_confirmation_times"} <= codes(case)
