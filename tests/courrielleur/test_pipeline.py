"""The river runs whole; a backlog is judged once it has ended; the minute's tick catches what was missed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from abuse.models import Assessment, Case, EnforcementOrder, Notice, Standing
from abuse.services import enforcement
from courrielleur import pipeline
from courrielleur.demo import mails
from courrielleur.jobs.models import Job
from fbl.models import InboundReport, TouchedAccount
from fbl.services import volumes
from tests.worlds import Mailing, arrive, hour, make_account

pytestmark = pytest.mark.django_db


def a_spammer(reports: int = 40):
    """Return an account whose mail of today half bounced, with the reports still unread."""
    now = timezone.now()
    account = make_account()
    sent_at = now - timedelta(hours=2)
    volumes.add("lot", [volumes.VolumeRow(account.pk, "infolettre", "yahoo", hour(sent_at), 2 * reports)], now)
    mailing = Mailing(account.pk, sent_at=sent_at)
    arrive(*(mails.dsn(mailing.to(f"r{number}@yahoo.ca"), at=now) for number in range(reports)), at=now)
    return account


def test_one_run_takes_a_report_down_to_the_orders_and_the_letter():
    enforcement.create_endpoint(url="https://mta.example.com/orders")
    account = a_spammer()

    result = pipeline.river()

    assert (result.read, result.events) == (40, 40)
    assert Standing.objects.get().level == "suspended"
    assert Case.objects.get().account_id == account.pk
    assert EnforcementOrder.objects.get().action == "account.suspended"
    assert Notice.objects.get().name == "suspended"
    assert Job.objects.filter(step="deliver", state="queued").exists()


def test_a_second_run_does_nothing_again():
    a_spammer()
    pipeline.river()
    counts = [model.objects.count() for model in (Assessment, Case, EnforcementOrder, Notice)]

    pipeline.river()

    assert [model.objects.count() for model in (Assessment, Case, EnforcementOrder, Notice)] == counts


def test_in_the_middle_of_a_backlog_nobody_is_judged_and_the_river_runs_again(settings):
    settings.JUDGE_BACKLOG = 10
    a_spammer()
    Job.objects.all().delete()

    pipeline.river()

    assert not Standing.objects.filter(level="suspended").exists()
    assert TouchedAccount.objects.count() == 1
    assert Job.objects.filter(step="river", state="queued").exists()

    pipeline.river()  # nothing more has come: the backlog has ended

    assert Standing.objects.get().level == "suspended"


def test_nobody_escapes_behind_a_flood(settings):
    settings.JUDGE_BACKLOG = 10
    a_spammer()
    pipeline.river()
    assert TouchedAccount.objects.exists()
    TouchedAccount.objects.update(
        first_touched_at=timezone.now() - timedelta(seconds=settings.JUDGE_MAX_WAIT_SECONDS + 1)
    )
    arrive(*(b"Subject: %d\r\n\r\nflood" % number for number in range(20)), at=timezone.now())

    pipeline.river()

    assert Standing.objects.get().level == "suspended"


def test_a_flood_that_never_ends_keeps_nobody_from_being_judged(settings, monkeypatch):
    settings.JUDGE_BACKLOG, settings.JUDGE_MAX_WAIT_SECONDS = 10, 0
    a_spammer()
    arrive(*(b"Subject: %d\r\n\r\nflood" % number for number in range(30)), at=timezone.now())
    arrive(*(b"Subject: %d\r\n\r\nJe veux" % n for n in range(3)), at=timezone.now(), envelope_to="x@case.example")
    monkeypatch.setattr(pipeline.reports, "BATCH", 45)
    monkeypatch.setattr(pipeline, "TURN_SECONDS", -1.0)
    Job.objects.all().delete()

    pipeline.river()

    assert InboundReport.objects.filter(state="stored").count() == 28  # one batch, and the rest waits for its turn
    assert Standing.objects.get().level == "suspended"
    assert Job.objects.filter(step="river", state="queued").exists()


def test_the_tick_reads_what_no_nudge_told_of_and_makes_the_months():
    a_spammer()
    Job.objects.all().delete()

    pipeline.tick()

    assert not InboundReport.objects.filter(state="stored").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'fbl_feedbackevent'::regclass")
        assert cursor.fetchone()[0] > 3  # the default partition, and months around today


def test_a_mail_to_the_case_address_that_belongs_to_no_case_is_seen_by_people():
    arrive(
        b"Subject: bonjour\r\n\r\nJe veux...", at=timezone.now(), envelope_to="case+nothing@case.courrielleur.example"
    )

    pipeline.river()

    assert InboundReport.objects.get().state == "unidentified"
