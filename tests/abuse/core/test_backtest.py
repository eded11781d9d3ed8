"""The same past, judged by two policies."""

from abuse.core.backtest import Backtest, Kind
from abuse.core.policy import default_policy

ACTIVE = default_policy()
STRICT = ACTIVE.with_overrides({"theta_c": 0.0015})
LAX = ACTIVE.with_overrides({"theta_c": 0.005})


def day(number, account, *, delivered=1_500, complaints=0, bounces=0, parent=""):
    """Mail of a noon, and what came back of it by the evening."""
    noon, evening = number * 24 + 12, number * 24 + 20
    rows = [(noon, "sent", account, parent, "", "yahoo", noon, delivered, "", "live", "")]
    rows += [(evening, "complaint", account, parent, "", "yahoo", noon, 1, "", "live", "")] * complaints
    if bounces:
        rows.append((evening, "hard_bounce", account, parent, "", "yahoo", noon, bounces, "", "live", ""))
    return rows


def tried(rows, draft, *, active=ACTIVE, from_hour=0):
    test = Backtest(active, draft, {"yahoo"}, from_hour=from_hour)
    test.read(tuple(map(str, row)) for row in sorted(rows, key=lambda row: row[0]))
    return test


def past(account, complaints, *, first=10, parent=""):
    """Four quiet days, then days with as many complaints as told."""
    rows = [row for number in range(first - 4, first) for row in day(number, account, parent=parent)]
    for number, count in enumerate(complaints, start=first):
        rows += day(number, account, complaints=count, parent=parent)
    return rows


def test_a_milder_draft_stops_later_or_never_and_a_stricter_one_earlier():
    rows = past("steady", [7] * 10) + past("bad", [14] * 10)
    milder = {one.account: one for one in tried(rows, LAX).findings()}
    assert milder["steady"].kind is Kind.SPARED
    assert milder["bad"].kind is Kind.LATER
    stricter = {one.account: one for one in tried(rows, STRICT).findings()}
    assert stricter["steady"].kind is Kind.EARLIER
    assert stricter["steady"].draft.hour < stricter["steady"].active.hour
    assert "complaints_constant" in stricter["steady"].draft.reasons


def test_both_ways_round_the_findings_are_mirrored():
    rows = past("a", [5] * 6) + past("b", [7] * 10) + past("c", [0, 0])
    there = {(one.account, one.kind) for one in tried(rows, STRICT).findings()}
    back = {(one.account, one.kind) for one in tried(rows, ACTIVE, active=STRICT).findings()}
    mirror = {Kind.ADDED: Kind.SPARED, Kind.SPARED: Kind.ADDED, Kind.EARLIER: Kind.LATER, Kind.LATER: Kind.EARLIER}
    assert there
    assert back == {(account, mirror[kind]) for account, kind in there}


def test_a_policy_is_no_other_than_itself():
    test = tried(past("a", [12, 12, 12]), ACTIVE)
    assert list(test.findings()) == []
    assert test.stopped == (1, 1)


def test_what_one_of_them_stopped_while_warming_up_is_left_out():
    rows = past("a", [7] * 10)
    assert [one.kind for one in tried(rows, STRICT).findings()] == [Kind.EARLIER]
    test = tried(rows, STRICT, from_hour=20 * 24)
    assert (list(test.findings()), test.stopped, test.left_out) == ([], (0, 0), {"a"})


def test_whom_a_person_let_send_again_counts_anew():
    pardon = (24 * 24, "reinstate", "a", "", "", "", 24 * 24, 0, "", "", "")
    rows = [*past("a", [7] * 10), pardon, *[row for number in range(25, 40) for row in day(number, "a", complaints=7)]]
    test = tried(rows, STRICT, from_hour=25 * 24)
    assert (test.stopped, test.left_out) == ((1, 1), set())


def test_a_reseller_s_accounts_are_judged_together():
    names = [f"s{number}" for number in range(12)]
    rows = [
        row
        for name in names
        for number in range(3, 8)
        for row in day(number, name, delivered=300, complaints=1, bounces=13, parent="r")
    ]
    alone = [(*row[:3], "", *row[4:]) for row in rows]
    without = ACTIVE.with_overrides({"left_out": 100})
    assert tried(rows, without).stopped[0] > tried(alone, without).stopped[0]
    assert {one.kind for one in tried(rows, without).findings()} <= {Kind.SPARED, Kind.LATER}
    assert list(tried(rows, without).findings())
