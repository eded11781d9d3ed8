"""The laboratory over a stored history: what a draft would have done, in slices, through kills, and calibration."""

import json
import random
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from abuse.models import PolicyVersion, Suspension, Trial, TrialFinding
from abuse.selectors import laboratory as selectors
from abuse.services import laboratory, laboratory_backtest, laboratory_drafts, policies
from abuse.services.laboratory import TrialRefused
from abuse.services.laboratory_bench import LeaseLost
from abuse.services.policies import For
from courrielleur import pipeline
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from fbl.models import FeedbackEvent, HourlyCount, InboundReport
from tests.abuse.services.test_policies import MILD, lou, platform, whole
from tests.worlds import NOON, hour, make_account

__all__ = ["lou", "platform"]

pytestmark = pytest.mark.django_db
NOW = NOON
LENIENT = whole(complaints__limit=0.005)


def mailed(account: Account, days_ago: int, *, complaints: int = 0, bounces: int = 0, delivered: int = 1_500) -> None:
    """Mail of a noon, whose complaints and bounces were seen that evening."""
    sent = NOON - timedelta(days=days_ago)
    HourlyCount.objects.create(
        account_id=account.pk, send_hour=hour(sent), provider="yahoo", campaign=f"c{days_ago}",
        delivered=delivered, complaints=complaints, hard_bounces=bounces,
    )  # fmt: skip
    kinds = [("complaint", "")] * complaints + [("bounce", "hard")] * bounces
    FeedbackEvent.objects.bulk_create(
        FeedbackEvent(
            account_id=account.pk, send_day=sent.date(), digest=random.randbytes(16), kind=kind,
            bounce_class=bounce_class, provider="yahoo", send_hour=hour(sent),
            arrived_at=sent + timedelta(hours=8, minutes=number % 50), method="token", confidence="certain",
            is_counted=True,
        )
        for number, (kind, bounce_class) in enumerate(kinds)
    )  # fmt: skip


def steadily_bad(account: Account, complaints: int = 7) -> None:
    for days_ago in range(24, 20, -1):
        mailed(account, days_ago)
    for days_ago in range(20, 8, -1):
        mailed(account, days_ago, complaints=complaints)


@pytest.fixture
def draft(platform: PolicyVersion, lea: Actor) -> PolicyVersion:
    return policies.draft(LENIENT, For(), author=lea.user, reason="Un essai.", now=NOON)


@pytest.fixture
def past(account: Account) -> dict[str, Account]:
    """Acme is at seven complaints a day, Bad at fourteen, Calm at none; Dune is of another reseller."""
    others = {key: make_account(key, reseller=account.reseller) for key in ("bad", "calm")}
    steadily_bad(account)
    steadily_bad(others["bad"], complaints=14)
    steadily_bad(others["calm"], complaints=0)
    return {"acme": account, **others}


def finish(trial: Trial) -> Trial:
    while laboratory.work(seconds=60):
        pass
    trial.refresh_from_db()
    return trial


def brought_in_today() -> None:
    """Let the mail of weeks come in at once, as it does when a platform moves in: only its own dates tell."""
    for event in FeedbackEvent.objects.filter(kind="complaint"):
        report = InboundReport.objects.create(
            sha256=random.randbytes(32), received_at=NOON, door="maildir", size=1, state="recorded",
            reported_at=event.arrived_at,
        )  # fmt: skip
        FeedbackEvent.objects.filter(pk=event.pk).update(report_id=report.pk, arrived_at=NOON)


def found(trial: Trial) -> dict[str, TrialFinding]:
    return {finding.account.key: finding for finding in selectors.findings(trial)}


def test_a_milder_draft_spares_one_and_stops_another_later(draft, past, lea) -> None:
    trial = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    assert (trial.state, trial.done, trial.total) == ("done", 3, 3)
    rows = found(trial)
    assert {key: row.kind for key, row in rows.items()} == {"acme": "spared", "bad": "later"}
    assert rows["acme"].draft_hour is None
    assert "complaints_constant" in rows["acme"].active_reasons
    assert rows["bad"].active_hour < rows["bad"].draft_hour
    days = (rows["bad"].draft_hour - rows["bad"].active_hour) / 24
    assert rows["bad"].mail == round(days) * 1_500
    assert trial.result["kinds"]["later"]["median_hours"] == days * 24
    assert (trial.result["stopped_active"], trial.result["stopped_draft"]) == (2, 1)
    assert (trial.result["undated_complaints"], trial.result["undated_bounces"]) == (0, 0)


def test_a_history_that_was_brought_in_at_once_is_judged_by_its_own_dates(draft, past, lea) -> None:
    as_it_came = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    brought_in_today()
    again = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    kept = ("account__key", "kind", "active_hour", "draft_hour", "mail")
    assert sorted(again.findings.values_list(*kept)) == sorted(as_it_came.findings.values_list(*kept))
    # A date that can't be, before the mail itself, is no date: what came in today is not in the days looked at.
    InboundReport.objects.update(reported_at=NOON - timedelta(days=60))
    last = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    assert not last.findings.exists()


def test_a_trial_warms_up_for_as_long_as_the_rule_looks_back(draft, account, lea) -> None:
    for days_ago in range(60, 45, -1):
        mailed(account, days_ago, complaints=14)
    mailed(account, 5)
    trial = finish(laboratory.start_backtest(draft, days=10, by=lea.user, now=NOW))
    assert trial.result["stopped_before"] == 1
    assert "acme" not in found(trial)


def test_stops_that_a_person_undid_are_told(draft, past, lea, lou) -> None:
    """The other way round: the strict one would have stopped an account that a person cleared later."""
    policies.activate(draft.number, by=lou.user, over=1, now=NOON)
    strict = policies.draft(whole(complaints__limit=0.0025), For(), author=lea.user, reason="Retour.", now=NOON)
    Suspension.objects.create(
        account=past["acme"], imposed_at=NOON - timedelta(hours=3), imposed_by=lou.user, reason="À la main.",
        lifted_at=NOON - timedelta(hours=2), lifted_by=lea.user,
    )  # fmt: skip
    trial = finish(laboratory.start_backtest(strict, days=30, by=lea.user, now=NOW))
    row = found(trial)["acme"]
    assert row.kind == "added"
    assert row.was_stopped_at == NOON - timedelta(hours=3)  # today, after the days looked at
    assert row.was_cleared_at == NOON - timedelta(hours=2)
    assert trial.result["kinds"]["added"]["cleared"] == 1
    assert trial.result["kinds"]["earlier"]["accounts"] == 1


def test_what_no_event_dates_is_counted_and_said(draft, past, lea) -> None:
    FeedbackEvent.objects.filter(account_id=past["acme"].pk).delete()
    trial = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    assert trial.result["undated_complaints"] == 84
    assert "acme" not in found(trial)


def test_an_override_is_tried_on_those_it_is_for(platform, past, lea, account) -> None:
    version = policies.draft(MILD, For(account=account), author=lea.user, reason="Des factures.", now=NOON)
    trial = finish(laboratory.start_backtest(version, days=30, by=lea.user, now=NOW))
    assert (trial.done, trial.total) == (1, 1)
    assert found(trial)["acme"].kind in ("spared", "later")
    assert trial.result["alone"] == 1


class Killed(BaseException):
    """As SIGKILL does: nothing is tidied up."""


@pytest.mark.parametrize("when", ["before the row", "after the row"])
def test_a_trial_goes_on_after_a_kill_and_finds_the_same(draft, past, lea, monkeypatch, when: str) -> None:
    for number in range(3):
        steadily_bad(make_account(f"other{number}", reseller=past["acme"].reseller))
    whole_run = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    trial = laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW)
    monkeypatch.setattr(laboratory_backtest, "MOST_ROWS", 150)  # several pieces
    calls, original = [], laboratory_backtest._try

    def dying(*args: object) -> None:
        calls.append(args)
        if len(calls) == 2 and when == "before the row":
            raise Killed
        original(*args)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(laboratory_backtest, "_try", dying)
    with pytest.raises(Killed):
        laboratory.work(seconds=60)
    monkeypatch.setattr(laboratory_backtest, "_try", original)
    trial.refresh_from_db()
    assert trial.state == "running"
    assert not laboratory.work(), "somebody seems to work on it for two minutes"
    Trial.objects.filter(pk=trial.pk).update(beat_at=NOW - timedelta(minutes=3))
    trial = finish(trial)
    assert (trial.state, trial.done) == ("done", whole_run.done)
    kept = ("kind", "active_hour", "draft_hour", "mail")
    assert sorted(trial.findings.values_list("account__key", *kept)) == sorted(
        whole_run.findings.values_list("account__key", *kept)
    )


def test_who_lost_its_lease_writes_nothing_more(draft, past, lea, monkeypatch) -> None:
    trial = laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW)
    original = laboratory_backtest._row

    def slow(*args: object) -> TrialFinding:
        Trial.objects.filter(pk=trial.pk).update(taken_by="0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11")
        return original(*args)

    monkeypatch.setattr(laboratory_backtest, "_row", slow)
    with pytest.raises(LeaseLost):
        laboratory.work(seconds=60)
    trial.refresh_from_db()
    assert (trial.state, trial.done) == ("running", 0)
    assert not trial.findings.exists()


def test_a_trial_works_in_slices_and_the_pipeline_comes_back(draft, past, lea) -> None:
    trial = laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW)
    laboratory.work(seconds=0)
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.total) == ("running", 0, 3)
    assert laboratory.is_due(NOW)
    pipeline.try_policies()
    trial.refresh_from_db()
    assert trial.state == "done"
    assert not laboratory.is_due(NOW)


def test_a_waiting_trial_is_cancelled_at_once_and_a_running_one_at_its_next_sign(draft, past, lea) -> None:
    waiting = laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW)
    assert laboratory.cancel(waiting.pk, NOW).state == "cancelled"
    running = laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW)
    Trial.objects.filter(pk=running.pk).update(beat_at=datetime.now(UTC), state="running")
    assert laboratory.cancel(running.pk, datetime.now(UTC)).state == "running"
    Trial.objects.filter(pk=running.pk).update(beat_at=None)
    assert finish(running).state == "cancelled"
    assert not running.findings.exists()


def test_a_trial_that_breaks_says_so_and_is_not_tried_for_ever(draft, past, lea, monkeypatch) -> None:
    monkeypatch.setattr(laboratory_backtest, "_rows", lambda *args, **options: [("x",)])
    trial = finish(laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW))
    assert trial.state == "failed"
    assert trial.error
    assert not laboratory.is_due(NOW)


def test_a_piece_that_kills_its_worker_again_and_again_ends_the_trial(draft, past, lea, monkeypatch) -> None:
    def killed(*args: object) -> None:
        raise Killed

    trial = laboratory.start_backtest(draft, days=30, by=lea.user, now=NOW)
    monkeypatch.setattr(laboratory_backtest, "_try", killed)
    for _ in range(laboratory.MOST_DEATHS + 1):
        with pytest.raises(Killed):
            laboratory.work(seconds=60)
        Trial.objects.filter(pk=trial.pk).update(beat_at=NOW - timedelta(minutes=3))
    assert not laboratory.work(seconds=60)
    trial.refresh_from_db()
    assert trial.state == "failed"
    assert "killed 5 times" in trial.error
    assert not laboratory.is_due(NOW)


def test_only_what_can_be_tried_is_taken(draft, platform, lea) -> None:
    with pytest.raises(TrialRefused):
        laboratory.start_backtest(platform, days=30, by=lea.user, now=NOW)
    for days in (0, 181):
        with pytest.raises(TrialRefused):
            laboratory.start_backtest(draft, days=days, by=lea.user, now=NOW)
    with pytest.raises(TrialRefused):
        laboratory.start_calibration(days=30, target=0, by=lea.user, now=NOW)


def test_the_command_prints_each_account_and_the_sums(draft, past) -> None:
    out = StringIO()
    call_command("backtest", "2", stdout=out)
    *rows, sums = map(json.loads, out.getvalue().splitlines())
    assert {row["account"]: row["kind"] for row in rows} == {"acme": "spared", "bad": "later"}
    assert sums["state"] == "done"
    assert sums["kinds"]["spared"]["accounts"] == 1
    for words in (("99",), ("--resume", sums["trial"]), ("--resume", "x")):
        with pytest.raises(CommandError, match=r"no such version|The trial is done"):
            call_command("backtest", *words, stdout=out)


def test_the_command_calibrates(platform, account) -> None:
    out = StringIO()
    call_command("backtest", "--calibrate", stdout=out)
    assert json.loads(out.getvalue())["state"] == "done"


@pytest.fixture
def good_senders(account: Account) -> None:
    """Forty good senders whose campaigns differ with shape 2.5, and whose complaints take about eight hours."""
    draw = random.Random(3)
    for number in range(40):
        sender = make_account(f"g{number}", reseller=account.reseller)
        for days_ago in range(12, 52):
            sent = NOON - timedelta(days=days_ago)
            mean = 12_000 * 0.0008 * draw.gammavariate(2.5, 1 / 2.5)
            complaints = sum(draw.random() < mean / 40 for _ in range(40))
            HourlyCount.objects.create(
                account_id=sender.pk, send_hour=hour(sent), provider="yahoo", campaign=f"c{days_ago}",
                delivered=12_000, complaints=complaints, hard_bounces=int(draw.gammavariate(8, 120 / 8)),
            )  # fmt: skip
            if number < 8:
                FeedbackEvent.objects.bulk_create(
                    FeedbackEvent(
                        account_id=sender.pk, send_day=sent.date(), digest=draw.randbytes(16), kind="complaint",
                        provider="yahoo", send_hour=hour(sent), method="token", confidence="certain", is_counted=True,
                        arrived_at=sent + timedelta(hours=0.5 + 6 * draw.lognormvariate(0, 1.2)),
                    )
                    for _ in range(complaints)
                )  # fmt: skip


def test_a_calibration_estimates_with_its_uncertainty_and_makes_a_draft(platform, good_senders, lea) -> None:
    trial = finish(laboratory.start_calibration(days=60, target=50, by=lea.user, now=NOW))
    assert (trial.state, trial.done, trial.total) == ("done", 3, 3), trial.error
    estimates = trial.result["estimates"]
    assert set(estimates) == {
        "complaints.dispersion", "bounces.dispersion", "maturity.median", "maturity.spread", "suspend.evidence"
    }  # fmt: skip
    for name, truth in (("complaints.dispersion", 2.5), ("maturity.median", 6), ("maturity.spread", 1.2)):
        assert estimates[name]["is_enough"]
        assert estimates[name]["value"] == pytest.approx(truth, rel=0.35), name
        assert estimates[name]["low"] < estimates[name]["value"] < estimates[name]["high"]
    (feed,) = trial.result["delays"]
    assert feed["feed"] == "yahoo"
    assert feed["median"] < feed["ninetieth"]
    brought_in_today()
    later = finish(laboratory.start_calibration(days=60, target=50, by=lea.user, now=NOW))
    assert later.result["estimates"]["maturity.median"] == pytest.approx(estimates["maturity.median"], rel=0.01)
    assert not estimates["suspend.evidence"]["is_enough"]  # 53 months are few
    with pytest.raises(TrialRefused):
        laboratory_drafts.draft_from(trial, ["suspend.evidence"], author=lea.user, now=NOW)
    made = laboratory_drafts.draft_from(trial, ["maturity.median", "suspend.evidence"], author=lea.user, now=NOW)
    assert (made.state, made.author) == ("draft", lea.user)
    assert "maturity.median 8 →" in made.reason
    table = policies.read_document(made.text, whole=True).tables["maturity.median"]
    assert table.value == pytest.approx(estimates["maturity.median"]["value"], rel=0.01)
    assert "calibration" in table.source


def test_nothing_to_calibrate_on_is_said_to_be_not_enough(platform, account, lea) -> None:
    trial = finish(laboratory.start_calibration(days=30, target=5, by=lea.user, now=NOW))
    assert trial.state == "done", trial.error
    assert not any(estimate["is_enough"] for estimate in trial.result["estimates"].values())
    assert trial.result["is_rarer_than_seen"]
