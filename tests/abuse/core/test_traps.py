import pytest

from abuse.core.policy import default_policy
from abuse.core.traps import TrapHit, TrapKind, band, counts_as_hard_bounce, state_of_hits
from abuse.core.verdict import State

PRISTINE, RECYCLED, TYPO = TrapKind


def hit(name, day, kind=PRISTINE):
    return TrapHit(name.encode(), kind, day)


@pytest.mark.parametrize(
    ("hits", "state"),
    [
        ([], State.OK),
        ([hit("a", 99)], State.HOLD),
        ([hit("a", 98), hit("b", 99), hit("c", 99)], State.SUSPEND),
        ([hit("a", 99), hit("b", 99), hit("c", 99)], State.HOLD),  # one send day
        ([hit("a", 97), hit("a", 98), hit("a", 99)], State.HOLD),  # one trap
        ([hit("a", 70), hit("b", 98), hit("c", 99)], State.HOLD),  # the first is out of the window
        ([hit("a", 70)], State.OK),
        ([hit("a", 98, RECYCLED), hit("b", 99, RECYCLED), hit("c", 99, TYPO)], State.WATCH),
    ],
)
def test_pristine_traps_hold_then_suspend_and_others_are_watched(hits, state):
    assert state_of_hits(hits, default_policy(), today=100) is state


def test_only_a_recycled_trap_is_a_hard_bounce_too():
    assert [kind for kind in TrapKind if counts_as_hard_bounce(kind)] == [RECYCLED]


@pytest.mark.parametrize(("hits", "shown"), [(0, "0"), (1, "1-5"), (5, "1-5"), (6, "6-20"), (20, "6-20"), (21, ">20")])
def test_clients_learn_a_band_and_no_number(hits, shown):
    assert band(hits) == shown
