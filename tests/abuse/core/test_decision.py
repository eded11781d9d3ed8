"""The verdict: each lane shows both sides; properties hold for any history."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abuse.core.cells import CountRow, History, Lifetime
from abuse.core.decision import Complainers, decide
from abuse.core.policy import default_policy, reference_policy
from abuse.core.vectors import ledger_of
from abuse.core.verdict import Basis, Reason, State, Verdict

FEEDS = frozenset({"north", "south"})
TODAY = 100
NOW = TODAY * 24 + 12
OLD_ACCOUNT = Lifetime(200, 5000)
POLICY = default_policy()
FAMILIAR = Lifetime(POLICY.known_send_days - 1, 5000)  # neither new nor well known


def rows(day, *, delivered=2000, complaints=0, bounces=0, hour=8):
    """A send day: a third of the mail at each of two providers with a feedback loop, and the rest without."""
    third = delivered // 3
    send_hour = day * 24 + hour
    half = complaints // 2
    return [
        CountRow(send_hour, "north", third, complaints - half, bounces),
        CountRow(send_hour, "south", third, half, 0),
        CountRow(send_hour, "open", delivered - 2 * third, 0, 0),
    ]


def judge(*days, lifetime=OLD_ACCOUNT, reinstated_day=None, policy=None, now_hour=NOW, dark=frozenset(), **options):
    history = History.from_counts(
        [row for day in days for row in day], lifetime=lifetime, reinstated_day=reinstated_day, dark=dark
    )
    return decide(history, policy or default_policy(), now_hour=now_hour, reporting_providers=FEEDS, **options)


def test_one_bad_campaign_is_held_and_two_are_suspended():
    one = judge(rows(98, complaints=16))
    two = judge(rows(96, complaints=16), rows(98, complaints=16))
    assert (one.state, one.reasons) == (State.HOLD, (Reason.EVIDENCE_WITHOUT_PERSISTENCE,))
    assert (two.state, two.reasons) == (State.SUSPEND, (Reason.COMPLAINTS_CONSTANT,))
    assert two.rest_complaints >= two.needed_rest > one.rest_complaints


def test_bounces_of_one_day_stop_a_newcomer_and_not_an_old_account():
    bad_day = rows(99, delivered=6000, bounces=535)
    newcomer, known = judge(bad_day, lifetime=Lifetime(0, 0)), judge(bad_day)
    assert newcomer.reasons[:1] == (Reason.BOUNCES_CONSTANT,)
    assert newcomer.is_new
    assert newcomer.needed_evidence == POLICY.suspend_evidence + POLICY.new_surcharge <= newcomer.score_bounces
    assert known.state is State.HOLD


def test_a_newcomer_is_not_stopped_for_a_day_that_proves_just_enough():
    verdict = judge(rows(99, delivered=6000, bounces=480), lifetime=Lifetime(0, 0))
    assert POLICY.suspend_evidence <= verdict.score_bounces < POLICY.suspend_evidence + POLICY.new_surcharge
    assert verdict.state is State.HOLD


def test_complaints_and_bounces_that_confirm_each_other_need_less():
    day = rows(99, complaints=7, bounces=120)
    verdict, reference = judge(day, lifetime=FAMILIAR), judge(day, lifetime=FAMILIAR, policy=reference_policy())
    assert verdict.needed_evidence <= verdict.score_joint < POLICY.suspend_evidence
    assert (verdict.state, verdict.reasons) == (State.SUSPEND, (Reason.COMPLAINTS_AND_BOUNCES,))
    assert verdict.needed_evidence == POLICY.suspend_evidence - POLICY.suspend_both_credit
    assert reference.state is State.WATCH


@pytest.mark.parametrize(("bounces", "state"), [(130, State.HOLD), (170, State.SUSPEND)])
def test_bounces_must_prove_more_of_a_sender_that_is_well_known(bounces, state):
    days = [rows(day, bounces=bounces) for day in (97, 98)]
    familiar, known = judge(*days, lifetime=FAMILIAR), judge(*days, lifetime=Lifetime(POLICY.known_send_days, 5000))
    assert (familiar.state, known.state) == (State.SUSPEND, state)
    probation = judge(*days, lifetime=Lifetime(POLICY.known_send_days, 5000), on_probation=True)
    assert probation.state is State.SUSPEND


def clicks_at(north, south, *, bounces=0):
    """Three campaigns; the complaints of each come from two providers with a feedback loop."""
    return [
        [CountRow(day * 24, "north", 700, north, bounces), CountRow(day * 24, "south", 700, south, 0)]
        for day in (94, 96, 98)
    ]


def test_complaints_of_one_provider_alone_are_held():
    alone, confirmed, by_bounces = (
        judge(*clicks_at(9, 2)),
        judge(*clicks_at(9, 4)),
        judge(*clicks_at(9, 2, bounces=90)),
    )
    assert alone.dissenting == ()
    assert (alone.state, alone.reasons[0]) == (State.HOLD, Reason.ONE_PROVIDER_ONLY)
    assert confirmed.state is State.SUSPEND
    assert Reason.COMPLAINTS_CONSTANT in by_bounces.reasons


def test_a_sender_with_one_reporting_provider_is_judged_by_it():
    days = [[CountRow(day * 24, "north", 900, 9, 0), CountRow(day * 24, "open", 900, 0, 0)] for day in (94, 96, 98)]
    assert judge(*days).reasons == (Reason.COMPLAINTS_CONSTANT,)


def test_a_surge_stops_what_a_steady_sender_may_do():
    bad_day = rows(TODAY, delivered=8000, bounces=640)
    surging = judge(bad_day, lifetime=Lifetime(60, 1000))
    steady = judge(bad_day, lifetime=Lifetime(60, 4000))
    assert surging.is_surge
    assert surging.state is State.SUSPEND
    assert not steady.is_surge
    assert steady.state is State.HOLD


def test_the_very_first_mailing_is_no_surge():
    assert not judge(rows(TODAY, delivered=50_000), lifetime=Lifetime(0, 0)).is_surge


def test_a_burst_of_bounces_needs_no_second_day():
    verdict = judge(rows(TODAY, delivered=2000, bounces=300))
    assert Reason.BOUNCE_BURST in verdict.reasons
    assert verdict.first_day == TODAY if verdict.basis is not Basis.TWO_DAYS else TODAY - 1


def test_a_provider_that_contradicts_turns_a_suspension_into_a_hold():
    days = [[CountRow(day * 24, "north", 2000, 16, 0), CountRow(day * 24, "south", 2000, 0, 0)] for day in (94, 96, 98)]
    verdict = judge(*days)
    assert (verdict.state, verdict.reasons) == (State.HOLD, (Reason.ONE_PROVIDER_ONLY,))
    assert verdict.dissenting == ("south",)


@pytest.mark.parametrize(("fresh", "state"), [(0, State.SUSPEND), (16, State.SUSPEND), (17, State.HOLD)])
def test_complainers_who_just_joined_hold_and_never_suspend(fresh, state):
    verdict = judge(rows(96, complaints=16), rows(98, complaints=16), complainers=Complainers(32, fresh))
    assert verdict.state is state
    assert (Reason.FRESH_COMPLAINERS in verdict.reasons) == (state is State.HOLD)


def test_fresh_complainers_excuse_no_bounces():
    days = [rows(96, bounces=200), rows(98, bounces=200)]
    assert judge(*days, complainers=Complainers(4, 4)).reasons == (Reason.BOUNCES_CONSTANT,)


def test_on_probation_less_is_enough():
    days = [rows(96, complaints=7), rows(98, complaints=7)]
    free, probation = judge(*days), judge(*days, on_probation=True)
    assert free.state is State.WATCH
    assert probation.state is State.SUSPEND
    assert (probation.needed_evidence, probation.needed_rest) == (4, 1)


def test_a_reinstatement_counts_from_the_next_day():
    days = [rows(day, complaints=16) for day in (94, 96, 98)]
    assert judge(*days, reinstated_day=97).send_days == 1
    assert judge(*days, reinstated_day=98).score_complaints == 0
    assert judge(*days, reinstated_day=93).state is State.SUSPEND


def test_small_numbers_are_not_enough_data():
    assert not judge(rows(99, delivered=30, complaints=1)).enough_data
    assert judge(rows(99, delivered=30_000)).enough_data


def test_mail_that_nobody_reports_on_leaves_complaints_undecided():
    verdict = judge([CountRow(99 * 24, "open", 5000, 40, 0)])
    assert verdict.state is State.OK
    assert not verdict.complaints_decidable
    assert verdict.complaint_rate is None
    assert verdict.without_feed == 40


def test_dark_hours_leave_the_exposure_and_stay_delivered():
    day = rows(99, delivered=3000, complaints=6)
    dark = {("north", 99 * 24 + 8)}
    verdict = judge(day, dark=dark)
    assert (verdict.delivered, verdict.reporting, verdict.dark) == (3000, 1000, 1000)
    assert verdict.complaints == 3


def test_the_laxer_denominator_divides_by_all_mail():
    policy = default_policy().with_overrides({"complaints.denominator": "all"})
    strict, lax = judge(rows(98, complaints=12)), judge(rows(98, complaints=12), policy=policy)
    assert lax.complaint_base == 2000
    assert strict.complaint_base == 1332
    assert lax.score_complaints < strict.score_complaints


def test_nothing_sent_is_ok_and_says_so():
    verdict = judge()
    assert (verdict.state, verdict.send_days, verdict.first_day, verdict.enough_data) == (State.OK, 0, TODAY, False)


def test_tolerated_counts_are_exact():
    verdict = judge([CountRow(99 * 24, "north", 1200, 3, 60)])
    assert (verdict.tolerated_complaints, verdict.tolerated_bounces) == (3, 60)


HOURS = st.integers((TODAY - 35) * 24, NOW)
SENT = st.tuples(st.just("sent"), HOURS, st.integers(1, 20_000), st.sampled_from(["north", "south", "open"]))
BOUNCE = st.tuples(st.just("bounce"), HOURS, st.integers(1, 900), st.sampled_from(["live", "import"]))
COMPLAINT = st.tuples(
    st.just("complaint"),
    HOURS,
    st.sampled_from(["north", "south"]),
    st.integers(0, 10**9).map(lambda number: f"e{number}"),
    st.integers(0, 10**9).map(lambda number: f"r{number}"),
)
EVENTS = st.lists(
    SENT | BOUNCE | COMPLAINT, max_size=60, unique_by=(str, lambda event: event[4] if len(event) == 5 else str(event))
)


def verdict_of(events):
    return decide(ledger_of(events).history(TODAY), default_policy(), now_hour=NOW, reporting_providers=FEEDS)


@given(EVENTS)
@settings(max_examples=60)
def test_duplicates_change_nothing(events):
    complaints = [event for event in events if event[0] == "complaint"]
    again = [("complaint", hour, provider, f"other {id_}", who) for _, hour, provider, id_, who in complaints]
    assert verdict_of(events + complaints + again) == verdict_of(events)


@given(EVENTS, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_events_does_not_matter(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert verdict_of(shuffled) == verdict_of(events)


@given(EVENTS, COMPLAINT)
@settings(max_examples=60)
def test_one_more_complaint_never_lowers_the_complaint_score(events, complaint):
    one_more = (*complaint[:3], "one more", "somebody else")
    assert verdict_of([*events, one_more]).score_complaints >= verdict_of(events).score_complaints


@given(EVENTS)
@settings(max_examples=60)
def test_counter_rows_say_the_same_as_events(events):
    counts = {}
    for kind, hour, *values in events:
        provider = values[1] if kind == "sent" else values[0] if kind == "complaint" else ""
        row = counts.setdefault((hour, provider), [0, 0, 0])
        if kind == "sent":
            row[0] += values[0]
        elif kind == "complaint":
            row[1] += 1
        elif values[1] == "live":
            row[2] += values[0]
    history = ledger_of(events).history(TODAY)
    counted = History.from_counts(
        [(hour, provider, *row) for (hour, provider), row in counts.items()], lifetime=history.lifetime
    )
    options = {"now_hour": NOW, "reporting_providers": FEEDS}
    assert decide(counted, default_policy(), **options) == decide(history, default_policy(), **options)


@given(EVENTS)
@settings(max_examples=60)
def test_a_verdict_and_its_inputs_survive_json(events):
    history = ledger_of(events).history(TODAY)
    kept = json.dumps(history.as_json())
    again = History.from_json(json.loads(kept))
    assert json.dumps(again.as_json()) == kept
    verdict = decide(again, default_policy(), now_hour=NOW, reporting_providers=FEEDS)
    assert verdict == verdict_of(events)
    assert Verdict.from_figures(json.loads(json.dumps(verdict.figures()))) == verdict
