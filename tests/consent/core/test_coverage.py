"""Coverage counts recipients, each once, and calls a consent late only when it surely is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.coverage import Tally, tally

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
