"""The play itself: the same for the same seed, good where it should be good, and bad beyond doubt where it is bad."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from abuse.core.cells import History, Lifetime
from abuse.core.decision import decide
from abuse.core.policy import default_policy
from abuse.core.verdict import State, Verdict
from courrielleur.demo.cast import Account, Rhythm, the_cast
from courrielleur.demo.live import SLOT_SECONDS, campaign, everyday
from courrielleur.demo.traffic import Incident, Traffic, Volume, What, history
from fbl.core.providers import provider_of, reporting_keys

CAST = the_cast()
SEED = 7
PAST = set(What) - {What.UNSIGNED, What.PLUGIN}  # the feeds are enrolled once the history is in
SATURDAY_MORNING = 29_801_420  # minutes since 1970: 2026-08-29 18:20 UTC
STARTS = [SATURDAY_MORNING + 7 * 60 * step for step in range(24)]  # over a week, at all hours


def judged(account: Account, volumes: Iterable[Volume], incidents: Iterable[Incident], *, at: int) -> Verdict:
    rows = [(one.hour, one.provider, one.delivered, 0, 0) for one in volumes if one.account == account.key]
    by_day: Counter[int] = Counter()
    for hour, _, delivered, _, _ in rows:
        by_day[hour // 24] += delivered
    for one in incidents:
        if one.account == account.key and one.what in {What.COMPLAINT, What.HARD} and one.seen_at <= at:
            provider = provider_of(one.recipient.rpartition("@")[2])
            rows.append((one.send_hour, provider, 0, one.what is What.COMPLAINT, one.what is What.HARD))
    earlier = [delivered for day, delivered in by_day.items() if day < at // 1440 - 1]
    lifetime = Lifetime(len(earlier), max(earlier, default=0))
    return decide(
        History.from_counts(rows, lifetime=lifetime),
        default_policy(),
        now_hour=at // 60,
        reporting_providers=reporting_keys(),
    )


def verdicts(start: int, seed: int = SEED) -> dict[str, Verdict]:
    played = history(CAST, seed, start=start, days=60)
    volumes, incidents = defaultdict(list), defaultdict(list)
    for volume in played.volumes:
        volumes[volume.account].append(volume)
    for incident in played.incidents:
        incidents[incident.account].append(incident)
    return {
        account.key: judged(account, volumes[account.key], incidents[account.key], at=start)
        for account in CAST.accounts
    }


def test_the_cast_is_about_forty_accounts_under_six_resellers():
    assert len(CAST.resellers) == 6
    assert 36 <= len(CAST.accounts) <= 44
    assert {account.reseller for account in CAST.accounts} == {reseller.key for reseller in CAST.resellers}
    assert len({account.key for account in (*CAST.accounts, CAST.newcomer)}) == len(CAST.accounts) + 1
    assert len({account.source_ip for account in CAST.accounts}) == len(CAST.accounts)
    assert {account.language for account in CAST.accounts} == {"fr", "en"}


def test_every_login_belongs_to_somebody_of_the_cast():
    keys = {reseller.key for reseller in CAST.resellers} | {account.key for account in CAST.accounts}
    assert {login.reseller or login.account for login in CAST.logins} - {None} <= keys
    assert all(len(login.password) >= 12 for login in CAST.logins)


def test_the_lists_belong_to_campaigns_that_their_accounts_send():
    for mailing in CAST.mailings:
        account = CAST.account(mailing.account)
        assert mailing.campaign in {*account.campaigns, *(one.habit.campaign for one in account.episodes)}


def test_the_shares_of_the_mailbox_providers_add_up():
    assert sum(mailbox.share for mailbox in CAST.mailboxes) == pytest.approx(1)
    assert all(provider_of(domain) == mailbox.provider for mailbox in CAST.mailboxes for domain in mailbox.domains)


def test_a_rhythm_knows_the_days_of_the_week():
    thursday = 0  # 1970-01-01
    assert [day for day in range(thursday, 7) if Rhythm.WEEKLY.sends_on(day)] == [5]  # a Tuesday
    assert [day for day in range(thursday, 7) if not Rhythm.WEEKDAYS.sends_on(day)] == [2, 3]


def test_the_same_seed_plays_the_same_history_and_another_seed_another():
    def play(seed: int) -> Traffic:
        return history(CAST, seed, start=SATURDAY_MORNING, days=5)

    assert play(SEED) == play(SEED)
    assert play(SEED) != play(SEED + 1)


def test_the_past_does_not_change_as_time_goes_on():
    earlier = history(CAST, SEED, start=SATURDAY_MORNING, days=2)
    later = history(CAST, SEED, start=SATURDAY_MORNING + 60, days=2)
    assert set(earlier.volumes) <= set(later.volumes)


@pytest.mark.parametrize("start", STARTS[::5])
def test_nothing_was_sent_after_the_start_and_the_mails_are_few_enough_for_a_minute(start):
    played = history(CAST, SEED, start=start, days=60)
    assert all(volume.hour * 60 <= start for volume in played.volumes)
    assert all(one.sent_at < start and one.seen_at > one.sent_at for one in played.incidents)
    assert 3_000 <= len(played.incidents) <= 5_500


def test_no_two_mails_of_the_history_have_the_same_recipient_but_a_complaint_taken_back():
    played = history(CAST, SEED, start=SATURDAY_MORNING, days=60)
    told = Counter((one.recipient, one.what is What.NOT_SPAM) for one in played.incidents)
    assert max(told.values()) == 1


def test_every_lane_shows_something():
    assert {one.what for one in history(CAST, SEED, start=SATURDAY_MORNING, days=60).incidents} == PAST


@pytest.mark.parametrize("start", STARTS)
def test_the_stories_turn_out_as_meant_whenever_the_demo_starts(start):
    states = verdicts(start)
    by_story = defaultdict(list)
    for account in CAST.accounts:
        by_story[account.story].append(states[account.key])
    assert {verdict.state for verdict in by_story[""]} == {State.OK}
    assert {verdict.state for verdict in by_story["spike"]} <= {State.OK, State.WATCH}
    assert {verdict.state for verdict in by_story["bad-campaign"]} == {State.HOLD}
    assert {verdict.state for verdict in by_story["watch"]} == {State.WATCH}
    for story in ("returning", "bounces", "both"):
        assert {verdict.state for verdict in by_story[story]} == {State.SUSPEND}, story
    assert not any(verdict.enough_data for verdict in by_story["small"][1:])


def test_good_accounts_stay_well_under_the_limits():
    policy = default_policy()
    for account in CAST.accounts:
        if account.story in {"", "spike", "small"}:
            assert account.habit.complaints <= policy.complaints_limit / 2
            assert account.habit.bounces <= policy.bounces_limit / 4


def test_the_purchased_list_is_stopped_within_two_minutes_and_not_by_its_first_bounces():
    volumes: list[Volume] = []
    incidents: list[Incident] = []
    states = []
    for slot in campaign(CAST, SEED, at=SATURDAY_MORNING):
        volumes += slot.traffic.volumes
        incidents += slot.traffic.incidents
        states.append(judged(CAST.newcomer, volumes, incidents, at=SATURDAY_MORNING).state)
    stopped_after = states.index(State.SUSPEND) * SLOT_SECONDS
    assert states[0] is not State.SUSPEND
    assert 15 <= stopped_after <= 75
    assert State.WATCH in states[: states.index(State.SUSPEND)]


def test_everyday_traffic_is_light_and_leaves_the_stopped_accounts_out():
    stopped = {"lys-rouge", "gazette-cantons"}
    slots = [everyday(CAST, SEED, n, at=SATURDAY_MORNING, stopped=stopped) for n in range(60)]
    mails = sum(len(slot.traffic.incidents) for slot in slots)
    assert 0.5 <= mails / (60 * SLOT_SECONDS) <= 2
    assert not stopped & {one.account for slot in slots for one in (*slot.traffic.volumes, *slot.traffic.incidents)}
    assert slots[0] == everyday(CAST, SEED, 0, at=SATURDAY_MORNING, stopped=stopped)


def test_a_day_of_live_traffic_stops_no_good_sender():
    volumes: list[Volume] = []
    incidents: list[Incident] = []
    for number in range(2_000):
        slot = everyday(CAST, SEED, number, at=SATURDAY_MORNING, stopped=())
        volumes += slot.traffic.volumes
        incidents += slot.traffic.incidents
    states = {judged(account, volumes, incidents, at=SATURDAY_MORNING + 60).state for account in CAST.accounts}
    assert states <= {State.OK, State.WATCH}
