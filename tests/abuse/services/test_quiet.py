"""The query that leaves quiet accounts alone is never wrong about one that is not quiet."""

import random
from datetime import timedelta

import pytest

from abuse.core.decision import decide
from abuse.core.policy import default_policy
from abuse.core.verdict import State
from abuse.models import Assessment, Standing
from abuse.selectors.policies_in_force import InForce
from abuse.services import assessments, quiet, verdicts
from fbl import selectors as feedback
from fbl.core.providers import reporting_keys
from fbl.models import HourlyCount
from tests.abuse.world import good_list, purchased_list
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db

PROVIDERS = (*sorted(reporting_keys())[:3], "gmail")
LATER = NOON + timedelta(hours=2)


def any_mail(chance: random.Random, account_id: int) -> list[HourlyCount]:
    """A sender of any size and manners: from blameless to far above the limits, many of them near the line."""
    volume = int(10 ** chance.uniform(1, 4.5))
    complaints, bounces = 10 ** chance.uniform(-4.5, -1.8), 10 ** chance.uniform(-3, -0.7)
    hours = {feedback.hour_of(NOON) - chance.randrange(0, 62 * 24) for _ in range(chance.randrange(1, 14))}
    return [
        HourlyCount(
            account_id=account_id,
            send_hour=hour,
            provider=provider,
            campaign="c",
            delivered=volume,
            complaints=sum(chance.random() < complaints for _ in range(min(volume, 3000))),
            hard_bounces=sum(chance.random() < bounces for _ in range(min(volume, 1000))),
        )
        for hour in hours
        for provider in PROVIDERS
    ]


@pytest.mark.parametrize("hours_later", [0, 5, 40])
def test_whoever_is_called_quiet_is_ok(hours_later: int) -> None:
    chance, now, policy = random.Random(hours_later), NOON + timedelta(hours=hours_later), default_policy()
    accounts = [make_account(f"a{number}") for number in range(150)]
    HourlyCount.objects.bulk_create([row for account in accounts for row in any_mail(chance, account.pk)])
    rows = [Standing(account=account, since=NOON) for account in accounts]
    found = quiet.quiet_accounts(rows, InForce.only(policy), now)
    states = {
        account_id: decide(history, policy, now_hour=feedback.hour_of(now), reporting_providers=reporting_keys()).state
        for account_id, history in verdicts.histories_of(rows, now, [policy]).items()
    }
    assert {states[account_id] for account_id in found} == {State.OK}
    # And it lets most of those pass that are.
    assert len(found) > 0.6 * sum(state is State.OK for state in states.values())
    assert any(state is not State.OK for state in states.values())


def test_quiet_accounts_are_looked_at_and_nothing_is_written() -> None:
    good, bad = make_account("good"), make_account("bad")
    good_list(good)
    assessments.assess([good.pk], NOON - timedelta(hours=3))
    purchased_list(bad)
    assert assessments.assess_due(LATER) == 2
    assert Standing.objects.get(account=good).assessed_at == LATER
    assert Assessment.objects.filter(account=good).count() == 1
    assert Standing.objects.get(account=bad).level == "suspended"


def test_a_quiet_account_is_written_anew_after_a_week() -> None:
    good = make_account("good")
    good_list(good)
    assessments.assess([good.pk], NOON)
    assessments.assess_due(NOON + timedelta(days=8))
    assert Assessment.objects.filter(account=good).count() == 2
