"""What comes through a door is counted once, and a door that went quiet is seen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from courrielleur.demo import mails
from fbl import selectors
from fbl.core.doors import Door
from fbl.models import DoorHour
from fbl.selectors.doors import DoorFigures
from fbl.services import doors, reports
from fbl.services.inbox import Arrival, store
from tests.worlds import NOON, Mailing, make_account

pytestmark = pytest.mark.django_db


def of(door: Door, now=NOON) -> DoorFigures:
    return next(one for one in selectors.doors(now) if one.door == door)


def test_every_door_is_listed_also_those_that_nothing_came_through():
    found = selectors.doors(NOON)
    assert [one.door for one in found] == [door.value for door in Door]
    assert all((one.day, one.week, one.last_at, one.quiet_since) == (0, 0, None, None) for one in found)


def test_a_report_is_counted_once_at_its_door_and_its_hour():
    mailing = Mailing(make_account().pk)
    raw = mails.arf(mailing.to("marie@yahoo.ca"), at=NOON)
    other = mails.arf(mailing.to("luc@yahoo.ca"), at=NOON)
    store([Arrival(raw, "smtp", NOON), Arrival(raw, "imap", NOON), Arrival(other, "imap", NOON - timedelta(days=3))])
    for _ in range(2):
        reports.read_stored(10, NOON)
    assert (of(Door.SMTP).day, of(Door.SMTP).last_at) == (1, NOON)
    assert (of(Door.IMAP).day, of(Door.IMAP).week) == (0, 1)


def test_a_door_that_brought_something_every_hour_and_stopped_is_quiet_since_then():
    now_hour = int(NOON.timestamp() // 3600)
    rows = [DoorHour(door="smtp", hour=now_hour - back, reports=10, last_at=NOON) for back in range(8, 24 * 14)]
    rows += [DoorHour(door="imap", hour=now_hour - back, reports=10, last_at=NOON) for back in range(24 * 14)]
    DoorHour.objects.bulk_create(rows)
    assert of(Door.SMTP).quiet_since == NOON - timedelta(hours=7)
    assert of(Door.IMAP).quiet_since is None
    assert [one.door for one in selectors.quiet_doors(NOON)] == ["smtp"]


def test_the_latest_of_a_door_are_of_the_last_day_only():
    now = timezone.now()
    store(
        [Arrival(b"From: a@example.net\r\n\r\nx", "imap", now), Arrival(b"From: b@example.net\r\n\r\ny", "smtp", now)]
    )
    assert [one.door for one in selectors.latest_through("imap", now, 10)] == ["imap"]
    assert not selectors.latest_through("imap", now + timedelta(days=2), 10).exists()


def test_old_hours_are_forgotten_and_newer_ones_kept():
    for days in (1, 90):
        doors.count(Door.COUNTS, 5, NOON - timedelta(days=days))
    doors.forget_old(NOON)
    assert DoorHour.objects.get().last_at == NOON - timedelta(days=1)
