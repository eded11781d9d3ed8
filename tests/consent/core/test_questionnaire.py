"""Eight questions, each with a reason; an answer is complete or says what is missing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.questionnaire import (
    LONGEST_TEXT,
    check_answer,
    missing,
    problem_text,
    question_set,
    tidy_answer,
)

TODAY = date(2026, 6, 1)
COMPLETE = {
    "last_used": {"date": "2026-03-21"},
    "sign_up": {"link": "https://www.example.com/shot.png"},
    "expected": {"answer": "yes", "detail": "They asked for a monthly letter."},
    "sign_up_urls": {"urls": ["https://www.example.com/newsletter"]},
    "handling": {"text": "Marie removes them every morning."},
    "same_domain": {"answer": "yes"},
    "direct_relation": {"answer": "yes", "detail": "Each of them bought from us."},
    "methods": {"methods": ["confirmed_opt_in", "single_opt_in"]},
}

FIRST = "2026-11"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_there_are_eight_questions_and_ten_methods_in_both_languages():
    asked = question_set()
    assert [question.number for question in asked.questions] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(asked.methods) == 10
    for language in ("fr", "en"):
        assert all(
            words.title and words.help and words.why
            for words in (question.words[language] for question in asked.questions)
        )
        assert all(method.names[language] and method.definitions[language] for method in asked.methods)
        assert all(texts[language] for texts in asked.problem_texts.values())


def test_nothing_is_missing_when_all_is_answered():
    assert missing(COMPLETE, today=TODAY) == []
    assert missing({}) == [question.key for question in question_set().questions]


@pytest.mark.parametrize(
    ("key", "value", "problems"),
    [
        ("last_used", {"date": ""}, [("date", "unanswered")]),
        ("last_used", {"date": "last spring"}, [("date", "date_needed")]),
        ("last_used", {"date": "2026-06-02"}, [("date", "date_in_future")]),
        ("last_used", {"date": "2026-06-01"}, []),
        ("sign_up", {"text": "  "}, [("text", "unanswered")]),
        ("sign_up", {"text": "A form and a box."}, []),
        ("sign_up", {"text": "See", "link": "our site"}, [("link", "url_bad")]),
        ("sign_up", {"text": "x" * (LONGEST_TEXT + 1)}, [("text", "text_too_long")]),
        ("expected", {"answer": "maybe"}, [("answer", "yes_or_no_needed")]),
        ("expected", {"detail": "They do."}, [("answer", "yes_or_no_needed")]),
        ("expected", {"answer": "yes"}, [("detail", "detail_needed")]),
        ("sign_up_urls", {"urls": []}, [("urls", "unanswered")]),
        ("sign_up_urls", {"urls": "https://a.example.com\r\nhttps://b.example.com"}, []),
        ("sign_up_urls", {"urls": ["https://example.com", "example"]}, [("urls", "url_bad")]),
        ("sign_up_urls", {"urls": ["javascript:alert(1)"]}, [("urls", "url_bad")]),
        ("sign_up_urls", {"urls": ["http://[::1"]}, [("urls", "url_bad")]),
        ("sign_up_urls", {"urls": [f"https://{n}.example.com" for n in range(21)]}, [("urls", "too_many_urls")]),
        ("same_domain", {"answer": "no"}, [("detail", "detail_needed"), ("domains", "follow_up_needed")]),
        ("same_domain", {"answer": "no", "detail": "A shop.", "domains": "shop.example.net, Café.example.org"}, []),
        ("same_domain", {"answer": "no", "detail": "A shop.", "domains": "our shop"}, [("domains", "domain_bad")] * 2),
        ("same_domain", {"answer": "yes", "domains": "our shop"}, []),  # not asked for
        ("direct_relation", {"answer": "no"}, [("detail", "detail_needed"), ("source", "follow_up_needed")]),
        ("methods", {"methods": ["purchased"]}, [("provider", "follow_up_needed")]),
        ("methods", {"methods": ["rented", "trade_show"], "provider": "Listes Inc."}, [("events", "follow_up_needed")]),
        ("methods", {"explanation": "words only"}, [("methods", "method_needed")]),
        ("methods", {"methods": ["guessing"]}, [("methods", "method_unknown")]),
        ("methods", {"methods": ["other"]}, [("explanation", "explanation_needed")]),
        ("methods", {"methods": ["other"], "explanation": "A paper form."}, []),
    ],
)
def test_an_answer_is_checked_part_by_part(key, value, problems):
    found = check_answer(question_set().question(key), value, today=TODAY)
    assert [(problem.part, problem.code) for problem in found] == problems
    assert all(problem_text(problem, language) for problem in found for language in ("fr", "en"))


@pytest.mark.parametrize("question", question_set().questions, ids=lambda question: question.key)
def test_no_value_breaks_the_check(question):
    @given(
        st.dictionaries(st.sampled_from(["date", "text", "link", "urls", "answer", "detail", "methods"]), json_values)
    )
    def check(value):
        problems = check_answer(question, value, today=TODAY)
        assert all(problem_text(problem, "fr") for problem in problems)
        assert tidy_answer(question, tidy_answer(question, value)) == tidy_answer(question, value)

    check()


def test_a_case_is_finished_with_the_questions_it_began_with():
    first, today = question_set(FIRST), question_set()
    assert (first.version, question_set(today.version)) == (FIRST, today)
    assert first.version != today.version
    given = COMPLETE | {"same_domain": {"answer": "no", "detail": "shop.example.net"}}
    assert missing(given, version=FIRST, today=TODAY) == []
    assert missing(given, today=TODAY) == ["same_domain"]


def test_a_version_that_was_never_asked_is_an_error():
    with pytest.raises(KeyError):
        question_set("1999-01")


@pytest.mark.parametrize("version", [FIRST, question_set().version])
def test_a_follow_up_hangs_on_a_choice_that_exists(version):
    asked = question_set(version)
    known = {"yes", "no"} | {method.key for method in asked.methods}
    for question in asked.questions:
        assert all(each.when <= known and set(each.labels) == {"fr", "en"} for each in question.follow_ups)


def test_parts_that_the_question_does_not_know_are_dropped():
    question = question_set().question("handling")
    assert tidy_answer(question, {"text": " Daily. ", "html": "<b>"}) == {"text": "Daily."}
