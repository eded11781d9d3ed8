"""Coverage counts recipients, each once, and calls a consent late only when it surely is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.coverage import LEAST_HEARD, Reach, TakenBack, Tally, reach, tally

HOUR = 486_000
SENT = datetime.fromtimestamp(HOUR * 3600, UTC)
MARIE, ANN, BOB = b"marie", b"ann", b"bob"


def test_each_recipient_is_counted_once():
    reported = [(MARIE, HOUR), (MARIE, HOUR + 5), (ANN, HOUR), (BOB, None)]
    consents = {MARIE: SENT - timedelta(days=30), BOB: None, b"someone else": SENT}
    assert tally(reported, consents) == Tally(recipients=3, with_record=2, with_date=1, after_send=0)


@pytest.mark.parametrize(
    ("consented", "hour", "late"),
    [
        (SENT - timedelta(seconds=1), HOUR, 0),
        (SENT + timedelta(minutes=59), HOUR, 0),  # within the hour of the mail: not surely later
        (SENT + timedelta(hours=1), HOUR, 1),
        (SENT + timedelta(days=9), None, 0),
    ],
)
def test_a_consent_is_late_only_after_the_hour_of_the_mail(consented, hour, late):
    assert tally([(MARIE, hour)], {MARIE: consented}).after_send == late


def test_the_earliest_mail_is_the_one_that_needed_consent():
    reported = [(MARIE, HOUR + 100), (MARIE, None), (MARIE, HOUR)]
    assert tally(reported, {MARIE: SENT + timedelta(hours=50)}).after_send == 1


@pytest.mark.parametrize(
    ("given", "taken", "hour", "with_record"),
    [
        ([SENT - timedelta(days=9)], [SENT - timedelta(days=1)], HOUR, 0),
        ([SENT - timedelta(days=9)], [SENT + timedelta(days=1)], HOUR, 1),  # mailed while it still stood
        ([SENT - timedelta(days=9)], [SENT + timedelta(minutes=5)], HOUR, 1),  # in the hour of the mail: not before it
        ([SENT - timedelta(days=9)], [SENT - timedelta(days=1)], None, 1),  # nobody knows when it was mailed
        ([None], [SENT - timedelta(days=1)], HOUR, 0),
        ([SENT - timedelta(days=9), SENT - timedelta(hours=5)], [SENT - timedelta(days=1)], HOUR, 1),  # given again
        ([], [SENT - timedelta(days=1)], HOUR, 0),
    ],
)
def test_a_consent_that_was_taken_back_before_the_mail_is_none(given, taken, hour, with_record):
    consents = {MARIE: min((at for at in given if at), default=None)} if given else {}
    back = {MARIE: TakenBack(tuple(given), tuple(taken))}
    assert tally([(MARIE, hour)], consents, back).with_record == with_record
    assert tally([(MARIE, hour)], consents).with_record == bool(given)


def test_a_consent_given_again_is_the_one_that_is_dated():
    again = SENT + timedelta(days=2)
    back = {MARIE: TakenBack((SENT - timedelta(days=9), again), (SENT - timedelta(days=1),))}
    assert tally([(MARIE, HOUR)], {MARIE: SENT - timedelta(days=9)}, back).after_send == 1


def test_no_recipients_have_no_share():
    assert tally([], {}).share is None
    assert tally([(MARIE, HOUR), (ANN, HOUR)], {MARIE: None}).share == 0.5


digests = st.binary(min_size=1, max_size=1)


@given(
    st.lists(st.tuples(digests, st.none() | st.integers(0, 10**6))),
    st.dictionaries(digests, st.none() | st.datetimes(timezones=st.just(UTC))),
)
def test_each_step_is_a_part_of_the_one_before(reported, consents):
    found = tally(reported, consents)
    assert found.recipients >= found.with_record >= found.with_date >= found.after_send >= 0
    assert found.without_record == found.recipients - found.with_record


def test_a_recipient_is_reached_once_over_all_and_once_by_campaign_at_the_earliest_mail():
    heard = [(MARIE, HOUR + 9, "soldes"), (MARIE, HOUR, "infolettre"), (ANN, HOUR, "soldes")]
    asked = []

    def is_valid(digest, hour):
        asked.append((digest, hour))
        return digest == MARIE and hour == HOUR

    total, by_campaign = reach(heard, {MARIE, BOB}.__contains__, is_valid)
    assert total == Reach(recipients=2, with_record=1, valid=1)
    assert by_campaign == {"soldes": Reach(2, 1, 0), "infolettre": Reach(1, 1, 1)}
    assert (MARIE, HOUR) in asked


@pytest.mark.parametrize(
    ("valid", "recipients", "share"),
    [
        (19, 19, None),
        (20, 20, 1.0),
        (19, 20, 0.75),
        (0, 0, None),
        (99, 100, 0.95),
        (100, 100, 1.0),
        (849, 1000, 0.8),
        (850, 1000, 0.85),
    ],
)
def test_a_share_is_shown_in_steps_and_not_at_all_for_a_few(valid, recipients, share):
    assert Reach(recipients, valid, valid).share == share


@given(recipients=st.integers(LEAST_HEARD, 5_000), data=st.data())
def test_a_step_takes_five_people_so_one_more_record_seldom_shows(recipients, data):
    valid = data.draw(st.integers(0, recipients))
    shares = {Reach(recipients, 0, one).share for one in range(valid, min(recipients, valid + 4) + 1)}
    assert len(shares) <= 2
    assert Reach(recipients, 0, valid).share <= valid / recipients
