"""A version on a simulated platform: the truth is known, so a stop is false or a catch."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from abuse.core.judging import Judge
from abuse.core.policy import default_policy
from abuse.core.verdict import State
from abuse.models import PolicyVersion, Trial
from abuse.services import laboratory, laboratory_simulation, policies
from abuse.services.laboratory import TrialRefused
from abuse.services.policies import For
from courrielleur.accounts.actors import Actor
from courrielleur.simulation import REPORTING, families, rows, senders
from tests.abuse.services.test_laboratory import finish
from tests.abuse.services.test_policies import MILD, lou, platform, whole
from tests.worlds import NOON

__all__ = ["lou", "platform"]

pytestmark = pytest.mark.django_db
SMALL = {"seed": 3, "scale": 0.03, "only": ["small", "one_bad_campaign", "purchased", "snowshoe"], "now": NOON}


@pytest.fixture
def draft(platform: PolicyVersion, lea: Actor) -> PolicyVersion:
    """Four times the complaints and hard bounces that the version in force allows."""
    text = whole(complaints__limit=0.01, bounces__limit=0.2)
    return policies.draft(text, For(), author=lea.user, reason="Un essai.", now=NOON)


def by_family(trial: Trial) -> dict[str, dict]:
    return {told["family"]: told for told in trial.result["families"]}


def test_each_family_is_told_for_both_and_a_milder_draft_catches_less(draft, lea) -> None:
    trial = finish(laboratory.start_simulation(draft, by=lea.user, **SMALL))
    assert trial.state == "done", trial.error
    number = sum(family.number(0.03) for family in families() if family.key in SMALL["only"])
    assert (trial.done, trial.total, trial.result["accounts"]) == (number, number, number)
    told = by_family(trial)
    assert set(told) == set(SMALL["only"])
    assert told["small"]["active"] == {
        "senders": 8, "stopped": 0, "share_stopped": 0, "months": 24, "per_10_000_months": 0
    }  # fmt: skip
    for family in ("purchased", "snowshoe"):
        assert told[family]["active"]["share_stopped"] == 1
        assert told[family]["draft"]["typical_mails"] > told[family]["active"]["typical_mails"]
    assert trial.result["bad"]["draft"]["stopped"] < trial.result["bad"]["active"]["stopped"] == 3
    assert trial.result["policy_version"] != trial.result["draft_version"]


def test_the_figures_are_those_of_the_judge_on_the_whole_platform(draft, lea) -> None:
    """What is cut into pieces gives what one judge says of all senders at once."""
    trial = finish(laboratory.start_simulation(draft, by=lea.user, **SMALL))
    known = list(senders(3, scale=0.03, only=SMALL["only"]))
    stopped = {
        change.account
        for change in Judge(default_policy(), REPORTING).changes([str(cell) for cell in row] for row in rows(known))
        if change.verdict.state is State.SUSPEND
    }
    for family, told in by_family(trial).items():
        assert told["active"]["stopped"] == sum(one.account in stopped for one in known if one.family == family)


def test_an_override_is_tried_as_if_all_senders_were_those_it_is_for(draft, lea, account) -> None:
    version = policies.draft(MILD, For(account=account), author=lea.user, reason="Des factures.", now=NOON)
    active, tried = laboratory_simulation._policies(version)
    assert active.values() == default_policy().values()
    assert tried.values() != active.values()
    assert tried.bounces_limit == active.bounces_limit


class Killed(BaseException):
    """As SIGKILL does: nothing is tidied up."""


def test_it_works_in_slices_and_goes_on_after_a_kill_with_the_same_result(draft, lea, monkeypatch) -> None:
    monkeypatch.setattr(laboratory_simulation, "TOGETHER", 3)
    at_once = finish(laboratory.start_simulation(draft, by=lea.user, **SMALL))
    trial = laboratory.start_simulation(draft, by=lea.user, **SMALL)
    laboratory.work(seconds=0)
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.total) == ("running", 0, at_once.total)
    calls, original = [], laboratory_simulation._try

    def dying(*args: object) -> None:
        original(*args)
        calls.append(args)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(laboratory_simulation, "_try", dying)
    with pytest.raises(Killed):
        laboratory.work(seconds=60)
    trial.refresh_from_db()
    assert (trial.state, trial.done) == ("running", 6)
    Trial.objects.filter(pk=trial.pk).update(beat_at=NOON - timedelta(minutes=3))
    assert finish(trial).result == at_once.result
    assert len(calls) > 2


def test_it_begins_anew_when_another_version_came_into_force(draft, lea, lou, monkeypatch) -> None:
    monkeypatch.setattr(laboratory_simulation, "TOGETHER", 3)
    trial = laboratory.start_simulation(draft, by=lea.user, **SMALL)
    original = laboratory_simulation.Bench.has_time
    turns = iter([True, True, False])
    monkeypatch.setattr(laboratory_simulation.Bench, "has_time", lambda bench: next(turns))
    laboratory.work()
    trial.refresh_from_db()
    assert trial.done == 6
    other = policies.draft(whole(complaints__limit=0.002), For(), author=lea.user, reason="Plus strict.", now=NOON)
    policies.activate(other.number, by=lou.user, over=1, now=NOON)
    monkeypatch.setattr(laboratory_simulation.Bench, "has_time", original)
    trial = finish(trial)
    assert (trial.state, trial.done) == ("done", trial.total)
    assert trial.result["policy_version"].startswith(f"v{other.number}-")


def test_a_running_one_is_cancelled_at_its_next_sign(draft, lea, monkeypatch) -> None:
    monkeypatch.setattr(laboratory_simulation, "BEAT_ROWS", 10)
    trial = laboratory.start_simulation(draft, by=lea.user, **SMALL)
    original = laboratory_simulation.rows

    def asked(*args: object, **options: object):
        Trial.objects.filter(pk=trial.pk).update(cancel_asked_at=NOON)
        return original(*args, **options)

    monkeypatch.setattr(laboratory_simulation, "rows", asked)
    assert finish(trial).state == "cancelled"
    assert trial.result is None


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"scale": 5.1}, {"scale": float("nan")}, {"only": ["ugly"]}])
def test_what_cannot_be_simulated_is_refused(draft, lea, wrong) -> None:
    with pytest.raises(TrialRefused):
        laboratory.start_simulation(draft, by=lea.user, **{**SMALL, **wrong})
    assert not Trial.objects.exists()


def test_what_is_in_force_is_not_tried(platform, lea) -> None:
    with pytest.raises(TrialRefused):
        laboratory.start_simulation(platform, by=lea.user, **SMALL)


def test_the_command_prints_each_family_and_the_sums(draft) -> None:
    out = StringIO()
    words = ("--simulated", "--scale", "0.03", "--seed", "3", "--families", "purchased,small")
    call_command("backtest", str(draft.number), *words, stdout=out)
    *told, sums = map(json.loads, out.getvalue().splitlines())
    assert [family["family"] for family in told] == ["small", "purchased"]
    assert sums["state"] == "done"
    assert sums["good"]["active"] == told[0]["active"]
    for wrong in ((str(draft.number), "--simulated", "--families", "ugly"), ("--calibrate", "--simulated")):
        with pytest.raises(CommandError) as refused:
            call_command("backtest", *wrong, stdout=out)
        assert refused.value.returncode == 2
