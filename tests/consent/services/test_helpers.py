"""Helpers make the rows of a large file: the same rows, in the same order, whatever happens to the helpers."""

import json
from contextlib import closing

import pytest

from consent.core.packing import UnreadableFile
from consent.core.tables import Plan, open_table
from consent.models import ConsentRecord, ConsentUpload
from consent.services import helpers, parts, reading, uploads
from consent.services.chunks import Task, work
from courrielleur import vault
from courrielleur.ids import uuid7
from tests.worlds import NOON, make_account

DATA = "Courriel;IP\n" + "".join(
    f"{'bad' if n % 7 == 0 else f'n{n}@example.com'};192.0.2.{n % 256}\n" for n in range(500)
)


@pytest.fixture
def _helped(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 40)
    monkeypatch.setattr(helpers, "WORTH_HELP", 0)
    monkeypatch.setattr(helpers.os, "cpu_count", lambda: 2)


def chunks(table):
    lines = list(table.lines)
    for at in range(0, len(lines), 40):
        yield helpers.Chunk(lines[at : at + 40], lines[at : at + 40][-1].end, 0)


def task_of(plan):
    return Task(1, uuid7(), plan, NOON)


def read_file():
    upload, _is_new = uploads.store(make_account(), DATA.encode(), "preuves.csv", "Anne", NOON)
    return uploads.read(upload, NOON)


@pytest.mark.django_db
@pytest.mark.usefixtures("_helped")
def test_a_file_read_with_helpers_is_stored_as_it_is_without():
    upload = read_file()
    assert (upload.state, upload.rows, upload.accepted) == ("done", 500, 428)
    stored = ConsentRecord.objects.order_by("line")
    assert [record.line for record in stored] == [n + 2 for n in range(500) if n % 7]
    assert all(
        json.loads(vault.decrypt_text(one.fields))["email"] == f"n{one.line - 2}@example.com" for one in stored[:100]
    )
    refused = [json.loads(row) for one in upload.rejects.order_by("line") for row in parts.opened(one.sealed).split()]
    assert [row["line"] for row in refused] == [n + 2 for n in range(500) if n % 7 == 0]


@pytest.mark.django_db
@pytest.mark.usefixtures("_helped")
def test_a_helper_that_is_killed_takes_no_row_with_it(monkeypatch):
    started = []
    start = helpers.Helper

    def noted(task):
        started.append(start(task))
        return started[-1]

    store = reading._store

    def kill_after_two(upload, chunk, done):
        store(upload, chunk, done)
        if upload.rows == 80:
            for helper in started:
                helper._process.kill()

    with monkeypatch.context() as patch:
        patch.setattr(helpers, "Helper", noted)
        patch.setattr(reading, "_store", kill_after_two)
        with pytest.raises((EOFError, OSError)):
            read_file()
    halfway = ConsentUpload.objects.get()
    assert halfway.state == "reading"
    assert 80 <= halfway.rows < 500
    assert all(helper._process.returncode is not None for helper in started)
    assert uploads.read(halfway, NOON).accepted == 428
    assert sorted(ConsentRecord.objects.values_list("line", flat=True)) == [n + 2 for n in range(500) if n % 7]


def test_what_goes_wrong_in_a_helper_is_raised_by_the_worker():
    plan = open_table(DATA.encode()).plan
    without_address = Plan.from_json({**plan.as_json(), "fields": ("", "ip")})
    with pytest.raises(UnreadableFile, match="no_email_column"):
        list(helpers.in_order(task_of(without_address), chunks(open_table(DATA.encode())), helpers=1))


def test_what_waits_is_bounded_and_a_reading_that_is_left_ends_its_helpers():
    table, taken = open_table(DATA.encode()), []

    def noted():
        for chunk in chunks(table):
            taken.append(chunk.end)
            yield chunk

    with closing(helpers.in_order(task_of(table.plan), noted(), helpers=2)) as worked:
        first, done = next(worked)
    assert (first.end, done.rows, first.lines) == (41, 40, [])
    assert len(taken) == 4


def test_a_helper_ends_when_its_worker_is_gone():
    helper = helpers.Helper(task_of(open_table(DATA.encode()).plan))
    helper._socket.close()
    assert helper._process.wait(30) == 0


def test_a_small_file_and_a_small_machine_have_no_helpers(monkeypatch):
    monkeypatch.setattr(helpers.os, "cpu_count", lambda: 8)
    assert [helpers.number_for(size) for size in (1_000, helpers.WORTH_HELP)] == [0, 2]
    monkeypatch.setattr(helpers.os, "cpu_count", lambda: 1)
    assert helpers.number_for(10**9) == 0


def test_lines_without_a_word_are_no_rows():
    table = open_table(b"Courriel\n\n  \nann@example.com\n")
    done = work(task_of(table.plan), list(table.lines))
    assert (done.rows, done.accepted, done.refused) == (1, 1, [])
