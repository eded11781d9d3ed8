"""Event files, hour by hour; and the sieve that lets quiet hours pass never hides a change."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abuse.core.cells import HOURS_PER_DAY
from abuse.core.decision import decide
from abuse.core.event_file import BadEvents
from abuse.core.judging import Judge
from abuse.core.ledger import Ledger
from abuse.core.policy import default_policy
from abuse.core.verdict import Reason, State

POLICY = default_policy()
FEEDS = frozenset({"north", "south"})


def sent(hour, n, provider="north", account="acme", parent=""):
    return [hour, "sent", account, parent, "c1", provider, hour, n, "", "live", ""]


def bounced(hour, n, account="acme", parent="", send_hour=None, source="live"):
    return [hour, "hard_bounce", account, parent, "c1", "", hour if send_hour is None else send_hour, n, "", source, ""]


def complained(hour, number, send_hour, provider="north", account="acme"):
    return [hour, "complaint", account, "", "c1", provider, send_hour, 1, f"e{number}", "live", f"r{number}"]


def changes(rows, providers=FEEDS):
    return list(Judge(POLICY, providers).changes([[str(value) for value in row] for row in rows]))


def test_an_hour_is_decided_when_all_its_rows_are_read():
    found = changes([bounced(10, 260), sent(10, 2000), sent(11, 10)])
    assert [(change.account, change.hour, change.verdict.state) for change in found] == [("acme", 10, State.SUSPEND)]


def test_only_changes_are_told_and_the_way_back_too():
    rows = [sent(10, 411), bounced(10, 31), sent(11, 1), sent(60, 60_000), sent(61, 60_000)]
    assert [(change.hour, change.verdict.state) for change in changes(rows)] == [(10, State.WATCH), (60, State.OK)]


def test_after_a_reinstatement_only_mail_from_the_next_day_on_scores():
    row = [30, "reinstate", "acme", "", "", "", 30, 0, "", "", ""]
    rows = [bounced(10, 260), sent(10, 2000), row, sent(60, 2000), bounced(61, 10), sent(90, 2000), bounced(91, 260)]
    found = changes(rows)
    assert [(change.hour, change.verdict.state) for change in found] == [
        (10, State.SUSPEND),
        (30, State.OK),
        (91, State.SUSPEND),
    ]
    assert found[-1].verdict.first_day == 3
    assert found[-1].verdict.bounces == 260


def test_a_suspended_account_stays_suspended_until_it_is_reinstated():
    rows = [sent(10, 2000), bounced(10, 260), sent(60, 900_000), sent(900, 900_000)]
    assert [change.verdict.state for change in changes(rows)] == [State.SUSPEND]


def test_providers_with_a_feedback_loop_are_learned_from_their_first_complaint():
    rows = [sent(8, 900), sent(8, 900, "open")] + [complained(9, number, 8) for number in range(12)]
    change = changes(rows, providers=None)[0]
    assert change.verdict.reporting == 900


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["1", "sent"], "Line 3 is not an event"),
        ([*sent(10, 5)[:7], "many", "", "live", ""], "Line 3 is not an event"),
        ([10, "bounced", *sent(10, 5)[2:]], "unknown kind 'bounced'"),
        ([*sent(10, 5)[:6], "", 5, "", "live", ""], "sent without a send hour"),
        (sent(10, -5), "not between 0"),
        (sent(10, 10**400), "not between 0"),
        (sent(10**9, 5), "no calendar"),
        (bounced(10, 5, send_hour=-(10**300)), "no calendar"),
        (sent(8, 5), "hour 8 after hour 9"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row, words):
    with pytest.raises(BadEvents, match=words):
        changes([sent(9, 5), row])


def test_a_reseller_is_judged_with_all_its_accounts():
    names = [f"small {number}" for number in range(10)]
    rows = []
    for hour in (9, 57):
        for name in names:
            rows += [sent(hour, 100, account=name, parent="r"), bounced(hour, 8, name, "r")]
        rows.append(sent(hour, 100, account="good", parent="r"))
    stopped = {change.account for change in changes(rows) if Reason.RESELLER_PATTERN in change.verdict.reasons}
    assert stopped == set(names)


NUMBER = st.integers(0, 10**9)
ROWS = st.lists(
    st.builds(sent, st.integers(0, 900), st.integers(1, 9000), st.sampled_from(["north", "south", "open"]))
    | st.builds(bounced, st.integers(0, 900), st.integers(1, 500))
    | st.builds(
        lambda seen, age, number: complained(seen, number, max(0, seen - age)),
        st.integers(0, 900),
        st.integers(0, 100),
        NUMBER,
    ),
    max_size=80,
)


@given(ROWS)
@settings(max_examples=80)
def test_the_sieve_never_hides_a_change(rows):
    rows.sort(key=lambda row: row[0])
    expected, state, ledger = [], State.OK, Ledger()
    for index, row in enumerate(rows):
        seen, kind, _, _, _, provider, send_hour, n, event_id, source, recipient = row
        if kind == "sent":
            ledger.sent(send_hour, n, provider)
        elif kind == "hard_bounce":
            ledger.bounce(send_hour, n, source)
        else:
            ledger.complaint(send_hour, provider, event_id, recipient)
        if index + 1 < len(rows) and rows[index + 1][0] == seen:
            continue
        today = seen // HOURS_PER_DAY
        ledger.forget(today)
        verdict = decide(ledger.history(today), POLICY, now_hour=seen, reporting_providers=FEEDS)
        if verdict.state is not state and state is not State.SUSPEND:
            state = verdict.state
            expected.append((seen, verdict))
    found = [(change.hour, change.verdict) for change in changes(rows)]
    assert json.dumps([(hour, verdict.figures()) for hour, verdict in found]) == json.dumps(
        [(hour, verdict.figures()) for hour, verdict in expected]
    )
