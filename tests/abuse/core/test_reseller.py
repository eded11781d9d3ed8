from abuse.core.cells import History, Lifetime
from abuse.core.decision import decide
from abuse.core.policy import default_policy
from abuse.core.reseller import decide_group
from abuse.core.verdict import State

POLICY = default_policy()
FEEDS = frozenset({"north", "south"})
NOW = 100 * 24


def member(*, complaints=0, bounces=0, delivered=100):
    rows = [
        (day * 24, provider, delivered // 2, complaints, bounces) for day in (95, 97) for provider in ("north", "south")
    ]
    return History.from_counts(rows, lifetime=Lifetime(40, 400))


def judge(members):
    return decide_group(members, POLICY, now_hour=NOW, reporting_providers=FEEDS)


def test_many_small_spammers_are_seen_together_and_good_neighbours_are_spared():
    members = {f"bad {number}": member(bounces=5) for number in range(10)} | {"good": member()}
    alone = {name: decide(own, POLICY, now_hour=NOW, reporting_providers=FEEDS) for name, own in members.items()}
    group = judge(members)
    assert not any(verdict.state is State.SUSPEND for verdict in alone.values())
    assert group.verdict.state is State.SUSPEND
    assert set(group.taken) == {f"bad {number}" for number in range(10)}


def test_two_bad_accounts_do_not_make_a_bad_reseller():
    group = judge({"bad 1": member(bounces=40), "bad 2": member(complaints=9)} | {str(n): member() for n in range(8)})
    assert set(group.left_out) == {"bad 1", "bad 2"}
    assert group.verdict.state is State.OK
    assert group.taken == ()


def test_a_reseller_of_two_has_no_group():
    group = judge({"bad 1": member(bounces=40), "bad 2": member(bounces=40)})
    assert (group.verdict.state, group.verdict.send_days) == (State.OK, 0)
