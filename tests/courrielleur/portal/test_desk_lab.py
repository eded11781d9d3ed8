"""The laboratory's pages: start a trial, watch it, read it, make a draft of a calibration, run one in the shadow."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import translation

from abuse.models import PolicyVersion, Shadow, Trial, TrialFinding
from abuse.services import laboratory, policies
from abuse.services.policies import For
from courrielleur.portal import simulated_view
from courrielleur.simulation import families
from tests.abuse.services.test_policies import whole
from tests.courrielleur.portal.conftest import Platform
from tests.worlds import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(platform: Platform) -> PolicyVersion:
    policies.install_shipped(NOON)
    author = platform.people["specialist"]
    return policies.draft(whole(suspend__evidence=6.0), For(), author=author, reason="Essai.", now=NOON)


def text_of(response) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def test_a_back_test_is_asked_for_watched_and_cancelled(platform: Platform, draft: PolicyVersion) -> None:
    lead = platform.browser("lead")
    asked = lead.post(reverse("desk:backtest", args=[draft.number]), {"days": "30"})
    trial = Trial.objects.get()
    assert asked["Location"] == reverse("desk:trial", args=[trial.pk])
    waiting = text_of(lead.get(asked["Location"]))
    assert "It waits for a worker." in waiting
    Trial.objects.update(done=30, total=120)
    assert '<progress class="w-100" max="100" value="25"' in text_of(lead.get(asked["Location"]))
    assert "30 of 120 accounts" in text_of(lead.get(asked["Location"]))
    lead.post(reverse("desk:cancel_trial", args=[trial.pk]))
    ended = text_of(lead.get(asked["Location"]))
    assert "Cancelled" in ended
    assert "<progress" not in ended


def test_a_back_test_that_is_done_tells_who_and_what_it_could_not_know(platform: Platform, draft) -> None:
    trial = laboratory.start_backtest(draft, days=30, by=draft.author, now=NOON, here=True)
    laboratory.run_to_the_end(trial)
    for kind, account in (("added", platform.mine), ("earlier", platform.other)):
        TrialFinding.objects.create(
            trial=trial, account=account, kind=kind, active_hour=494_050, draft_hour=494_000, mail=12_345,
            draft_reasons=["complaints_constant"], was_cleared_at=NOON,
        )  # fmt: skip
    kinds = {
        "added": {"accounts": 14, "cleared": 3, "stopped": 0, "mail": 9},
        "earlier": {"accounts": 5, "cleared": 0, "stopped": 5, "mail": 9, "median_hours": 50.4},
    }
    Trial.objects.update(result={"accounts": 2, "kinds": kinds, "undated_complaints": 7, "undated_bounces": 0})
    page = text_of(platform.browser("agent").get(reverse("desk:trial", args=[trial.pk])))
    assert "It would have stopped 14 more accounts. A person later cleared 3 of them." in page
    assert "It would have stopped 5 accounts earlier, by a median of 2 d 2 h." in page.replace("\u00a0", " ")
    assert "7 complaints and 0 hard bounces have no date" in page
    assert reverse("desk:account", args=["acme"]) in page
    assert "12,345" in page
    french = text_of(platform.browser("agent", "fr").get(reverse("desk:trial", args=[trial.pk])))
    assert "Elle aurait arrêté 14 comptes de plus. Une personne en a mis 3 hors de cause par la suite." in french
    listed = text_of(platform.browser("agent", "fr").get(reverse("desk:laboratory")))
    assert "Elle aurait arrêté 14 comptes de plus. Une personne en a mis 3 hors de cause par la suite. E" in listed


def test_a_draft_is_tried_on_a_simulated_platform(platform: Platform, draft: PolicyVersion) -> None:
    lead = platform.browser("lead")
    asked = lead.post(reverse("desk:backtest", args=[draft.number]), {"seed": "7", "scale": "0.01"})
    trial = Trial.objects.get()
    assert asked["Location"] == reverse("desk:trial", args=[trial.pk])
    waiting = text_of(lead.get(asked["Location"]))
    assert "90 days of a platform made up from seed 7, at scale 0.01." in waiting
    laboratory.run_to_the_end(trial)
    trial.refresh_from_db()
    assert trial.state == "done", trial.error
    trial.result["good"]["draft"]["per_10_000_months"] = 1234.5
    trial.result["bad"]["draft"]["share_stopped"] = 0.875
    trial.result["families"][0]["draft"]["per_10_000_months"] = 9876.5
    trial.save()
    page = text_of(lead.get(asked["Location"]))
    assert "The draft stops 1,234.5 good senders by mistake in 10,000 months of theirs" in page
    assert "The draft catches 87.5% of the bad senders" in page
    assert "9,876.5" in page
    with translation.override("en"):
        assert [str(name) for name in simulated_view.FAMILIES.values() if str(name) not in page] == []
    french = text_of(platform.browser("agent", "fr").get(asked["Location"]))
    assert "L’ébauche intercepte 87,5 % des mauvais expéditeurs" in french
    assert "Listes achetées" in french
    assert "seed 7" in text_of(lead.get(reverse("desk:laboratory")))
    assert "seed 7" in text_of(lead.get(reverse("desk:policy", args=[draft.number])))


def test_every_family_of_senders_has_a_name() -> None:
    assert set(simulated_view.FAMILIES) == {family.key for family in families()}
    assert set(simulated_view.TRUTHS) == {family.truth.value for family in families()}


@pytest.mark.parametrize("wrong", [{"seed": "x", "scale": "1"}, {"seed": "1", "scale": "6"}])
def test_a_simulation_out_of_reach_is_refused(platform: Platform, draft, wrong: dict[str, str]) -> None:
    lead = platform.browser("lead")
    said = text_of(lead.post(reverse("desk:backtest", args=[draft.number]), wrong, follow=True))
    assert "Give the seed as a whole number." in said or "Simulate at a scale above 0, up to 5." in said
    assert not Trial.objects.exists()


def test_a_calibration_becomes_a_draft_with_one_click(platform: Platform, draft) -> None:
    lead = platform.browser("lead")
    asked = lead.post(reverse("desk:calibrate"), {"days": "60", "target": "5"})
    trial = Trial.objects.get()
    laboratory.run_to_the_end(trial)
    assert "Not enough data yet" in text_of(lead.get(asked["Location"]))
    refused = lead.post(reverse("desk:draft_from_trial", args=[trial.pk]), {"estimate": "maturity.median"}, follow=True)
    assert "Choose at least one estimate" in text_of(refused)
    trial.refresh_from_db()
    trial.result["estimates"]["maturity.median"] |= {"value": 6.4321, "low": 6.1, "high": 6.7, "is_enough": True}
    trial.save()
    assert "6.43" in text_of(lead.get(asked["Location"]))
    made = lead.post(reverse("desk:draft_from_trial", args=[trial.pk]), {"estimate": "maturity.median"}, follow=True)
    version = PolicyVersion.objects.latest("number")
    assert made.redirect_chain[-1][0] == reverse("desk:policy", args=[version.number])
    assert version.author == platform.people["lead"]
    assert "Calibration over our own history" in version.reason
    assert "maturity.median 8 → 6.43" in version.reason


def test_a_draft_is_set_to_the_shadow_and_taken_out(platform: Platform, draft) -> None:
    lead = platform.browser("lead")
    address = reverse("desk:shadow", args=[draft.number])
    assert "never acts" in text_of(lead.post(address, {"action": "start"}, follow=True))
    assert Shadow.objects.get().ended_at is None
    assert "This draft runs in the shadow already" in text_of(lead.post(address, {"action": "start"}, follow=True))
    assert f"Version {draft.number}" in text_of(lead.get(reverse("desk:laboratory")))
    lead.post(address, {"action": "stop"})
    assert Shadow.objects.get().ended_at is not None


@pytest.mark.parametrize("days", ["0", "x", "181"])
def test_days_out_of_reach_are_refused(platform: Platform, draft, days: str) -> None:
    lead = platform.browser("lead")
    said = lead.post(reverse("desk:backtest", args=[draft.number]), {"days": days}, follow=True)
    assert "between 1 and 180 days" in text_of(said)
    assert lead.post(reverse("desk:calibrate"), {"days": days, "target": "5"}).status_code == 422
    assert not Trial.objects.exists()
