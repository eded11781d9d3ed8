"""Whose trouble is it: the client's, or the provider's and ours?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.incidents import IncidentRules, Sender, parse_rules, rules, trouble


def sender(number: int, *, sent: int = 200, failed: int = 90, usual_sent: int = 2000, usual_failed: int = 20) -> Sender:
    return Sender(number, number % 4, sent, failed, usual_sent, usual_failed)


def test_many_accounts_that_bounce_where_they_usually_do_not_are_an_incident() -> None:
    found = trouble([sender(number) for number in range(12)], rules())
    assert found is not None
    assert (found.accounts, found.senders, found.failed) == (tuple(range(12)), 12, 12 * 90)


@pytest.mark.parametrize(
    ("case", "senders"),
    [
        ("a few accounts among many", [sender(n, failed=90 if n < 6 else 2) for n in range(40)]),
        ("bad lists, which bounce everywhere", [sender(n, usual_failed=900) for n in range(12)]),
        ("dying addresses, a few in a hundred", [sender(n, failed=14) for n in range(12)]),
        ("four accounts are too few", [sender(n) for n in range(4)]),
        ("accounts of two resellers", [Sender(n, n % 2, 200, 90, 2000, 20) for n in range(12)]),
        ("new accounts, of which nothing is usual", [sender(n, usual_sent=0, usual_failed=0) for n in range(12)]),
        ("two bounces each", [sender(n, sent=4, failed=2) for n in range(12)]),
        ("nobody", []),
    ],
)
def test_these_are_no_incident(case: str, senders: list[Sender]) -> None:
    assert trouble(senders, rules()) is None, case


@given(
    st.lists(
        st.builds(sender, st.integers(0, 99), failed=st.integers(0, 200)), max_size=60, unique_by=lambda s: s.account_id
    )
)
def test_an_incident_names_only_accounts_in_trouble_and_most_of_those_that_tell(senders: list[Sender]) -> None:
    found = trouble(senders, rules())
    if found is not None:
        named = [one for one in senders if one.account_id in found.accounts]
        assert len(named) == len(found.accounts) >= max(rules().cell_accounts, rules().cell_share * found.senders)
        assert all(one.failed >= rules().account_share * one.sent for one in named)


def test_the_rules_that_come_with_the_product_have_their_reasons() -> None:
    assert isinstance(rules(), IncidentRules)
    assert rules().account_share == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing or unknown"),
        ('[cell.accounts]\nvalue = 5\nunit = "x"\nsource = "y"\nwhy = ""', "has no why"),
        ('[cell.colour]\nvalue = 5\nunit = "x"\nsource = "y"\nwhy = "z"', "missing or unknown"),
    ],
)
def test_rules_without_value_or_reason_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_rules(text)
