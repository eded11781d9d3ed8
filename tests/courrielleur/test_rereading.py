"""After a fix, reading again tells which decisions would be others; a rehearsal writes nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from abuse.models import Standing, Suspension
from abuse.services import assessments
from courrielleur import rereading
from courrielleur.demo import mails
from fbl.core import registry
from fbl.core.report import Kind, Report
from fbl.models import HourlyCount
from fbl.services import reading, reports, volumes
from fbl.services.rereading import ids_to_reread
from tests.worlds import NOON, Mailing, arrive, hour, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped_by_mistake(monkeypatch):
    """Unsubscriptions that a faulty reader took for complaints: enough of them to stop a good sender."""
    account = make_account()
    for day in (1, 2, 3):
        rows = [volumes.VolumeRow(account.pk, "infolettre", "yahoo", hour(NOON) - 24 * day, 10_000)]
        volumes.add(f"day {day}", rows, NOON)
        mailing = Mailing(account.pk, sent_at=NOON - timedelta(days=day))
        arrive(*(mails.arf(mailing.to(f"r{day}-{n}@yahoo.ca"), at=NOON, feedback_type="opt-out") for n in range(90)))

    def faulty(raw: bytes) -> Report:
        return replace(registry.read_report(raw), kind=Kind.COMPLAINT)

    monkeypatch.setattr(reading, "read_report", faulty)
    while reports.read_stored(500, NOON).read:
        pass
    assessments.assess([account.pk], NOON)
    assert Standing.objects.get(account=account).level == "suspended"
    monkeypatch.undo()
    return account


def test_a_rehearsal_says_what_would_change_and_writes_nothing(stopped_by_mistake):
    before = list(HourlyCount.objects.order_by("pk").values())

    outcome = rereading.reread(ids_to_reread(), NOON, is_rehearsal=True)

    assert outcome.changes == (rereading.Change("acme", "suspend", "ok", "suspended"),)
    assert list(HourlyCount.objects.order_by("pk").values()) == before


def test_reading_again_corrects_the_counters_and_leaves_the_stop_to_a_person(stopped_by_mistake):
    outcome = rereading.reread(ids_to_reread(), NOON)

    assert [change.after for change in outcome.changes] == ["ok"]
    assert sum(HourlyCount.objects.values_list("complaints", flat=True)) == 0
    assert Suspension.objects.get().lifted_at is None


def test_the_command_prints_the_changes_and_then_the_counts(stopped_by_mistake):
    out = StringIO()
    call_command("ingest", "--reread", "--lane", "recorded", "--since", "2026-11-01", "--dry-run", stdout=out)

    *changes, counts = [json.loads(line) for line in out.getvalue().splitlines()]
    assert counts == {"read": 270, "recorded": 270, "unidentified": 0, "unverified": 0, "unreadable": 0, "ignored": 0}
    assert all(change["account"] == "acme" for change in changes)


@pytest.mark.parametrize(
    "arguments", [["--reread", "--since", "hier"], ["--reread", "x.eml"], [], ["--reread", "--lane", "nowhere"]]
)
def test_a_wrong_use_is_status_2(arguments):
    with pytest.raises(CommandError) as wrong:
        call_command("ingest", *arguments)
    assert wrong.value.returncode == 2
