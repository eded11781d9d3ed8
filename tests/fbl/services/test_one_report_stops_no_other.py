"""One report that nobody foresaw is put aside; those around it count, and memory stays bounded."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError

from courrielleur.demo import mails
from fbl.models import HourlyCount, InboundReport
from fbl.services import feeds, reading, reports, rereading
from fbl.services.reports import BATCH, BATCH_BYTES, portions, read_stored
from tests.recount import differences
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db


def complaints(number: int) -> list[bytes]:
    mailing = Mailing(make_account().pk)
    return [mails.arf(mailing.to(f"r{n}@yahoo.ca"), at=NOON) for n in range(number)]


def counted() -> int:
    return sum(HourlyCount.objects.values_list("complaints", flat=True))


def states() -> dict[str, int]:
    found = list(InboundReport.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def test_a_report_on_which_the_reader_fails_is_unreadable_and_the_others_count(monkeypatch):
    raws = complaints(5)
    arrive(*raws)
    real = reading.read_letterhead

    def fails(raw: bytes) -> object:
        if raw == raws[2]:
            raise RuntimeError("a hole")
        return real(raw)

    feeds.enrol(feeds.NewFeed(key="f", name="F", kind="arf", senders=("example.net",)))
    monkeypatch.setattr(reading, "read_letterhead", fails)

    assert read_stored(BATCH, NOON).read == 5

    assert (counted(), states()) == (4, {"recorded": 4, "unreadable": 1})
    assert "RuntimeError" in InboundReport.objects.get(state="unreadable").reason
    monkeypatch.undo()
    rereading.reread(rereading.ids_to_reread("unreadable"), NOON)
    assert (counted(), differences()) == (5, [])


def test_a_report_that_can_not_be_written_is_put_aside_and_the_others_count(monkeypatch):
    arrive(*complaints(5))
    third = InboundReport.objects.order_by("received_at", "pk")[2].pk
    real = reports.record_events

    def fails(entries, now):
        if any(entry.report_id == third for entry in entries):
            raise OverflowError("more than a column holds")
        return real(entries, now)

    monkeypatch.setattr(reports, "record_events", fails)
    assert read_stored(BATCH, NOON).read == 5

    assert (counted(), states()) == (4, {"recorded": 4, "unreadable": 1})
    assert differences() == []


def test_while_the_database_is_away_nothing_is_put_aside(monkeypatch):
    arrive(*complaints(3))

    def away(entries, now):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(reports, "record_events", away)
    with pytest.raises(OperationalError):
        read_stored(BATCH, NOON)
    monkeypatch.undo()

    assert states() == {"stored": 3}
    assert read_stored(BATCH, NOON).recorded == 3


def test_one_report_that_can_not_be_read_again_keeps_no_other_from_it(monkeypatch):
    arrive(*complaints(4))
    read_stored(BATCH, NOON)
    ids = rereading.ids_to_reread()
    real = rereading.mark

    def fails(readings, now):
        if any(one.row.id == ids[1] for one in readings):
            raise ValueError("a hole")
        real(readings, now)

    monkeypatch.setattr(rereading, "mark", fails)
    assert rereading.reread(ids, NOON + timedelta(hours=1)).read == 3
    assert (counted(), differences()) == (4, [])


def test_no_more_bytes_are_taken_at_once_than_memory_holds():
    sizes = [(UUID(int=number), size) for number, size in enumerate([BATCH_BYTES * 3, 10, BATCH_BYTES, 5, 5])]
    assert [len(portion) for portion in portions(sizes)] == [1, 1, 1, 2]
    assert [len(portion) for portion in portions((UUID(int=n), 1) for n in range(BATCH + 1))] == [BATCH, 1]


def test_long_reports_are_read_in_several_turns(monkeypatch):
    raws = complaints(4)
    monkeypatch.setattr(reports, "BATCH_BYTES", 2 * max(map(len, raws)))
    arrive(*raws)
    assert [read_stored(BATCH, NOON).read for _ in range(3)] == [2, 2, 0]
    assert counted() == 4
