"""A table comes in many forms, packed or not; each row is the same record, wherever reading began."""

import gzip
import io
import zlib
from functools import partial

import pytest

from consent.core.packing import Limits, UnreadableFile
from consent.core.records import read_records, rows_of
from consent.core.tables import Form, Plan, inspect, lines_of
from tests.consent.workbooks import MAIN, packed, workbook

CSV = 'Courriel;Ville;Remarque\r\nzoe@example.com;Québec;"deux\r\nlignes"\r\nann@example.com;Montréal;\r\n'.encode()
NDJSON = (
    '{"Courriel": "zoe@example.com", "Ville": "Québec"}\n\n{"Courriel": "ann@example.com", "ip": "192.0.2.1"}\n'
).encode()
PAIRS = "Courriel: zoe@example.com\nVille : Québec\n\n\nCourriel: ann@example.com\nVille: Montréal\n".encode()
WORKBOOK = workbook([["Courriel", "Ville"], ["zoe@example.com", "Québec"], [], ["ann@example.com", "Montréal"]])


def rows(data):
    return list(read_records(data).rows)


@pytest.mark.parametrize(
    ("data", "form", "lines"),
    [
        (CSV, Form.CSV, [2, 4]),
        (CSV.replace(b";", b"\t"), Form.CSV, [2, 4]),
        (NDJSON, Form.NDJSON, [1, 3]),
        (PAIRS, Form.PAIRS, [1, 5]),
        (WORKBOOK, Form.WORKBOOK, [2, 4]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_each_form_gives_the_same_records(data, form, lines, pack):
    data = pack(data)
    assert inspect(lambda: io.BytesIO(data)).form is form
    found = rows(data)
    assert [row.line for row in found] == lines
    assert [row.record.email for row in found] == ["zoe@example.com", "ann@example.com"]
    assert found[0].record.fields["city"] == "Québec"


@pytest.mark.parametrize("data", [CSV, NDJSON, PAIRS, WORKBOOK, gzip.compress(CSV), CSV.decode().encode("utf-16")])
def test_reading_goes_on_behind_any_row_with_the_next(data):
    plan = Plan.from_json(inspect(lambda: io.BytesIO(data)).as_json())
    whole = list(rows_of(lines_of(io.BytesIO(data), plan), plan))
    for number, row in enumerate(whole, start=1):
        assert list(rows_of(lines_of(io.BytesIO(data), plan, after=row.end), plan)) == whole[number:]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16"])
def test_french_is_read_in_every_encoding_of_an_office(encoding):
    text = "Prénom;Courriel;Ville\r\nZoé;zoe@example.com;Trois-Rivières, près d’Orléans\r\n"
    (row,) = rows(text.encode(encoding))
    assert (row.record.fields["first_name"], row.record.fields["city"]) == ("Zoé", "Trois-Rivières, près d’Orléans")


def test_the_first_letter_beyond_ascii_may_stand_far_down():
    text = "Courriel;Ville\n" + "ann@example.com;Laval\n" * 100_000 + "zoe@example.com;Québec\n"
    for encoding in ("cp1252", "mac_roman", "utf-8"):
        assert inspect(partial(io.BytesIO, text.encode(encoding))).encoding.startswith(encoding)


def test_a_moment_in_a_workbook_is_read_without_doubt_about_day_and_month():
    data = workbook([["Courriel", "DateHeure", "Fuseau"], ["ann@example.com", "#43954.5", "UTC"]])
    (row,) = rows(data)
    assert row.record.consented_at.isoformat() == "2020-05-03T12:00:00+00:00"


def test_a_key_that_comes_up_late_is_understood_too():
    _first, second = rows(NDJSON)
    assert second.record.ip == "192.0.2.1"


def test_a_wrong_line_of_json_is_one_wrong_row():
    found = rows(b'{"email": "ann@example.com"}\n{"email": \n{"email": "bob@example.com"}\n')
    assert [(row.line, [error.code for error in row.errors]) for row in found] == [
        (1, []),
        (2, ["unreadable"]),
        (3, []),
    ]


def test_several_members_of_gzip_are_one_file():
    half = len(CSV) // 2
    assert len(rows(gzip.compress(CSV[:half]) + gzip.compress(CSV[half:]) + bytes(512))) == 2


SMALL = Limits(
    unpacked_bytes=10**8, workbook_bytes=10_000, workbook_unpacked_bytes=10**6, workbook_cells=1_000, columns=50
)
FAR = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="{{row}}">{{cell}}</row>'
FAR += "</sheetData></worksheet>"


def zeros(megabytes):
    packer = zlib.compressobj(wbits=31)
    return (
        packer.compress(b"Courriel")
        + b"".join(packer.compress(bytes([10]) * 1024**2) for _ in range(megabytes))
        + packer.flush()
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zeros(40), "bomb"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(CSV)[:-20], "damaged"),
        (gzip.compress(CSV)[:20] + b"rubbish" * 9, "damaged"),
        (gzip.compress(gzip.compress(CSV)), "packed_twice"),
        (b"\x28\xb5\x2f\xfd....", "other_packing"),
        (b"[" + NDJSON, "json_list"),
        (b"Courriel;Nom\n" + b"x" * 2_000_000, "long_line"),
        (";".join(["Courriel", *map(str, range(60))]).encode(), "too_many_columns"),
        (packed(FAR.format(row=1048576, cell='<c r="A1048576"><v>1</v></c>')), "workbook_too_large"),
        (packed(FAR.format(row=2, cell='<c r="XFD2"><v>1</v></c>')), "too_many_columns"),
        (packed('<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>'), "bomb"),
        (packed("<worksheet>" + " " * 2_000_000), "bomb"),
        (packed("<worksheet><row"), "damaged"),
        (WORKBOOK[: len(WORKBOOK) // 2], "damaged"),
        (
            packed(
                FAR.format(row=2, cell='<c r="A2" t="s"><v>0</v></c>' * 20),
                **{"xl__sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"x" * 90_000}</t></si></sst>'},
            ),
            "bomb",
        ),
    ],
)
def test_what_would_take_too_much_or_is_damaged_is_refused(data, code):
    with pytest.raises(UnreadableFile) as error:
        inspect(lambda: io.BytesIO(data), SMALL)
    assert error.value.code == code


def test_an_archive_of_something_else_and_a_workbook_too_heavy_are_refused():
    for data, code in (
        (packed("<a/>").replace(b"xl/worksheets/", b"xl/otherparts/"), "archive"),
        (b"PK\x03\x04" * 5_000, "workbook_too_large"),
    ):
        with pytest.raises(UnreadableFile) as error:
            inspect(lambda data=data: io.BytesIO(data), SMALL)
        assert error.value.code == code
