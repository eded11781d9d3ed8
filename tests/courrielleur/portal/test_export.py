"""A reseller's list: narrowed by standing, and exported so that no cell is a formula."""

import csv
import io

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courrielleur.spreadsheets import harmless, to_csv
from tests.worlds import make_account


def read(reply):
    assert reply.status_code == 200
    return list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))


def test_the_export_has_own_clients_only_and_no_formula(platform):
    evil = make_account("evil", reseller=platform.mine.reseller)
    evil.name = '=HYPERLINK("https://evil.example.com")'
    evil.save(update_fields=["name"])
    heading, *rows = read(platform.browser("owner").get(reverse("portal:export_clients")))
    assert heading[:3] == ["Key", "Account", "Standing"]
    assert {row[0] for row in rows} == {"acme", "evil"}
    assert [row[1] for row in rows if row[0] == "evil"] == ["'" + evil.name]


def test_list_and_export_are_narrowed_alike(platform):
    make_account("calm", reseller=platform.mine.reseller)
    browser = platform.browser("owner")
    page = browser.get(reverse("portal:clients"), {"level": "suspended"})
    assert [line.account.key for line in page.context["lines"]] == ["acme"]
    assert "?level=suspended" in page.content.decode()
    rows = read(browser.get(reverse("portal:export_clients"), {"level": "suspended"}))
    assert [row[0] for row in rows[1:]] == ["acme"]
    assert len(read(browser.get(reverse("portal:export_clients"), {"level": "nonsense"}))) == 3


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=x", "  =1", "＝1"])
def test_what_a_spreadsheet_would_run_is_made_words(cell):
    assert harmless(cell) == "'" + cell


@given(st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=2, max_size=4)))
def test_every_table_is_read_back_as_it_was_and_none_of_its_words_runs(rows):
    back = list(csv.reader(io.StringIO(to_csv(["a", "b"], rows).decode("utf-8-sig"), newline="")))
    assert len(back) == len(rows) + 1
    for row, cells in zip(rows, back[1:], strict=True):
        for cell, read_back in zip(row, cells, strict=True):
            assert isinstance(cell, int) or not read_back.lstrip(" ").startswith(("=", "+", "-", "@"))
