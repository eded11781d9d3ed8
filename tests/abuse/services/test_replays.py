"""Decisions repeated: from what they kept to the last digit, and from the reports as they are read today."""

from datetime import timedelta

import pytest
from django.db import connection

from abuse.core.case import CaseMove, CaseState
from abuse.models import Assessment, Case, Notice, Suspension
from abuse.services import assessments, cases, repairs, replays, suspensions
from abuse.services.replays import Replay
from courrielleur.accounts.actors import SYSTEM, Actor
from courrielleur.accounts.models import Account
from courrielleur.demo import mails
from fbl.models import FeedbackEvent, HourlyCount
from fbl.services import reports
from tests.abuse.world import good_list, mailing, purchased_list
from tests.worlds import NOON, Mailing, arrive

pytestmark = pytest.mark.django_db

DAYS, DELIVERED, BOUNCES = 3, 300, 45


@pytest.fixture
def bounced(account: Account) -> Assessment:
    """An account stopped for the hard bounces that real mails told of."""
    for days_ago in range(1, DAYS + 1):
        sent = Mailing(account.pk, sent_at=NOON - timedelta(days=days_ago))
        people = [sent.to(f"reader{days_ago}-{number}@yahoo.ca") for number in range(BOUNCES)]
        arrive(*[mails.dsn(one, at=NOON - timedelta(hours=1)) for one in people], at=NOON - timedelta(hours=1))
        mailing(account, days_ago=days_ago, delivered=DELIVERED)
    while reports.read_stored(500, NOON).read:
        pass
    assessments.assess_touched(NOON)
    assessment = Suspension.objects.get().assessment
    assert assessment is not None
    assert assessment.figures["bounces"] == DAYS * BOUNCES
    return assessment


def read_again_as_soft() -> None:
    """What a re-read after a fix of ours does to events and counters: these bounces were never hard."""
    FeedbackEvent.objects.filter(kind="bounce").update(bounce_class="soft")
    HourlyCount.objects.update(hard_bounces=0)


def replayed(assessment: Assessment) -> Replay:
    return replays.one(assessment.pk)


def test_a_decision_is_repeated_to_the_last_digit(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    replay = replayed(Assessment.objects.get())
    assert replay.is_same
    assert replay.is_intact
    assert replay.differences() == {}


def test_reports_that_came_by_then_give_the_same_verdict_again(bounced: Assessment) -> None:
    replay = replayed(bounced)
    assert replay.from_reports == replay.from_inputs
    assert not replay.would_differ


def test_a_report_that_came_later_does_not_change_the_past(bounced: Assessment, account: Account) -> None:
    sent = Mailing(account.pk, sent_at=NOON - timedelta(days=1))
    arrive(mails.dsn(sent.to("late@yahoo.ca"), at=NOON), at=NOON + timedelta(hours=2))
    reports.read_stored(500, NOON + timedelta(hours=3))
    assert replayed(bounced).from_reports == replayed(bounced).from_inputs


def test_a_fix_of_ours_shows_the_stop_that_would_not_have_happened(bounced: Assessment) -> None:
    read_again_as_soft()
    replay = replayed(bounced)
    assert replay.is_same  # what it kept still says suspend
    assert replay.would_not_stop
    assert replay.from_reports is not None
    assert (replay.from_reports.state, replay.from_reports.bounces) == ("ok", 0)
    assert [one.assessment.pk for one in replays.since(NOON) if one.would_not_stop] == [bounced.pk]


def test_figures_changed_in_the_database_are_named(account: Account) -> None:
    good_list(account)
    assessments.assess([account.pk], NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires
        cursor.execute("UPDATE abuse_assessment SET figures = jsonb_set(figures, '{complaints}', '9')")
    replay = replayed(Assessment.objects.get())
    assert not replay.is_intact
    assert replay.differences()["complaints"][0] == 9


def test_a_decision_of_a_policy_that_is_gone_is_said_to_be_so(account: Account) -> None:
    good_list(account)
    assessments.assess([account.pk], NOON)
    assessment = Assessment.objects.get()
    assessment.policy_version = "other-0123"
    replay = replays._replay(assessment)
    assert replay.as_json()["from_inputs"] == "unknown_policy"
    assert not replay.is_same


def test_an_open_case_of_a_wrong_stop_becomes_urgent_once(bounced: Assessment) -> None:
    read_again_as_soft()
    case = repairs.open_for(replayed(bounced), NOON)
    assert case is not None
    assert case.suspension is not None
    assert case.priority == Case.Priority.URGENT
    assert repairs.open_for(replayed(bounced), NOON) is None
    assert case.events.filter(move="repair").count() == 1


def test_a_refused_stop_is_reviewed_anew_and_the_reseller_told(bounced: Assessment, anne: Actor) -> None:
    case = Case.objects.get()
    cases.move(case, CaseMove.TAKE, actor=anne, now=NOON)
    cases.move(case, CaseMove.REFUSE, actor=anne, now=NOON, reason="Adresses achetées")
    read_again_as_soft()
    assert repairs.open_for(replayed(bounced), NOON) == case
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert "corrigé" in Notice.objects.get(name="message").context["text"]


def test_a_stop_that_was_lifted_leaves_a_new_case(bounced: Assessment, anne: Actor) -> None:
    suspension = Suspension.objects.get()
    case = Case.objects.get()
    cases.move(case, CaseMove.TAKE, actor=anne, now=NOON)
    cases.move(case, CaseMove.REINSTATE, actor=anne, now=NOON, reason="Preuve acceptée")
    suspensions.lift(suspension, now=NOON, by=anne.user, reason="Preuve acceptée")
    read_again_as_soft()
    repair = repairs.open_for(replayed(bounced), NOON)
    assert repair is not None
    assert repair != case
    assert repair.state == CaseState.OPENED
    assert repair.events.get(move="opened").data == {"repair_of": str(suspension.pk)}


def test_a_stop_by_hand_asks_for_no_repair(account: Account) -> None:
    good_list(account)
    assessments.assess([account.pk], NOON)
    suspensions.impose(account, now=NOON, reason="Hameçonnage")
    assert repairs.open_for(replayed(Assessment.objects.get()), NOON) is None
    assert SYSTEM.user is None
