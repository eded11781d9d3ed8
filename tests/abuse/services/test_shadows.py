"""A draft in the shadow judges with every assessment, and never acts."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from abuse.models import Assessment, Case, EnforcementOrder, PolicyVersion, Shadow, ShadowVerdict, Standing, Suspension
from abuse.selectors import laboratory as selectors
from abuse.selectors import policies as versions
from abuse.services import assessments, policies, shadows
from abuse.services.policies import For
from abuse.services.shadows import ShadowRefused
from courrielleur.accounts.models import Account
from tests.abuse.services.test_policies import lou, override, platform, whole
from tests.abuse.world import good_list, mailing, purchased_list
from tests.worlds import NOON, make_account

__all__ = ["lou", "platform"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def harsh(platform: PolicyVersion, lea) -> PolicyVersion:
    """A draft under which nearly everybody is above the limits."""
    text = whole(complaints__limit=0.0001, bounces__limit=0.001)
    return policies.draft(text, For(), author=lea.user, reason="Un essai.", now=NOON)


@pytest.fixture
def blind(platform: PolicyVersion, lea) -> PolicyVersion:
    """A draft under which nobody is."""
    text = whole(complaints__limit=0.05, bounces__limit=0.5)
    return policies.draft(text, For(), author=lea.user, reason="Un essai.", now=NOON)


def test_a_shadow_would_stop_a_good_sender_and_nothing_happens_to_it(harsh, account: Account, lea) -> None:
    good_list(account)
    shadow = shadows.start(harsh, by=lea.user, now=NOON)
    assessments.assess([account.pk], NOON)
    (verdict,) = ShadowVerdict.objects.all()
    assert (verdict.state, verdict.active_state) == ("suspend", "ok")
    assert Standing.objects.get().level == "ok"
    assert Assessment.objects.get().policy_version.startswith("v1-")
    assert [model.objects.count() for model in (Suspension, Case, EnforcementOrder)] == [0, 0, 0]
    found = selectors.comparison(shadow)
    assert [(stop.account, stop.shadow_at, stop.active_at) for stop in found.stops] == [(account, NOON, None)]
    assert [(day.day, day.only_shadow, day.both, day.only_active) for day in found.days] == [(NOON.date(), 1, 0, 0)]


def test_a_milder_shadow_would_have_spared_whom_the_rule_stops(blind, account: Account, lea) -> None:
    purchased_list(account)
    shadow = shadows.start(blind, by=lea.user, now=NOON)
    assessments.assess([account.pk], NOON)
    assert Suspension.objects.exists()
    (verdict,) = ShadowVerdict.objects.all()
    assert (verdict.state, verdict.active_state) == ("ok", "suspend")
    (stop,) = selectors.comparison(shadow).stops
    assert (stop.shadow_at, stop.active_at) == (None, NOON)


def test_where_both_agree_nothing_is_written_and_the_stop_is_shared(harsh, account: Account, lea) -> None:
    purchased_list(account)
    calm = make_account("calm", reseller=account.reseller)
    mailing(calm, days_ago=2, delivered=50)
    same = override("reseller.left_out", "3", "accounts")
    version = policies.draft(same, For(reseller=account.reseller), author=lea.user, reason="Un essai.", now=NOON)
    shadow = shadows.start(version, by=lea.user, now=NOON)
    assessments.assess([account.pk, calm.pk], NOON)
    assert not ShadowVerdict.objects.exists()
    (day,) = selectors.comparison(shadow).days
    assert (day.both, day.only_shadow, day.only_active) == (1, 0, 0)


def test_a_verdict_is_written_when_it_changes_only(harsh, account: Account, lea) -> None:
    good_list(account)
    shadows.start(harsh, by=lea.user, now=NOON)
    for minutes in (0, 30, 60):
        assessments.assess([account.pk], NOON + timedelta(minutes=minutes))
    assert ShadowVerdict.objects.count() == 1
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ShadowVerdict.objects.update(state="ok")


def test_one_draft_at_a_time_and_none_that_is_in_force(harsh, blind, platform, account, lea, lou) -> None:
    shadows.start(harsh, by=lea.user, now=NOON)
    with pytest.raises(ShadowRefused, match="Une autre ébauche"):
        shadows.start(blind, by=lea.user, now=NOON)
    with pytest.raises(ShadowRefused, match="déjà"):
        shadows.start(harsh, by=lou.user, now=NOON)
    with pytest.raises(ShadowRefused):
        shadows.start(platform, by=lea.user, now=NOON)
    policies.activate(harsh.number, by=lou.user, over=1, now=NOON)
    assert Shadow.objects.get().ended_at == NOON
    moves = [event.move for event in versions.history(harsh)]
    assert moves == ["drafted", "shadowed", "activated", "unshadowed"]
    shadows.start(blind, by=lea.user, now=NOON)
    assert shadows.stop(blind, by=lou.user, now=NOON)
    assert not shadows.stop(blind, by=lou.user, now=NOON)
    good_list(account)
    assessments.assess([account.pk], NOON)
    assert not ShadowVerdict.objects.exists()
