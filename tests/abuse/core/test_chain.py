"""The chain of assessments: what is changed, removed or slipped in afterwards is seen."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.chain import BEGINNING, Broken, Flaw, Link, canonical, check

START = datetime(2026, 3, 3, 14, tzinfo=UTC)


def chain(account_id: int, length: int) -> list[Link]:
    links: list[Link] = []
    for number in range(1, length + 1):
        link = Link(
            account_id=account_id,
            sequence=number,
            at=START + timedelta(hours=number),
            state="watch",
            reasons=("complaints_constant",),
            figures={"score": 3.25 * number},
            inputs={"history": {"days": {"20000": {"delivered": 1000 * number}}}},
            policy_version="default-1",
            code_version="0.1.0",
        )
        links.append(replace(link, digest=link.digest_after(links[-1].digest if links else BEGINNING)))
    return links


def test_whole_chains_have_no_flaw() -> None:
    assert list(check([*chain(1, 4), *chain(2, 1), *chain(7, 3)])) == []


@pytest.mark.parametrize(
    "change",
    [
        {"state": "ok"},
        {"reasons": ()},
        {"at": START},
        {"figures": {"score": 0.0}},
        {"inputs": {}},
        {"policy_version": "default-2"},
        {"code_version": "0.2.0"},
        {"digest": bytes(32)},
    ],
)
def test_a_changed_link_is_seen(change: dict[str, Any]) -> None:
    links = chain(1, 4)
    links[1] = replace(links[1], **change)
    assert Broken(1, 2, Flaw.ALTERED) in list(check(links))


def test_a_link_changed_with_its_digest_made_anew_breaks_the_next_one() -> None:
    links = chain(1, 4)
    forged = replace(links[1], state="ok")
    links[1] = replace(forged, digest=forged.digest_after(links[0].digest))
    assert list(check(links)) == [Broken(1, 3, Flaw.ALTERED)]


def test_a_removed_link_is_seen_and_so_is_a_removed_beginning() -> None:
    links = chain(1, 4)
    assert list(check([*links[:1], *links[2:]])) == [Broken(1, 3, Flaw.MISSING)]
    assert list(check(links[1:])) == [Broken(1, 2, Flaw.MISSING)]


def test_a_link_of_another_account_does_not_fit_in() -> None:
    links = chain(1, 2)
    strange = replace(chain(2, 3)[2], account_id=1)
    assert list(check([*links, strange])) == [Broken(1, 3, Flaw.ALTERED)]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e15, 1e15, allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_comes_back_from_json_has_the_same_canonical_form(value: Any) -> None:
    assert canonical(json.loads(json.dumps(value))) == canonical(value)
