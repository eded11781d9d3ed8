"""Every row of an uploaded file is a record, or says in which line and column it is wrong."""

import tomllib
from contextlib import suppress
from ipaddress import ip_address

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from consent.core.records import MESSAGES, file_message, mask, read_records, row_message
from consent.core.tables import UnreadableFile

FRENCH = (
    "Nom,Courriel,Adresse,Ville,Prov/État,Pays,Code postal,Téléphone jour,Téléphone soir,Site,DateHeureCommande,IP,Hôte"
)
ROW = (
    'Marie Tremblay,marie@example.com,"12, rue Principale",Québec,QC,Canada,G1R 2B5,418-555-0134,,'
    "https://www.example.com,2012-04-21 21:16:58.090 EST,192.0.2.17,host17.example.net"
)


def read(text, encoding="utf-8"):
    return [*read_records(text.encode(encoding)).rows]


def test_the_platforms_example_is_read_whole():
    (row,) = read(f"{FRENCH}\r\n{ROW}\r\n")
    record = row.record
    assert (record.line, record.email, record.ip) == (2, "marie@example.com", "192.0.2.17")
    assert record.consented_at.isoformat() == "2012-04-22T02:16:58.090000+00:00"
    assert record.fields["address"] == "12, rue Principale"
    assert record.fields["province"] == "QC"
    assert record.fields["host"] == "host17.example.net"
    assert record.fields["consented_at"] == "2012-04-21 21:16:58.090 EST"
    assert "phone_evening" not in record.fields


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_spreadsheets_export_is_read(delimiter, encoding):
    text = f"Prénom{delimiter}Courriel{delimiter}Hôte\r\nZoé{delimiter}zoe@example.com{delimiter}h.example.net\r\n"
    (row,) = read(text, encoding)
    assert dict(row.record.fields) == {"first_name": "Zoé", "email": "zoe@example.com", "host": "h.example.net"}


@pytest.mark.parametrize(
    "headings",
    ["Name,E-mail,OrderDateTime,IP", "full name,EMAIL ADDRESS,Consent Date,ip address", "nom,courriel,date/heure,IP"],
)
def test_headings_are_known_in_both_languages_and_any_case(headings):
    (row,) = read(f"{headings}\nAnn,ann@example.com,2020-05-01 10:00 UTC,2001:DB8::1\n")
    assert (row.record.email, row.record.ip) == ("ann@example.com", "2001:db8::1")
    assert row.record.consented_at.isoformat() == "2020-05-01T10:00:00+00:00"


def test_the_day_and_the_time_of_a_consent_may_stand_in_two_columns():
    (row,) = read("Courriel;Date du consentement;Heure\nmarie@example.com;2020-05-01;10:00 HAE\n")
    assert row.record.consented_at.isoformat() == "2020-05-01T14:00:00+00:00"


def test_excels_separator_line_and_empty_lines_are_passed_over():
    (row,) = read("sep=;\r\n\r\nCourriel;Ville\r\n\r\n;\r\nmarie@example.com;Québec\r\n")
    assert (row.line, row.record.fields["city"]) == (6, "Québec")


def test_date_time_and_zone_may_stand_in_columns_of_their_own():
    (row,) = read("Courriel,Date,Heure,Fuseau horaire\nmarie@example.com,2020-05-01,10:00,HAE\n")
    assert row.record.consented_at.isoformat() == "2020-05-01T14:00:00+00:00"


def test_columns_we_do_not_know_are_kept():
    file = read_records(b"Courriel,Chien,Chien,\nmarie@example.com,Rex,Fido,x\n")
    assert file.columns == {"Courriel": "email", "Chien": "", "": ""}
    (row,) = file.rows
    assert dict(row.record.fields) == {"email": "marie@example.com", "Chien": "Rex", "Chien (3)": "Fido", "(4)": "x"}


def test_a_second_column_of_the_same_heading_never_replaces_the_first():
    file = read_records(b"email,email\nmarie@example.com,other@example.com\n")
    assert file.columns == {"email": "email"}
    (row,) = file.rows
    assert row.record.email == row.record.fields["email"] == "marie@example.com"
    assert row.record.fields["email (2)"] == "other@example.com"


@pytest.mark.parametrize("written", ["Double consentement confirmé", "confirmed_opt_in", "CONFIRMED OPT-IN"])
def test_the_consent_method_is_recognised_by_name(written):
    (row,) = read(f"Courriel,Méthode\nmarie@example.com,{written}\n")
    assert row.record.method == "confirmed_opt_in"


def test_each_wrong_cell_is_told_by_line_and_column():
    rows = read(
        "Nom,Courriel,DateHeureCommande,IP\n"
        "Ann,ann@example.com,2020-05-01 10:00,192.0.2.1\n"
        "Bob,bob@@example.com,yesterday,999.0.2.1\n"
        "Eve,,,\n"
        "Dan,dan@example.com,,,,more\n"
        "Fay,fay@example.com,,\n"
        "Gus,gus@example.com\n"
        "Hal,hal@example.com,,fe80::1%eth0\n"
    )
    errors = [(error.line, error.column, error.code, error.value) for row in rows for error in row.errors]
    assert errors == [
        (2, "DateHeureCommande", "zone_missing", "2020-05-01 10:00"),
        (3, "Courriel", "email_bad", "b…@example.com"),
        (3, "DateHeureCommande", "date_bad", "yesterday"),
        (3, "IP", "ip_bad", "999.0.2.1"),
        (4, "Courriel", "email_missing", "…"),
        (5, "", "too_many_cells", ""),
        (8, "IP", "ip_bad", "fe80::1%eth0"),
    ]
    assert [row.line for row in rows if row.record] == [6, 7]


def test_a_cell_over_several_lines_does_not_shift_the_line_numbers():
    rows = read('Courriel,Adresse\nmarie@example.com,"12, rue A\nQuébec"\nbad,x\n')
    assert [(row.line, row.record is not None) for row in rows] == [(2, True), (4, False)]


def test_a_quotation_mark_that_never_closes_is_one_error_and_no_crash():
    rows = read('Courriel,Nom\nmarie@example.com,"open\n' + "x" * 200_000 + "\nann@example.com,Ann\n")
    assert [error.code for row in rows for error in row.errors] == ["unreadable"]
    assert rows[-1].record.email == "ann@example.com"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"PK\x03\x04....", "damaged"),
        (b"\xd0\xcf\x11\xe0....", "workbook"),
        (b"%PDF-1.7", "not_text"),
        (b"text with \0 inside, and more text", "not_text"),
        (b"marie@example.com,Marie\nann@example.com,Ann\n", "no_headings"),
        (b"Nom,Ville\nMarie,Laval\n", "no_email_column"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_reason(data, code):
    with pytest.raises(UnreadableFile) as error:
        read_records(data)
    assert error.value.code == code
    assert all(file_message(code, language) for language in ("fr", "en"))


def test_every_message_has_both_languages_and_its_values():
    texts = tomllib.loads(MESSAGES.read_text(encoding="utf-8"))
    assert all({"fr", "en"} == set(text) for table in texts.values() for text in table.values())
    (row,) = read("Courriel,IP\nmarie@example.com,x.y\n")
    assert row_message(row.errors[0], "en") == "Line 2, “IP”: “x.y” is not an IP address."
    french = "Ligne 2, « IP » : « x.y » n’est pas une adresse IP."
    assert row_message(row.errors[0], "fr") == french


def test_a_masked_address_keeps_its_domain_and_loses_the_person():
    assert mask("marie@example.com") == "m…@example.com"
    assert mask("marie tremblay") == "m…"


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    for start in (b"", b"Courriel,IP,DateHeure\n"):
        with suppress(UnreadableFile):
            rows = [*read_records(start + data).rows]
            assert all((row.record is None) == bool(row.errors) for row in rows)
            assert all(row_message(error, "fr") for row in rows for error in row.errors)


@given(st.lists(st.sampled_from(["marie@example.com", "bad", "", "x,y,z,w", '"', "ann@example.com,2020"]), max_size=30))
def test_each_line_with_something_in_it_is_answered_once(lines):
    data = "Courriel,Date\n" + "\n".join(line for line in lines if '"' not in line)
    answered = [row.line for row in read(data)]
    assert answered == [number for number, line in enumerate(data.split("\n"), start=1) if number > 1 and line.strip()]


@given(
    st.from_regex(r"[a-zA-Z0-9.+_'-]{0,70}", fullmatch=True),
    st.sampled_from(
        ["example.com", "EXAMPLE.com", "a-.example.com", "localhost", "x.test", "exämple.com", "", "a..b.ca"]
    )
    | st.from_regex(r"([a-z0-9-]{1,70}\.){1,5}[a-z]{1,3}", fullmatch=True),
)
def test_an_address_is_right_when_the_library_says_so(local, domain):
    address = f"{local}@{domain}"
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        is_right = False
    else:
        is_right = True
    (row,) = read(f"Courriel;Ville\n{address};Laval\n")
    assert (row.record is not None) == is_right


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){2,4}\.?", fullmatch=True))
def test_an_ip_address_is_right_when_python_says_so(written):
    (row,) = read(f"Courriel,IP\nann@example.com,{written}\n")
    try:
        told = str(ip_address(written))
    except ValueError:
        told = None
    assert (row.record.ip if row.record else None) == told
