"""Rows of bulk bodies: whatever comes, each row is read or told, and nothing raises."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from courrielleur.accounts.models import Account
from courrielleur.api import rows

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
ACCOUNTS = {"acme": Account(pk=7, key="acme")}

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["acme", "gmail", "2026-11-20T14:00Z", "490000", "a@example.com"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["account", "campaign", "provider", "domain", "hour", "delivered", "recipient", "send_hour"]
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES) | VALUES, max_size=5)


@given(ROWS)
def test_every_row_of_counts_is_read_or_told(sent):
    counts = rows.read_counts(sent, ACCOUNTS)
    wrong = {problem.row for problem in counts.problems}
    assert len(counts.rows) + len(wrong) == len(sent)
    assert all(problem["detail"] for problem in rows.told(counts.problems, is_csv=False))
    assert {row.account_id for row in counts.rows} <= {7}


@given(ROWS)
def test_every_row_of_references_is_read_or_told(sent):
    references = rows.read_references(sent, NOW)
    wrong = {problem.row for problem in references.problems}
    assert len(references.rows) + len(wrong) == len(sent)
    assert all(0 <= row.send_hour < rows.LAST_HOUR for row in references.rows)


@given(ROWS)
def test_keys_that_are_looked_up_can_be_looked_up(sent):
    assert all(key.isascii() and key.isprintable() for key in rows.account_keys(sent))
