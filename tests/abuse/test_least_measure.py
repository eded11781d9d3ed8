"""The smallest cut, from the counters of an account."""

import pytest

from abuse.core.cut import Measure
from abuse.core.policy import default_policy
from abuse.models import Assessment
from abuse.selectors import least_measure
from abuse.services import assessments
from courrielleur.accounts.models import Account
from tests.abuse.world import mailing
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


def test_one_bad_campaign_of_a_good_account_is_named(account: Account) -> None:
    for days_ago in (1, 2, 3, 4):
        mailing(account, days_ago=days_ago, delivered=5_000, complaints=2, campaign="infolettre")
        mailing(account, days_ago=days_ago, delivered=800, complaints=16, hard_bounces=120, campaign="achetée")
    assessments.assess_touched(NOON)
    cut = least_measure(Assessment.objects.get(), default_policy())
    assert (cut.measure, cut.campaigns) == (Measure.HOLD, ("achetée",))
    assert cut.complaint_rate == pytest.approx(2 / 5_000)


def test_an_account_that_is_bad_all_over_has_no_small_cut(account: Account) -> None:
    for days_ago in (1, 2, 3, 4):
        mailing(account, days_ago=days_ago, delivered=2_000, hard_bounces=300, campaign=f"vague-{days_ago}")
        mailing(account, days_ago=days_ago, delivered=2_000, hard_bounces=300, campaign="infolettre")
    assessments.assess_touched(NOON)
    assert least_measure(Assessment.objects.get(), default_policy()).measure is Measure.SUSPEND
