"""What the rows of a file settle is not asked; what has two meanings is, with examples from the file."""

import io
import tomllib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core import asks
from consent.core.moments import DateOrder
from consent.core.records import rows_of
from consent.core.survey import survey_of
from consent.core.tables import inspect, lines_of
from tests.consent.workbooks import workbook


def plan_of(data):
    return inspect(lambda: io.BytesIO(data))


def asked(data, answers=None, *, confirms=False):
    plan = plan_of(data)
    return asks.asks_of(survey_of(lines_of(io.BytesIO(data), plan), plan), plan, answers or {}, confirms=confirms)


def dates(*written, heading="DateHeure"):
    return "\n".join([f"Courriel;{heading}", *(f"n{n}@example.com;{text}" for n, text in enumerate(written))]).encode()


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        (["2012-04-21 21:16:58.090 EST"] * 3, []),
        (["04/05/2012 10:00 EST", "21/04/2012 10:00 EST"], []),  # one row says it for all
        (["04/05/2012 10:00 EST", "04/21/2012 10:00 EST"], []),
        (["04/05/2012 10:00 EST", "05/05/2012 10:00 EST"], ["date_order"]),
        (["04/05/2012 10:00 EST", "21/04/2012 10:00 EST", "04/21/2012 10:00 EST"], ["date_order"]),
        (["21/04/2012 10:00 EST", "04/21/2012 10:00 EST"], []),  # no row with two meanings
        (["04.05.2012 10:00 EST"], []),
        (["2012-04-21 10:00:00", "2012-04-22 10:00:00"], ["zone"]),
        (["2012-04-21 10:00:00", "2012-04-22 10:00:00 EST"], []),  # the others show that a zone can be written
        (["04/05/2012 10:00", "05/06/2012 10:00"], ["date_order", "zone"]),
        (["2012-04-21", "2012-04-22"], ["days", "zone"]),
        (["2012-04-21 EST", "2012-04-22 EST"], ["days"]),
        (["yesterday", "", "12-04-21"], []),  # told when the rows are read
        (["1335057418"], []),
    ],
)
def test_only_what_has_two_meanings_is_asked(written, codes):
    assert [ask.code for ask in asked(dates(*written))] == codes


def test_a_question_shows_the_rows_that_raise_it():
    (order,) = asked(dates("04/05/2012 10:00 EST", "05/05/2012 10:00 EST", *["06/07/2012 10:00 EST"] * 3))
    assert (order.rows, order.examples) == (4, ("04/05/2012 10:00 EST", "06/07/2012 10:00 EST"))
    assert order.choices == ("day_first", "month_first", "mixed")


def test_what_concerns_few_rows_is_offered_beside_another_question_and_asked_for_itself_never():
    rows = ["2012-04-21 10:00 EST"] * 199 + ["04/05/2012 10:00 EST"]
    assert asked(dates(*rows)) == ()
    offered = asked(dates(*rows), confirms=True)
    assert [(ask.code, ask.required) for ask in offered] == [("date_order", False), ("confirm", True)]


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({}, ["days", "zone"]),
        ({"days": "accept"}, ["zone"]),
        ({"days": "refuse"}, []),  # then the zone of days is of no use
        ({"days": "accept", "zone": "EST"}, []),
    ],
)
def test_an_answered_question_is_not_asked_again(answers, codes):
    assert [ask.code for ask in asked(dates("2012-04-21"), answers)] == codes


def test_an_answer_can_be_changed_as_long_as_nothing_is_confirmed():
    told = {"days": "accept", "zone": "EST"}
    seen = asked(dates("2012-04-21"), told, confirms=True)
    assert [(ask.code, ask.required) for ask in seen] == [("days", False), ("zone", False), ("confirm", True)]
    assert asked(dates("2012-04-21"), told | {"confirm": True}, confirms=True) == ()


def test_a_zone_or_a_time_in_a_column_of_its_own_is_seen():
    data = b"Courriel;Date;Heure;Fuseau\nann@example.com;2012-04-21;10:00;HNE\nbob@example.com;2012-04-21;10:00;HNE\n"
    assert asked(data) == ()
    assert [ask.code for ask in asked(data.replace(b"HNE", b""))] == ["zone"]
    assert [ask.code for ask in asked(data.replace(b";10:00", b";"))] == ["days"]


def test_the_dates_of_a_workbook_have_no_zone_and_no_doubt_about_the_month():
    rows = [["Courriel", "DateHeure"], ["ann@example.com", "#43954.5"], ["bob@example.com", "43955.25"]]
    assert [ask.code for ask in asked(workbook(rows))] == ["zone"]


def test_a_file_without_a_known_column_of_addresses_asks_for_it():
    assert [ask.code for ask in asked(b"Nom;Ville\nann@example.com;Laval\n")] == ["columns"]


@given(
    st.lists(st.datetimes(datetime(2012, 1, 1), datetime(2013, 12, 31)), min_size=1, max_size=20),
    st.sampled_from(list(DateOrder)),
)
def test_no_file_of_one_order_is_ever_read_in_the_other(moments, order):
    form = "%d/%m/%Y %H:%M" if order is DateOrder.DAY_FIRST else "%m/%d/%Y %H:%M"
    data = dates(*(moment.strftime(form) for moment in moments))
    plan = plan_of(data)
    survey = survey_of(lines_of(io.BytesIO(data), plan), plan)
    answers = {"zone": "UTC"}
    if any(ask.code == "date_order" for ask in asks.asks_of(survey, plan, answers, confirms=False)):
        answers["date_order"] = order.value
    plan = asks.settled(plan, survey, answers)
    read = [row.record.consented_at for row in rows_of(lines_of(io.BytesIO(data), plan), plan)]
    assert [moment.replace(tzinfo=None) for moment in read] == [
        moment.replace(second=0, microsecond=0) for moment in moments
    ]


def test_rows_with_two_meanings_are_refused_when_the_order_changes_from_row_to_row():
    data = dates("04/05/2012 10:00 EST", "21/04/2012 10:00 EST", "04/21/2012 10:00 EST")
    plan = plan_of(data)
    plan = asks.settled(plan, survey_of(lines_of(io.BytesIO(data), plan), plan), {"date_order": "mixed"})
    rows = list(rows_of(lines_of(io.BytesIO(data), plan), plan))
    assert [[error.code for error in row.errors] for row in rows] == [["date_ambiguous"], [], []]


@pytest.mark.parametrize(
    ("answers", "flaw"),
    [
        ({"columns": {"Courriel": "email", "DateHeure": ""}}, None),
        ({"columns": ["email"]}, "columns_shape"),
        ({"columns": {"Courriel": 1}}, "columns_shape"),
        ({"columns": {"Nom": "name"}}, "column_unknown"),
        ({"columns": {"DateHeure": "shoe_size"}}, "field_unknown"),
        ({"columns": {"Courriel": "ip", "DateHeure": "ip"}}, "field_twice"),
        ({"columns": {"Courriel": ""}}, "email_missing"),
        ({"date_order": "day_first"}, None),
        ({"date_order": "year_first"}, "choice"),
        ({"date_order": []}, "choice"),
        ({"zone": "America/Toronto"}, None),
        ({"zone": "+02:00"}, None),
        ({"zone": "Atlantis"}, "zone"),
        ({"zone": None}, "zone"),
        ({"days": "accept"}, None),
        ({"days": True}, "choice"),
        ({"confirm": True}, None),
        ({"confirm": "yes"}, "choice"),
        ({"shoe": "left"}, "unknown_answer"),
    ],
)
def test_an_answer_that_does_not_fit_is_told(answers, flaw):
    flaws = asks.flaws_in(answers, plan_of(dates("2012-04-21")))
    assert [one.code for one in flaws.values()] == ([flaw] if flaw else [])
    assert all(one.text(language) for one in flaws.values() for language in ("fr", "en"))


def test_every_question_and_answer_has_words_in_both_languages():
    data = tomllib.loads(asks.DATA.read_text(encoding="utf-8"))
    for kind in ("ask", "choice", "flaw", "warning"):
        assert all(set(words) == {"fr", "en"} for words in data[kind].values())
    every = asked(dates("04/05/2012", "05/06/2012"), confirms=True)
    assert [ask.code for ask in every] == ["date_order", "days", "zone", "confirm"]
    for ask in every:
        assert all(asks.ask_text(ask.text, "fr") != asks.choice_text(choice, "en") for choice in ask.choices)


def test_a_survey_of_many_rows_keeps_few_of_them():
    day = datetime(2012, 1, 1)
    survey = survey_of(
        lines_of(io.BytesIO(many := dates(*(f"{day + timedelta(n):%d/%m/%Y}" for n in range(500)))), plan_of(many)),
        plan_of(many),
    )
    assert survey.dated == survey.found["days"] == 500
    assert survey.order is DateOrder.DAY_FIRST
    assert all(len(examples) <= 3 for examples in survey.examples.values())
