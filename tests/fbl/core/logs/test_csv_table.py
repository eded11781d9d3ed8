"""The quick way through a CSV log gives what the csv module gives, whatever stands in the lines."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fbl.core.logs import csv_rows, generic_csv, pmta
from fbl.core.logs.csv_table import table
from fbl.core.logs.record import Tally
from tests import mta_logs


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("a,b\nc,d\n", True),
        ('a,"b,c"\n"d",\n', True),
        ('a,"say ""no"", twice"\nc,d\n', True),
        ("a,b\r\nc,d\r\n", True),
        ("a,b\nc\n", False),
        ("a,b,c\nd,e\n", False),
        ("a,b\n\n", False),
        ("a,b\nc,d", False),  # the last line may go on
        ('a,"b\nc",d\n', False),
        ('a,"b\nc,d\n', False),
        ('a,b"c"\n', False),
        ('a,"b"c\n', False),
        ('a,"b""\nc,d\n', False),
        ("a,b\rc,d\n", False),
        ("a,b\n" + "c" * 200_000 + ",d\n", False),
    ],
)
def test_only_what_is_plain_beyond_doubt_is_a_table(text, is_plain):
    assert (table(text, 2) is not None) is is_plain


_CELLS = st.one_of(
    st.sampled_from(
        ["", "d", "b", "t", "type", '"', '""', '"a,b"', '"say ""no"""', 'a"b', "x\ty", "é", "\ufeff", "\r"]
    ),
    st.text(alphabet='ad",\n\r', max_size=6),
)
_TEXTS = st.lists(st.lists(_CELLS, min_size=1, max_size=4).map(",".join), max_size=6).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(text=_TEXTS, width=st.integers(2, 4))
def test_a_table_has_the_rows_the_csv_module_reads(text, width):
    found = table(text, width)
    if found is None:
        return
    rows = list(csv.reader(io.StringIO(text, newline="\n")))
    assert [len(row) for row in rows] == [width] * found.lines
    assert [next(csv.reader([found.line(number)])) for number in range(len(rows))] == rows
    for place in range(width):
        shown = found.column(place)
        assert all(cell == row[place] or '"' in cell for cell, row in zip(shown, rows, strict=True))


def _lines(ours):
    return st.builds(
        mta_logs.pmta,
        st.sampled_from(["d", "d", "d", "d", "b", "rb", "t", "tq", "f", "", "D", '"d"', "type"]),
        st.sampled_from(
            ["zoe@yahoo.ca", "luc@example.org", "@yahoo.ca", "a@b@yahoo.ca", "nobody", '"a@yahoo.ca"', "x@y"]
        ),
        orig=st.sampled_from(
            [ours, ours.upper(), f'"{ours}"', ours[:20] + "a" + ours[21:], f"x{ours}", "", "o@example.com"]
        ),
        job=st.sampled_from(["acme", "boutique/noel", "", '"acme"', "nobody", '"acme,2"']),
        queued_at=st.sampled_from([mta_logs.QUEUED_AT, mta_logs.QUEUED_AT.replace(year=2031), None]),
        diag=st.sampled_from(["-", 'a,"b"', "two\nlines", "\r", "\0"]),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_log_gives_the_same_by_columns_and_by_rows(attribution, return_path, monkeypatch, data):
    lines = data.draw(st.lists(_lines(return_path), max_size=12))
    quoted = [line.replace(",acme,,", ',"acme",,') if number % 5 == 3 else line for number, line in enumerate(lines)]
    log = mta_logs.pmta_file(*quoted).encode()
    cut = data.draw(st.integers(0, len(log)))

    def read():
        reader, tally = pmta.reader(attribution), Tally()
        used = reader.feed(log[:cut], tally, final=False)
        used += reader.feed(log[used:], tally, final=True)
        return tally, used, reader.state(), attribution.take_campaigns()

    by_columns = read()
    attribution.know({"acme": 5, "boutique": 6})
    with monkeypatch.context() as patched:
        patched.setattr(csv_rows, "table", lambda text, width: None)
        assert read()[:3] == by_columns[:3]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), order=st.permutations(["type", "at", "recipient", "account", "status"]))
def test_any_csv_gives_the_same_by_columns_and_by_rows(attribution, monkeypatch, data, order):
    values = {
        "type": st.sampled_from(["sent", "250", "Delivered", "bounce", "exploded"]),
        "at": st.sampled_from(["2026-11-20 06:00:05+0000", "1795154405", "yesterday", ""]),
        "recipient": st.sampled_from(["zoe@yahoo.ca", '"zoe@yahoo.ca"', "nobody"]),
        "account": st.sampled_from(["acme", '"acme"', "nobody"]),
        "status": st.sampled_from(["sent", "250", "d"]),
    }
    rows = data.draw(st.lists(st.tuples(*(values[name] for name in order)), max_size=8))
    log = "".join(f"{','.join(row)}\n" for row in [order, *rows]).encode()

    def read():
        reader, tally = generic_csv.reader(attribution, columns={}), Tally()
        used = reader.feed(log[: log.find(b"\n") + 1], tally, final=False)
        reader.feed(log[used:], tally, final=True)
        return tally, reader.state()

    by_columns = read()
    with monkeypatch.context() as patched:
        patched.setattr(csv_rows, "table", lambda text, width: None)
        assert read() == by_columns


def test_most_lines_of_a_log_go_the_quick_way(attribution, return_path, monkeypatch):
    read_whole = []
    take = csv_rows.CsvReader._take
    monkeypatch.setattr(
        csv_rows.CsvReader, "_take", lambda self, rows, *others: (read_whole.extend(rows), take(self, rows, *others))
    )
    reader, tally = pmta.reader(attribution), Tally()
    reader.feed(mta_logs.pmta_file(mta_logs.pmta()).encode(), tally, final=False)
    read_whole.clear()
    lines = [mta_logs.pmta(orig=return_path)] * 95 + [mta_logs.pmta(), mta_logs.pmta("b", diag='no,"no"')]
    reader.feed("".join(lines).encode(), tally, final=False)

    assert (sum(tally.delivered.values()), len(tally.records)) == (97, 1)
    assert [row[0] for row in read_whole] == ["b"]
