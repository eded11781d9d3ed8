"""Answers that fit say nothing; those that do not are shown with a harmless explanation."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.contradictions import (
    Facts,
    _rows,
    contradiction_text,
    contradictions,
    is_same_organisation,
)

FORBIDDEN = frozenset({"purchased", "rented", "harvested", "affiliate"})
REPORTED = date(2026, 6, 20)
WEEKLY = frozenset(REPORTED - timedelta(days=7 * week) for week in range(20))
HONEST = {
    "last_used": {"date": "2026-06-13"},
    "sign_up_urls": {"urls": ["https://www.example.com/infolettre"]},
    "same_domain": {"answer": "yes"},
    "methods": {"methods": ["confirmed_opt_in"]},
}
KNOWN = Facts(
    sending_domains=frozenset({"mail.example.com"}),
    records=4000,
    confirmations=3990,
    methods={"confirmed_opt_in": 4000},
    send_days=WEEKLY,
    known_from=REPORTED - timedelta(days=133),
    reported_day=REPORTED,
)


def codes(answers=None, **facts):
    found = contradictions(HONEST | (answers or {}), Facts(**(KNOWN.__dict__ | facts)), FORBIDDEN)
    return {one.code: (one.value, one.count) for one in found}


def test_answers_that_fit_are_not_contradicted():
    assert codes() == {}


def test_what_is_not_known_contradicts_nothing():
    assert contradictions(HONEST, Facts(), FORBIDDEN) == ()


@pytest.mark.parametrize(
    ("answers", "facts", "found"),
    [
        (
            {},
            {"unreachable": frozenset({"https://www.example.com/infolettre"})},
            {"url_unreachable": ("https://www.example.com/infolettre", 0)},
        ),
        ({}, {"unreachable": frozenset({"https://elsewhere.example.org/"})}, {}),
        ({}, {"sending_domains": frozenset({"news.example.org"})}, {"url_not_of_sender": ("www.example.com", 0)}),
        ({"same_domain": {"answer": "no", "domains": "shop.example.com"}}, {}, {}),
        (
            {"same_domain": {"answer": "no", "domains": "shop.example.net"}},
            {},
            {"url_not_of_named_domain": ("www.example.com", 0)},
        ),
        ({}, {"confirmations": 0}, {"no_confirmation_times": ("", 4000)}),
        ({}, {"confirmations": None}, {}),
        ({"methods": {"methods": ["single_opt_in"]}}, {"methods": {"single_opt_in": 9}, "confirmations": 0}, {}),
        ({"last_used": {"date": "2026-03-14"}}, {}, {"used_since": ("2026-06-13", 13)}),
        ({"last_used": {"date": "2026-06-12"}}, {}, {}),  # a rough date will do
        ({"last_used": {"date": "2026-06-25"}}, {}, {"last_use_after_report": ("2026-06-20", 0)}),
        (
            {"last_used": {"date": "2026-03-01"}},
            {"send_days": frozenset({REPORTED})},
            {"not_sent_then": ("2026-03-01", 0)},
        ),
        ({"last_used": {"date": "2025-03-01"}}, {"send_days": frozenset({REPORTED})}, {}),  # before what is known
        (
            {"methods": {"methods": ["confirmed_opt_in", "trade_show"]}},
            {},
            {"method_not_in_records": ("trade_show", 4000)},
        ),
        ({}, {"methods": {"confirmed_opt_in": 3000, "implied": 1000}}, {"method_not_said": ("implied", 1000)}),
        ({}, {"methods": {"confirmed_opt_in": 3990, "implied": 10}}, {}),  # a typing error
        ({"methods": {"methods": ["purchased"]}}, {"methods": {}}, {"forbidden_method": ("purchased", 0)}),
    ],
)
def test_what_does_not_fit_is_named(answers, facts, found):
    assert codes(answers, **facts) == found


def test_the_heaviest_comes_first():
    found = contradictions(
        HONEST | {"methods": {"methods": ["purchased"]}}, Facts(records=1, methods={"implied": 1}), FORBIDDEN
    )
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True)
    assert found[0].code == "forbidden_method"


@pytest.mark.parametrize("code", sorted(_rows()))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_has_words_and_a_harmless_explanation(code, language):
    row = _rows()[code]
    assert 0 < row["weight"] <= 1
    assert row["says"][language].format(value="x", count=1)
    assert row["benign"][language]


def test_the_words_carry_the_figures():
    [one] = contradictions(HONEST, Facts(records=12, confirmations=0), FORBIDDEN)
    assert "(12)" in contradiction_text(one, "en").says


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("example.com", "www.EXAMPLE.com.", True),
        ("a.example.com", "b.example.com", True),
        ("example.com", "example.net", False),
        ("a.co.uk", "b.co.uk", False),
        ("www.a.co.uk", "a.co.uk", True),
    ],
)
def test_domains_of_one_owner(one, other, same):
    assert is_same_organisation(one, other) is same


@given(
    st.dictionaries(
        st.sampled_from([*HONEST]),
        st.dictionaries(
            st.sampled_from(["date", "urls", "answer", "domains", "methods"]),
            st.text() | st.lists(st.text() | st.just("https://x.example.com/")),
        ),
    )
)
def test_no_answers_break_it(answers):
    assert all(contradiction_text(one, "fr").says for one in contradictions(answers, KNOWN, FORBIDDEN))
