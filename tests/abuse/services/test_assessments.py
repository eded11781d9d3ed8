"""Judging the accounts whose counters moved, and acting on it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abuse.core.case import CaseMove, CaseState
from abuse.core.cells import History
from abuse.core.decision import decide
from abuse.core.policy import default_policy
from abuse.core.verdict import Verdict
from abuse.models import Assessment, Case, EnforcementOrder, Notice, Standing, Suspension
from abuse.services import assessments, cases, decisions, suspensions
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from fbl.models import HourlyCount, TouchedAccount
from tests.abuse.world import good_list, mailing, purchased_list
from tests.worlds import NOON, make_account, make_reseller

pytestmark = pytest.mark.django_db

TOMORROW = NOON + timedelta(days=1)


def level(account: Account) -> str:
    return Standing.objects.get(account=account).level


def test_a_purchased_list_is_suspended_with_its_evidence(account: Account) -> None:
    purchased_list(account)
    assert assessments.assess_touched(NOON) == 1
    assert level(account) == "suspended"
    assessment = Suspension.objects.get().assessment
    assert assessment.state == "suspend"
    assert "bounces_constant" in assessment.reasons
    assert assessment.policy_version == default_policy().version
    assert not TouchedAccount.objects.exists()


def test_a_good_sender_is_left_alone(account: Account) -> None:
    good_list(account)
    assessments.assess_touched(NOON)
    assert level(account) == "ok"
    assert not Case.objects.exists()


def test_an_assessment_can_be_repeated_from_what_it_kept(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    kept = Assessment.objects.get()
    verdict = decide(
        History.from_json(kept.inputs["history"]),
        default_policy(),
        now_hour=kept.inputs["now_hour"],
        reporting_providers=kept.inputs["reporting_providers"],
        on_probation=kept.inputs["on_probation"],
    )
    assert verdict == Verdict.from_figures(kept.figures)


def test_nothing_touched_is_nothing_assessed(account: Account) -> None:
    good_list(account)
    TouchedAccount.objects.all().delete()
    assert assessments.assess_touched(NOON) == 0
    assert not Assessment.objects.exists()


def test_an_assessment_is_written_when_something_changes_and_once_a_day(account: Account) -> None:
    good_list(account)
    for at in (NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=23)):
        assessments.assess([account.pk], at)
    assert Assessment.objects.count() == 1
    assessments.assess([account.pk], NOON + timedelta(hours=24))
    assert Assessment.objects.count() == 2
    assert Standing.objects.get().assessed_at == NOON + timedelta(hours=24)


def test_a_stopped_account_is_not_judged_again(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    mailing(account, days_ago=0, delivered=2_000, complaints=30, hard_bounces=300, at=TOMORROW)
    assessments.assess_touched(TOMORROW)
    assert (Assessment.objects.count(), Suspension.objects.count(), Case.objects.count()) == (1, 1, 1)


def held(account: Account) -> None:
    """One bad mailing of a long-standing sender: strong evidence, of one day only."""
    for days_ago in range(20, 3, -1):
        mailing(account, days_ago=days_ago, delivered=5_000, complaints=4, hard_bounces=40)
    mailing(account, days_ago=2, delivered=5_000, complaints=90, hard_bounces=40, campaign="promo")
    assessments.assess_touched(NOON)


def test_one_bad_campaign_is_held_for_a_person_to_look_and_nobody_is_written_to(account: Account, secret) -> None:
    held(account)
    assert level(account) == "hold"
    case = Case.objects.get()
    assert (case.state, case.suspension) == (CaseState.OPENED, None)
    assert not Notice.objects.exists()
    order = EnforcementOrder.objects.get()
    assert (order.action, order.body["data"]["campaign"]) == ("account.held", "promo")
    assert order.body["data"]["case"] == case.key


def test_a_hold_is_imposed_once(account: Account, secret) -> None:
    held(account)
    assessments.assess([account.pk], NOON + timedelta(hours=1))
    assert (Case.objects.count(), EnforcementOrder.objects.count()) == (1, 1)


def test_a_person_releases_a_hold_and_the_same_mail_does_not_bring_it_back(
    account: Account, secret, anne: Actor
) -> None:
    held(account)
    case = cases.move(Case.objects.get(), CaseMove.TAKE, actor=anne, now=NOON)
    decisions.decide(case, CaseMove.REINSTATE, actor=anne, reason="a contest gone wrong", now=NOON)
    assert level(account) == "ok"
    assert EnforcementOrder.objects.latest("sequence").action == "account.released"
    assert not Notice.objects.exists()  # who never heard of the hold need not hear of its end
    assessments.assess([account.pk], NOON + timedelta(hours=2))
    assert level(account) == "ok"


def test_a_hold_ends_by_itself_when_the_evidence_has_gone(account: Account, secret) -> None:
    held(account)
    HourlyCount.objects.filter(campaign="promo").update(complaints=0)
    assessments.assess([account.pk], NOON + timedelta(hours=1))
    assert level(account) == "ok"
    assert EnforcementOrder.objects.latest("sequence").action == "account.released"
    assert Case.objects.get().state == CaseState.OPENED


def test_a_hold_that_grows_into_a_suspension_keeps_its_case(account: Account, secret) -> None:
    held(account)
    for days_ago in (1, 0):
        mailing(account, days_ago=days_ago, delivered=5_000, complaints=90, hard_bounces=40, campaign="promo")
    assessments.assess_touched(NOON)
    case = Case.objects.get()
    assert level(account) == "suspended"
    assert (case.suspension, case.state) == (Suspension.objects.get(), CaseState.AWAITING_CLIENT)
    assert Notice.objects.get().name == "suspended"
    assert [order.action for order in EnforcementOrder.objects.order_by("sequence")] == [
        "account.held",
        "account.suspended",
    ]


def test_after_a_reinstatement_old_mail_scores_no_more_and_new_mail_is_watched(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    suspensions.lift(Suspension.objects.get(), now=NOON, by=None, reason="proof")
    assessments.assess([account.pk], TOMORROW)
    assert level(account) == "probation"
    assert Assessment.objects.latest("at").inputs["on_probation"]
    assert Assessment.objects.latest("at").figures["delivered"] == 0


def test_accounts_below_suspicion_get_the_level_the_rule_gives(account: Account) -> None:
    mailing(account, days_ago=9, delivered=20_000, complaints=10, hard_bounces=100)
    mailing(account, days_ago=2, delivered=1_500, complaints=8, hard_bounces=30)
    assessments.assess_touched(NOON)
    assert Assessment.objects.get().state == level(account)


def test_the_queries_do_not_grow_with_the_accounts(account: Account) -> None:
    def queries(names: list[str]) -> int:
        accounts = [make_account(name) for name in names]
        for one in accounts:
            good_list(one)
        with CaptureQueriesContext(connection) as captured:
            assessments.assess_touched(NOON)
        return len(captured)

    few = queries([f"few-{n}" for n in range(3)])
    many = queries([f"many-{n}" for n in range(25)])
    assert many == few


def test_time_alone_matures_complaints(account: Account) -> None:
    good_list(account)
    TouchedAccount.objects.all().delete()
    assert assessments.assess_due(NOON) == 1
    assert assessments.assess_due(NOON + timedelta(minutes=59)) == 0
    assert assessments.assess_due(NOON + timedelta(minutes=61)) == 1


def test_a_spammer_spread_over_a_resellers_accounts_is_caught_and_its_good_client_is_not() -> None:
    reseller = make_reseller("austral")
    small = [make_account(f"small-{n}", reseller=reseller) for n in range(12)]
    for one in small:
        for days_ago in (3, 2, 1):
            mailing(one, days_ago=days_ago, delivered=60, hard_bounces=5)
    good = make_account("good", reseller=reseller)
    mailing(good, days_ago=1, delivered=800, complaints=0, hard_bounces=2)
    assessments.assess_touched(NOON)
    assert level(good) == "ok"
    stopped = Suspension.objects.filter(account__in=small)
    assert stopped.count() == 12
    assert {one.assessment.reasons[0] for one in stopped} == {"reseller_pattern"}
    assert all("pooled" in one.assessment.inputs["group"] for one in stopped)


def test_good_small_accounts_of_one_reseller_are_left_alone() -> None:
    reseller = make_reseller("austral")
    for n in range(12):
        one = make_account(f"small-{n}", reseller=reseller)
        for days_ago in (3, 2, 1):
            mailing(one, days_ago=days_ago, delivered=90, hard_bounces=1)
    assessments.assess_touched(NOON)
    assert not Suspension.objects.exists()
