"""Answers are kept as they are typed, handed in once they are whole, and changed only when more is asked."""

import re
from datetime import timedelta

import pytest

from abuse.core.case import CaseState
from abuse.models import CaseEvent
from abuse.services.cases import MoveRefused
from consent import selectors
from consent.models import Questionnaire
from consent.services import questionnaires, reviews
from tests.consent.services.conftest import COMPLETE
from tests.worlds import NOON


@pytest.fixture
def questionnaire(case):
    return questionnaires.open(case)


def answer_all(questionnaire, actor):
    for key, value in COMPLETE.items():
        assert questionnaires.save(questionnaire, key, value, actor, NOON) == []


def test_a_case_has_one_questionnaire(case, questionnaire):
    assert questionnaires.open(case) == questionnaire == selectors.questionnaire_for(case)
    assert questionnaire.version


def test_a_half_finished_answer_is_kept_and_says_what_is_missing(questionnaire, marie):
    problems = questionnaires.save(questionnaire, "same_domain", {"answer": "no", "detail": " "}, marie, NOON)
    assert [(problem.part, problem.code) for problem in problems] == [
        ("detail", "detail_needed"),
        ("domains", "follow_up_needed"),
    ]
    (answer,) = selectors.answers_of(questionnaire)
    assert (answer.question, answer.value, answer.saved_at) == ("same_domain", {"answer": "no"}, NOON)
    assert (answer.answered_by, answer.answered_by_label) == (marie.user, "Marie (Boreal)")


def test_the_last_words_replace_the_first(questionnaire, marie):
    later = NOON + timedelta(minutes=2)
    questionnaires.save(questionnaire, "handling", {"text": "Rien."}, marie, NOON)
    questionnaires.save(questionnaire, "handling", {"text": "Chaque matin."}, marie, later)
    (answer,) = selectors.answers_of(questionnaire)
    assert (answer.value, answer.saved_at) == ({"text": "Chaque matin."}, later)


def test_a_question_that_nobody_asks_is_refused(questionnaire, marie):
    with pytest.raises(questionnaires.UnknownQuestion):
        questionnaires.save(questionnaire, "favourite_colour", {"text": "bleu"}, marie, NOON)


def test_nothing_half_finished_is_handed_in(case, questionnaire, marie):
    questionnaires.save(questionnaire, "handling", COMPLETE["handling"], marie, NOON)
    with pytest.raises(questionnaires.NotComplete) as refusal:
        questionnaires.submit(questionnaire, marie, "Marie Tremblay", NOON)
    assert refusal.value.questions == tuple(key for key in COMPLETE if key != "handling")
    case.refresh_from_db()
    assert case.state == CaseState.AWAITING_CLIENT


def test_someone_declares_with_a_name(questionnaire, marie):
    answer_all(questionnaire, marie)
    with pytest.raises(questionnaires.NotComplete) as refusal:
        questionnaires.submit(questionnaire, marie, "  ", NOON)
    assert refusal.value.questions == ()


def test_handing_in_moves_the_case_and_keeps_what_was_declared(case, questionnaire, marie):
    answer_all(questionnaire, marie)
    receipt = questionnaires.submit(questionnaire, marie, "Marie Tremblay", NOON)
    assert re.fullmatch(r"R-[0-9A-HJKMNP-TV-Z]{8}", receipt)
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    event = CaseEvent.objects.get(case=case, move="submit")
    assert (event.data["receipt"], event.data["answers"]) == (receipt, COMPLETE)
    questionnaire.refresh_from_db()
    assert (questionnaire.submitted_at, questionnaire.submitted_by, questionnaire.receipt) == (
        NOON,
        marie.user,
        receipt,
    )


def test_what_was_handed_in_can_be_neither_changed_nor_handed_in_again(questionnaire, marie):
    answer_all(questionnaire, marie)
    questionnaires.submit(questionnaire, marie, "Marie Tremblay", NOON)
    stale = Questionnaire.objects.get()
    stale.submitted_at = None  # a page that was opened before
    with pytest.raises(questionnaires.QuestionnaireClosed):
        questionnaires.save(stale, "handling", {"text": "Autre chose."}, marie, NOON)
    with pytest.raises(questionnaires.QuestionnaireClosed):
        questionnaires.submit(stale, marie, "Marie Tremblay", NOON)


def test_when_more_is_asked_the_answers_open_again_and_get_a_new_receipt(case, questionnaire, marie, anne):
    answer_all(questionnaire, marie)
    first = questionnaires.submit(questionnaire, marie, "Marie Tremblay", NOON)
    case.refresh_from_db()
    reviews.decide(case, "ask", "D’où vient la liste ?", anne, NOON)
    questionnaire.refresh_from_db()
    questionnaires.save(questionnaire, "handling", {"text": "Mieux."}, marie, NOON)
    questionnaire = Questionnaire.objects.get()
    assert questionnaires.submit(questionnaire, marie, "Marie Tremblay", NOON + timedelta(days=1)) != first
    told = CaseEvent.objects.filter(case=case, move="submit").order_by("at")
    assert [event.data["answers"]["handling"] for event in told] == [COMPLETE["handling"], {"text": "Mieux."}]


def test_a_refused_move_leaves_the_answers_open(case, questionnaire, marie, bob):
    answer_all(questionnaire, marie)
    with pytest.raises(MoveRefused):
        questionnaires.submit(questionnaire, bob, "Bob", NOON)
    questionnaire.refresh_from_db()
    assert (questionnaire.submitted_at, questionnaire.receipt) == (None, "")
