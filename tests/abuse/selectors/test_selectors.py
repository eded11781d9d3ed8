"""What each actor sees of cases, standings, orders; and what it never does."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from abuse import selectors
from abuse.core.case import CaseMove, CaseState
from abuse.models import Case, Standing
from abuse.services import assessments, cases, decisions, enforcement, letters, suspensions
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role
from tests.abuse.world import good_list, mailing, person, purchased_list
from tests.worlds import NOON, make_account, make_reseller

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(account: Account) -> Case:
    purchased_list(account)
    assessments.assess_touched(NOON)
    return Case.objects.get()


@pytest.fixture
def stranger() -> Actor:
    return person("sam", Role.RESELLER_OWNER, reseller=make_reseller("austral"))


def test_a_stranger_sees_no_case(case: Case, stranger: Actor, marie: Actor, anne: Actor) -> None:
    for actor in (marie, anne):
        assert selectors.case_for(actor, case.key.lower()) == case
    with pytest.raises(Case.DoesNotExist):
        selectors.case_for(stranger, case.key)
    assert not selectors.queue(stranger).exists()


def test_a_hold_is_shown_to_the_client_once_they_were_told(account: Account, marie: Actor, anne: Actor) -> None:
    for days_ago in range(20, 3, -1):
        mailing(account, days_ago=days_ago, delivered=5_000, complaints=4, hard_bounces=40)
    mailing(account, days_ago=2, delivered=5_000, complaints=90, hard_bounces=40)
    assessments.assess_touched(NOON)
    case = Case.objects.get()
    assert not selectors.cases_for(marie).exists()
    cases.move(case, CaseMove.NOTIFY, actor=anne, now=NOON)
    assert selectors.case_for(marie, case.key) == case
    assert case.notices.get().name == "held"


def test_views_of_the_queue_and_their_counts(case: Case, anne: Actor, marie: Actor) -> None:
    assert selectors.queue_counts(anne) == {"open": 1, "mine": 0, "submitted": 0, "waiting": 1, "closed": 0}
    cases.move(case, CaseMove.SUBMIT, actor=marie, now=NOON)
    cases.move(case, CaseMove.TAKE, actor=anne, now=NOON)
    assert selectors.queue_counts(anne) == {"open": 1, "mine": 1, "submitted": 1, "waiting": 0, "closed": 0}
    decisions.decide(case, CaseMove.REFUSE, actor=anne, reason="r", now=NOON)
    assert selectors.queue_counts(anne) == {"open": 0, "mine": 0, "submitted": 0, "waiting": 0, "closed": 1}


def test_the_most_urgent_comes_first_then_the_longest_waiting(anne: Actor) -> None:
    by_age = [suspensions.impose(make_account(f"a-{n}"), now=NOON + timedelta(hours=n), reason="x") for n in range(3)]
    Case.objects.filter(suspension=by_age[2]).update(priority=4)
    assert [case.suspension for case in selectors.queue(anne)] == [by_age[2], by_age[0], by_age[1]]


def test_the_team_sees_everything_in_the_timeline_and_the_client_what_concerns_them(
    receiver, secret: str, mailbox, case: Case, anne: Actor, marie: Actor
) -> None:
    cases.message(case, actor=anne, text="looks purchased", is_internal=True, now=NOON)
    cases.message(case, actor=anne, text="Bonjour", now=NOON)
    cases.message(case, actor=marie, text="Merci", now=NOON)
    enforcement.deliver_due(NOON)
    letters.send_due(NOON)
    with override("en"):
        team, client = selectors.timeline(case, anne), selectors.timeline(case, marie)
    assert {"note", "letter", "order"} <= {line.kind for line in team}
    assert not any(line.is_internal or line.kind in {"note", "order"} or line.data for line in client)
    assert [line.who for line in client if line.text in {"Bonjour", "Merci"}] == ["Abuse team", "Marie, for Acme"]
    assert [line.who for line in team if line.text in {"Bonjour", "Merci"}] == ["Anne", "Marie, for Acme"]
    assert [line.at for line in team] == sorted(line.at for line in team)


def test_a_standing_tells_why(case: Case, account: Account) -> None:
    standing = selectors.standing_of(account)
    assert (standing.level, standing.may_send, standing.case) == ("suspended", False, case)
    assert "bounces_constant" in standing.reasons
    assert standing.assessment.figures["bounces"] == 780


def test_an_account_that_was_never_judged_is_in_good_standing(account: Account) -> None:
    standing = selectors.standing_of(account)
    assert (standing.level, standing.may_send, standing.assessment) == ("ok", True, None)


def test_standings_cost_the_same_for_many_accounts(case: Case, django_assert_num_queries) -> None:
    accounts = [case.account, *(make_account(f"a-{n}") for n in range(10))]
    with django_assert_num_queries(3):
        assert len(selectors.standings_for(accounts)) == 11


def test_the_worst_account_comes_first(case: Case, marie: Actor) -> None:
    watched = make_account("watched")
    good = make_account("aaa-good")
    good_list(good)
    assessments.assess_touched(NOON)
    Standing.objects.create(account=watched, level="watch", since=NOON)
    assert [account.key for account in selectors.worst_first(marie)] == ["acme", "watched", "aaa-good"]


def test_decisions_are_marks_on_the_chart(case: Case, account: Account) -> None:
    suspensions.lift(case.suspension, now=NOON + timedelta(days=3), by=None, reason="r")
    marks = selectors.marks(account, date(2026, 11, 1), date(2026, 11, 30))
    assert [(mark.day, mark.kind, mark.case_key) for mark in marks] == [
        (date(2026, 11, 20), "suspended", case.key),
        (date(2026, 11, 23), "reinstated", case.key),
    ]
    assert [mark.kind for mark in selectors.marks(account, date(2026, 11, 21), date(2026, 11, 23))] == ["reinstated"]


def test_a_client_reads_no_scores_and_the_desk_does(case: Case) -> None:
    assessment = case.suspension.assessment
    desk = selectors.explanation_for(assessment, "en")
    client = selectors.explanation_for(assessment, "en", audience="client")
    assert "likelier" in desk
    assert "likelier" not in client
    assert "13%" in client


def test_a_reseller_sees_the_orders_to_its_own_endpoints_only(
    account: Account, receiver, secret, marie: Actor, stranger: Actor, anne: Actor
) -> None:
    theirs, _ = enforcement.create_endpoint(url=receiver.url + "/theirs", reseller=account.reseller)
    suspensions.impose(account, now=NOON, reason="x")
    assert selectors.orders().count() == selectors.orders(actor=anne).count() == 2
    assert selectors.orders(actor=marie).get().endpoint == theirs
    assert not selectors.orders(actor=stranger).exists()
    assert selectors.endpoint_for(marie, theirs.pk) == theirs
    with pytest.raises(type(theirs).DoesNotExist):
        selectors.endpoint_for(stranger, theirs.pk)


def test_today_counts_what_waits(case: Case, anne: Actor, secret) -> None:
    Case.objects.update(assigned_to=anne.user, state=CaseState.SUBMITTED)
    today = selectors.today(anne)
    assert (today.mine, today.oldest_mine_at, today.letters_waiting) == (1, NOON, 1)
    assert today.orders_waiting == 1  # a new endpoint is told what is suspended
    assert today.levels == {"suspended": 1}
