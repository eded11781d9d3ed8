"""Records told one by one: whole and dated, or refused field by field."""

from datetime import timedelta

import pytest

from consent.core.captures import LONGEST, read_captures
from tests.worlds import NOON

WHOLE = {
    "id": "signup-1",
    "email": "Marie@example.com",
    "method": "single_opt_in",
    "consented_at": "2012-04-21 21:16:58.090 EST",
    "ip": "192.0.2.17",
    "host": "client.example.net",
    "user_agent": "Mozilla/5.0",
    "form_url": "https://www.example.com/infolettre",
    "form_version": "v7",
    "wording": "Je veux l’infolettre.",
    "transaction": "C-1001",
    "import_id": "nuit-12",
    "declarer": "Anne",
}


def problems_of(**changed):
    _read, problems = read_captures([WHOLE | changed], NOON)
    return [(problem.field, problem.code) for problem in problems]


def test_a_whole_record_keeps_all_it_says():
    [captured], problems = read_captures([WHOLE], NOON)
    assert not problems
    record = captured.record
    assert (captured.own_id, record.email, record.method, record.ip) == (
        "signup-1", "Marie@example.com", "single_opt_in", "192.0.2.17"
    )  # fmt: skip
    assert record.consented_at.isoformat() == "2012-04-22T02:16:58.090000+00:00"
    assert record.fields["site"] == WHOLE["form_url"]  # as files call it
    for name in ("host", "user_agent", "form_version", "wording", "transaction", "import_id", "declarer"):
        assert record.fields[name] == WHOLE[name]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"email": ""}, [("email", "missing")]),
        ({"email": "marie@@example.com"}, [("email", "email_bad")]),
        ({"method": None}, [("method", "missing")]),
        ({"method": "trust me"}, [("method", "method_unknown")]),
        ({"consented_at": ""}, [("consented_at", "missing")]),
        ({"consented_at": "2012-04-21"}, [("consented_at", "time_missing")]),
        ({"consented_at": "2012-04-21 21:16:58"}, [("consented_at", "zone_missing")]),
        ({"consented_at": "03/04/2012 21:16:58 EST"}, [("consented_at", "date_ambiguous")]),
        ({"consented_at": "2012-02-30 21:16:58 EST"}, [("consented_at", "date_bad")]),
        ({"consented_at": (NOON + timedelta(minutes=6)).isoformat()}, [("consented_at", "in_future")]),
        ({"consented_at": (NOON + timedelta(minutes=4)).isoformat()}, []),
        ({"confirmed_at": "soon"}, [("confirmed_at", "date_bad")]),
        ({"confirmed_at": (NOON + timedelta(days=1)).isoformat()}, [("confirmed_at", "in_future")]),
        ({"basis": "friendship"}, [("basis", "basis_unknown")]),
        ({"method": "implied", "basis": "purchase"}, []),
        ({"ip": "192.0.2.300"}, [("ip", "ip_bad")]),
        ({"emial": "x"}, [("emial", "unknown_field")]),
        ({"host": 7}, [("host", "not_text")]),
        ({"host": "a\0b"}, [("host", "not_text")]),
        ({"host": "\ud800"}, [("host", "not_text")]),
        ({"wording": "x" * 5_001}, [("wording", "too_long")]),
        ({"ip": "x", "email": "x"}, [("email", "email_bad"), ("ip", "ip_bad")]),
    ],
)
def test_what_is_wrong_is_told_by_field(changed, wrong):
    assert problems_of(**changed) == wrong


@pytest.mark.parametrize("row", [None, [], "marie@example.com", 7])
def test_what_is_no_record_is_told_by_row(row):
    read, problems = read_captures([WHOLE, row], NOON)
    assert len(read) == 1
    assert [(problem.row, problem.field, problem.code) for problem in problems] == [(2, "", "not_a_record")]


def test_every_field_may_be_as_long_as_is_said():
    assert not problems_of(**{name: "x" * LONGEST[name] for name in ("id", "host", "user_agent", "wording", "name")})
