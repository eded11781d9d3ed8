"""A file handed in on a page is seen as it is understood, set right, and recorded only when that is confirmed."""

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import formats, translation

from consent.core.tables import inspect
from consent.models import ConsentRecord, ConsentUpload, KnownHeading

FILE = (
    b"Nom;Correo;Date;Note\r\n"
    b"Marie;marie@example.com;04/05/2026 21:16:58;foire\r\n"
    b"Luc;luc@@example.com;05/06/2026 09:05:00;\r\n"
)
MEANT = {"column0": "name", "column1": "email", "column2": "consent_date", "column3": ""}


@pytest.fixture
def person(platform):
    return platform.browser("client")


@pytest.fixture
def hand_in(platform, person):
    """Return the address of a file that was just handed in."""

    def send(data=FILE):
        sent = SimpleUploadedFile("mai.csv", data, content_type="text/csv")
        reply = person.post(reverse("portal:consent_of", args=[platform.mine.key]), {"file": sent})
        return reply.headers["Location"]

    return send


def text(reply):
    return reply.content.decode()


def test_the_page_shows_columns_values_and_questions(person, hand_in):
    shown = text(person.get(hand_in()))
    for told in ("Correo", "marie@example.com", "such as 04/05/2026 21:16:58", "In which one were they recorded?"):
        assert told in shown
    assert "Which one has them?" in shown  # no column is known as the one of addresses
    assert not ConsentRecord.stored.exists()


def test_looking_again_shows_the_rows_by_what_was_said(person, hand_in):
    address = hand_in()
    told = {**MEANT, "act": "look", "date_order": "month_first", "zone": "America/Toronto"}
    shown = text(person.post(f"{address}answer/", told, follow=True))
    assert "April 5, 2026 21:16:58 (UTC-04:00)" in shown
    assert "“l…@example.com” is not an e-mail address." in shown
    shown = text(person.post(f"{address}answer/", {**told, "date_order": "day_first"}, follow=True))
    assert "May 4, 2026 21:16:58" in shown
    assert not ConsentRecord.stored.exists()


def test_a_confirmed_file_is_recorded_and_its_columns_are_remembered(platform, person, hand_in):
    told = {**MEANT, "act": "read", "date_order": "day_first", "zone": "America/Toronto"}
    shown = text(person.post(f"{hand_in()}answer/", told, follow=True))
    (record,) = ConsentRecord.objects.all()
    assert record.consented_at.isoformat() == "2026-05-05T01:16:58+00:00"
    assert "In dates with two meanings: the day: 04/05 is the 4th of May." in shown
    assert KnownHeading.objects.get().field == "email"
    again = person.get(hand_in(FILE + b"Eve;eve@example.com;07/06/2026 10:00:00;\r\n"))
    assert [column.field.value() for column in again.context["columns"]] == ["name", "email", "consent_date", ""]
    assert [row.is_waiting for row in again.context["rows"]] == [True, True, True]
    assert again.context["form"]["zone"].value() == "America/Toronto"  # proposed, to be confirmed anew


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "Say whether the day or the month comes first."),
        ({"date_order": "day_first"}, "Choose the time zone of the dates."),
        ({"date_order": "day_first", "other_zone": "Atlantis"}, "This time zone is unknown."),
        (
            {"date_order": "day_first", "zone": "UTC", "column0": "email"},
            "Two columns can&#x27;t both be “e-mail address”.",
        ),
        ({"date_order": "day_first", "zone": "UTC", "column1": ""}, "Say which column has the e-mail addresses."),
        ({"date_order": "day_first", "zone": "UTC", "column0": "shoe_size"}, "Select a valid choice."),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_nothing_is_recorded(person, hand_in, told, problem):
    reply = person.post(f"{hand_in()}answer/", {**MEANT, **told, "act": "read"})
    assert (reply.status_code, problem in text(reply)) == (422, True)
    assert ConsentUpload.objects.get().state == "needs_answer"
    assert not ConsentRecord.stored.exists()


def test_a_zone_may_be_typed(person, hand_in):
    told = {**MEANT, "act": "read", "date_order": "day_first", "other_zone": "America/Mexico_City"}
    assert "Times without a zone: America/Mexico_City." in text(person.post(f"{hand_in()}answer/", told, follow=True))


def test_a_file_may_be_withdrawn_before_it_is_read_and_no_longer_after(person, hand_in):
    address = hand_in()
    shown = text(person.post(f"{address}withdraw/", follow=True))
    assert "Nothing of it was kept" in shown
    assert ConsentUpload.objects.get().state == "withdrawn"
    assert "This file waits for no answer." in text(person.post(f"{address}answer/", MEANT, follow=True))
    read = hand_in(b"Courriel\nann@example.com\n")
    person.post(f"{read}answer/", {"act": "read", "column0": "email"})
    assert "This file waits for no answer." in text(person.post(f"{read}withdraw/", follow=True))
    assert ConsentRecord.objects.count() == 1


def test_a_file_in_which_nothing_is_dated_is_warned_about(person, hand_in):
    address = hand_in(b"Courriel\nann@example.com\n")
    shown = text(person.post(f"{address}answer/", {"act": "read", "column0": "email"}, follow=True))
    assert "No row of this file is dated." in shown


def test_refused_rows_come_as_a_table(person, hand_in):
    address = hand_in(b"Courriel;IP\nann@example.com;=1+1\n")
    shown = text(person.post(f"{address}answer/", {"act": "read", "column0": "email", "column1": "ip"}, follow=True))
    assert f'href="{address}rejects.csv"' in shown
    heading, row = csv.reader(io.StringIO(b"".join(person.get(f"{address}rejects.csv")).decode("utf-8-sig")))
    assert heading == ["Line", "Column", "Code", "Value", "What to do"]
    assert row[:4] == ["2", "IP", "ip_bad", "'=1+1"]


def test_progress_is_shown_and_asked_for_again_without_a_script(person, hand_in):
    address = hand_in()
    ConsentUpload.objects.update(state="reading", rows=1200, read_bytes=50, size=200)
    shown = text(person.get(address))
    assert "1,200 rows read so far" in shown
    assert 'value="25"' in shown
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in shown


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_is_a_file_whose_columns_are_all_known(platform, language, form):
    reply = platform.browser("client", language).get(reverse(f"portal:template_{form}"))
    plan = inspect(lambda: io.BytesIO(reply.content))
    assert len(plan.fields) == len(set(plan.fields)) == 14
    assert all(plan.fields)
    assert ("Courriel" in plan.headings) == (language == "fr")
    assert f".{form}" in reply.headers["Content-Disposition"]


def test_the_month_of_may_has_its_french_name():
    with translation.override("fr"):
        assert formats.date_format(date(2026, 5, 4), "DATE_FORMAT") == "4 mai 2026"
