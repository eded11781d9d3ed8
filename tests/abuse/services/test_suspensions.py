"""Stopping an account and letting it send again."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from abuse.core.case import CaseMove, CaseState
from abuse.models import Case, EnforcementOrder, Notice, Standing, Suspension
from abuse.services import decisions, enforcement, suspensions
from courrielleur.accounts.actors import SYSTEM, Actor
from courrielleur.accounts.models import Account
from tests.abuse.world import mailing
from tests.worlds import NOON, make_account, make_reseller

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=2)


def test_a_suspension_writes_standing_case_letter_and_an_order_for_each_channel(
    account: Account, receiver, secret: str
) -> None:
    enforcement.create_endpoint(url=receiver.url + "/theirs", reseller=account.reseller)
    enforcement.create_endpoint(url=receiver.url + "/others", reseller=make_reseller("austral"))

    suspension = suspensions.impose(account, now=NOON, reason="phishing")

    standing = Standing.objects.get(account=account)
    assert (standing.level, standing.since) == ("suspended", NOON)
    case = Case.objects.get()
    assert (case.suspension, case.state) == (suspension, CaseState.AWAITING_CLIENT)
    assert [event.move for event in case.events.order_by("at")] == ["opened", "notify"]
    notice = Notice.objects.get()
    assert (notice.name, notice.to, notice.language) == ("suspended", "avis@boreal.example.com", "fr")
    assert sorted(order.endpoint.url.rpartition("/")[2] for order in EnforcementOrder.objects.all()) == [
        "hooks",
        "theirs",
    ]


def test_an_account_is_never_suspended_twice(account: Account, secret: str) -> None:
    first = suspensions.impose(account, now=NOON, reason="one")
    again = suspensions.impose(account, now=LATER, reason="two")
    assert again == first
    assert (Suspension.objects.count(), Case.objects.count(), EnforcementOrder.objects.count()) == (1, 1, 1)


def test_lifting_starts_a_probation_that_scores_mail_from_the_next_day_on(account: Account, secret: str) -> None:
    suspension = suspensions.impose(account, now=NOON, reason="x")
    assert suspensions.lift(suspension, now=LATER, by=None, reason="evidence accepted")
    standing = Standing.objects.get(account=account)
    assert standing.level == "probation"
    assert standing.probation_ends_at == LATER + timedelta(days=30)
    assert standing.scores_from == (LATER + timedelta(days=1)).date()
    assert [order.action for order in EnforcementOrder.objects.order_by("sequence")] == [
        "account.suspended",
        "account.reinstated",
    ]


def test_during_probation_the_volume_is_that_of_the_largest_day_before(account: Account, secret: str) -> None:
    mailing(account, days_ago=40, delivered=90_000)
    mailing(account, days_ago=3, delivered=4_000)
    mailing(account, days_ago=2, delivered=3_000)
    suspension = suspensions.impose(account, now=NOON, reason="x")
    decide_all(suspension, SYSTEM)
    data = EnforcementOrder.objects.get(action="account.reinstated").body["data"]
    assert (data["daily_volume"], data["probation_ends_at"]) == (4_000, "2026-12-22T12:00:00Z")
    assert Notice.objects.get(name="reinstated").context["figures"] == {
        "week_1": 1_600,
        "week_2": 2_800,
        "week_3": 4_000,
    }


def test_lifting_twice_orders_nothing_twice(account: Account, secret: str) -> None:
    suspension = suspensions.impose(account, now=NOON, reason="x")
    assert suspensions.lift(suspension, now=LATER, by=None, reason="y")
    assert not suspensions.lift(suspension, now=LATER, by=None, reason="y")
    assert EnforcementOrder.objects.count() == 2


def test_after_a_lift_the_account_can_be_suspended_again(account: Account) -> None:
    first = suspensions.impose(account, now=NOON, reason="x")
    decide_all(first, SYSTEM)
    second = suspensions.impose(account, now=LATER + timedelta(days=3), reason="again")
    assert second != first
    assert Case.objects.count() == 2


def test_the_second_suspension_within_a_year_is_more_urgent(account: Account) -> None:
    first = suspensions.impose(account, now=NOON, reason="x")
    decide_all(first, SYSTEM)
    case = suspensions.impose(account, now=LATER, reason="again").case
    assert "repeat" in case.priority_code
    assert case.priority_reason


def test_closing_an_account_keeps_it_stopped(account: Account, secret: str, lea: Actor) -> None:
    suspension = suspensions.impose(account, now=NOON, reason="x")
    case = suspension.case
    case.state = CaseState.IN_REVIEW
    case.save(update_fields=["state"])
    decisions.decide(case, CaseMove.TERMINATE, actor=lea, reason="harvested again", now=LATER)
    assert Standing.objects.get(account=account).level == "terminated"
    assert Suspension.objects.get().lifted_at is None
    assert EnforcementOrder.objects.latest("sequence").action == "account.terminated"
    assert suspensions.impose(account, now=LATER, reason="z") == suspension


def test_nothing_is_left_behind_when_a_part_fails(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspensions.orders, "give", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        suspensions.impose(account, now=NOON, reason="x")
    assert not Suspension.objects.exists()
    assert not Case.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("table", ["abuse_caseevent", "abuse_assessment"])
def test_history_can_not_be_rewritten(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'append_only'", [table])
        assert cursor.fetchone()


def test_a_line_of_a_case_can_be_neither_changed_nor_deleted(account: Account) -> None:
    from django.db import IntegrityError, transaction

    event = suspensions.impose(account, now=NOON, reason="x").case.events.first()
    for change in (lambda: type(event).objects.filter(pk=event.pk).update(text="never"), event.delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def decide_all(suspension: Suspension, actor: Actor) -> None:
    case = suspension.case
    case.state = CaseState.IN_REVIEW
    case.save(update_fields=["state"])
    decisions.decide(case, CaseMove.REINSTATE, actor=actor, reason="proof of consent", now=LATER)


def test_another_reseller_keeps_its_own_language(account: Account) -> None:
    austral = make_account("zenith", reseller=make_reseller("austral", language="en"))
    suspensions.impose(austral, now=NOON, reason="x")
    assert Notice.objects.get().language == "en"


@pytest.mark.django_db(transaction=True)
def test_two_judges_at_once_suspend_an_account_once() -> None:
    account = make_account()
    together = threading.Barrier(2)

    def judge() -> None:
        together.wait()
        try:
            suspensions.impose(account, now=NOON, reason="x")
        finally:
            connection.close()

    threads = [threading.Thread(target=judge) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Suspension.objects.count(), Case.objects.count(), Notice.objects.count()) == (1, 1, 1)
