"""The smallest cut, from the counters of an account."""

import pytest

from abuse.core.cut import Measure, Unit
from abuse.models import Assessment
from abuse.selectors import excess_of
from abuse.services import assessments, policies
from abuse.services.policies import For
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role
from fbl.services import campaigns
from fbl.services.campaigns import CampaignRow
from tests.abuse.services.test_policies import override
from tests.abuse.world import mailing, person
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
    cut = excess_of(Assessment.objects.get(), account).cut
    assert (cut.measure, cut.campaigns) == (Measure.HOLD, ("achetée",))
    assert cut.complaint_rate == pytest.approx(2 / 5_000)


def test_an_account_that_is_bad_all_over_has_no_small_cut(account: Account) -> None:
    for days_ago in (1, 2, 3, 4):
        mailing(account, days_ago=days_ago, delivered=2_000, hard_bounces=300, campaign=f"vague-{days_ago}")
        mailing(account, days_ago=days_ago, delivered=2_000, hard_bounces=300, campaign="infolettre")
    assessments.assess_touched(NOON)
    assert excess_of(Assessment.objects.get(), account).cut.measure is Measure.SUSPEND


def test_the_list_that_campaigns_went_to_is_named_and_receipts_live_on(account: Account) -> None:
    names = [f"vague-{number}" for number in range(5)]
    rows = [CampaignRow(account.pk, name, "achat-2026", "marketing") for name in names]
    campaigns.tell([*rows, CampaignRow(account.pk, "reçus", stream="transactional")], NOON)
    for days_ago, name in enumerate(names, start=1):
        mailing(account, days_ago=days_ago, delivered=2_000, hard_bounces=300, campaign=name)
        mailing(account, days_ago=days_ago, delivered=80, campaign="reçus")
    assessments.assess_touched(NOON)
    found = excess_of(Assessment.objects.get(), account)
    assert [(one.unit, one.name) for one in found.origins] == [(Unit.LIST, "achat-2026"), (Unit.STREAM, "marketing")]
    assert found.cut.measure is Measure.SUSPEND, "four hundred receipts are not much"

    text = override("suspend.measure", '"hold"', "suspend or hold")
    version = policies.draft(text, For(stream="transactional"), author=None, reason="Reçus.", now=NOON)
    policies.activate(version.number, by=person("lou", Role.LEAD).user, over=None, now=NOON)
    cut = excess_of(Assessment.objects.get(), account).cut
    assert (cut.measure, cut.unit, cut.name, set(cut.campaigns)) == (
        Measure.HOLD, Unit.LIST, "achat-2026", set(names)
    )  # fmt: skip
    assert cut.rest.delivered == 400
