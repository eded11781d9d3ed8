import pytest

from abuse.core.blocklist import OwnListing, state_of_own_listing, state_of_shared_listing
from abuse.core.policy import default_policy
from abuse.core.verdict import State

POLICY = default_policy()


@pytest.mark.parametrize(("last_seen", "state"), [(500, State.HOLD), (501, State.SUSPEND)])
def test_an_own_listing_holds_at_once_and_suspends_when_confirmed(last_seen, state):
    assert state_of_own_listing(OwnListing(500, last_seen), POLICY) is state


@pytest.mark.parametrize(
    ("current", "last_sent", "state"),
    [
        (State.WATCH, 452, State.HOLD),
        (State.WATCH, 451, State.WATCH),  # too long ago
        (State.WATCH, None, State.WATCH),  # never sent through it
        (State.WATCH, 501, State.WATCH),  # only after it was listed
        (State.OK, 499, State.OK),
        (State.HOLD, 499, State.HOLD),
        (State.SUSPEND, 499, State.SUSPEND),
    ],
)
def test_a_shared_listing_suspends_nobody(current, last_sent, state):
    assert state_of_shared_listing(current, POLICY, listed_hour=500, last_sent_hour=last_sent) is state
