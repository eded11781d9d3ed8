"""What the sender of a file said of its dates settles them, in the moment of the consent and in those beside it."""

import io
from dataclasses import replace

import pytest

from consent.core.records import DAY_ONLY, rows_of
from consent.core.tables import Plan, inspect, lines_of
from tests.consent.workbooks import workbook


def read(data, **said):
    """Return the rows of a file whose sender *said* something about it."""
    plan = replace(inspect(lambda: io.BytesIO(data)), **said)
    plan = Plan.from_json(plan.as_json())
    return list(rows_of(lines_of(io.BytesIO(data), plan), plan))


CSV = "Courriel;Date;Confirmé le\nann@example.com;04/05/2012 10:00;04/05/2012 10:02\n".encode()


@pytest.mark.parametrize(("order", "moment"), [("day_first", "2012-05-04"), ("month_first", "2012-04-05")])
def test_order_and_zone_hold_for_the_confirmation_too(order, moment):
    (row,) = read(CSV, order=order, zone="America/Toronto")
    assert row.record.consented_at.isoformat() == f"{moment}T14:00:00+00:00"
    assert row.record.fields["Confirmé le"] == f"{moment}T14:02:00+00:00"


def test_without_a_word_the_row_is_refused():
    (row,) = read(CSV)
    assert [error.code for error in row.errors] == ["date_ambiguous"]


def test_a_zone_in_its_own_column_holds_for_the_confirmation_too():
    data = "Courriel;Date;Fuseau;Confirmé le\nann@example.com;2012-05-04 10:00;HAE;2012-05-04 10:02\n".encode()
    (row,) = read(data)
    assert row.record.fields["Confirmé le"] == "2012-05-04T14:02:00+00:00"


def test_a_confirmation_that_cannot_be_read_stays_as_it_was_written():
    (row,) = read(CSV.replace(b";04/05/2012 10:02", b";oui"), order="day_first", zone="UTC")
    assert row.record.fields["Confirmé le"] == "oui"


def test_a_day_without_a_time_is_its_first_moment_and_is_marked():
    data = b"Courriel;Date\nann@example.com;2012-05-04\nbob@example.com;2012-05-04 10:00\n"
    day, moment = read(data, zone="America/Toronto", takes_days=True)
    assert day.record.consented_at.isoformat() == "2012-05-04T04:00:00+00:00"
    assert (day.record.fields[DAY_ONLY], DAY_ONLY in moment.record.fields) == ("day", False)
    assert [row.errors[0].code for row in read(data) if row.errors] == ["time_missing", "zone_missing"]


def test_a_spreadsheets_day_has_its_time_in_the_column_beside():
    data = b"Courriel;Date;Heure\nann@example.com;2012-05-04 00:00:00;10:05\n"
    (row,) = read(data, zone="UTC")
    assert row.record.consented_at.isoformat() == "2012-05-04T10:05:00+00:00"


@pytest.mark.parametrize(("begins", "day"), [("", "2012-04-21"), ('<workbookPr date1904="1"/>', "2016-04-22")])
def test_days_are_counted_from_where_the_workbook_counts_them(begins, day):
    data = workbook([["Courriel", "Date"], ["ann@example.com", "41020.5"]], begins=begins)
    (row,) = read(data, zone="UTC")
    assert row.record.consented_at.isoformat() == f"{day}T12:00:00+00:00"


def test_a_column_is_what_its_sender_says():
    plan = inspect(
        lambda: io.BytesIO(b"Courriel;Date;Date;Mail 2\nann@example.com;x;2012-05-04 10:00 UTC;b@example.com\n")
    )
    assert plan.names == ("Courriel", "Date", "Date (3)", "Mail 2")
    assert plan.fields == ("email", "consent_date", "", "")
    meant = plan.with_columns({"Date (3)": "consent_date", "Mail 2": "email", "elsewhere": "ip"})
    assert meant.fields == ("", "", "consent_date", "email")
    assert plan.with_columns({"Courriel": ""}).fields == ("", "consent_date", "", "")
