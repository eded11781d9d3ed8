"""Names of accounts in an MTA: made from templates, read back, and refused before they can stop everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.mta_settings import (
    KumoSettings,
    PmtaSettings,
    SettingRefused,
    account_in,
    campaign_in,
    fill,
    is_plain,
)
from abuse.core.stops import Difference, Stop, compare, stops_of
from tests.worlds import NOON

KEYS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("tenant", "", "template"),
        ("tenant", "everybody", "no_place"),
        ("tenant", "{account}-{account}", "template"),
        ("tenant", "{reseller}", "template"),
        ("tenant", "{account}}", "template"),
        ("tenant", "{campaign}", "template"),
        ("tenant", "{account}" + "x" * 100, "template"),
        ("tenant", 7, "text"),
        ("campaign", "{account}", "no_place"),
        ("hours", 0, "whole"),
        ("hours", 721, "whole"),
        ("hours", "24", "whole"),
        ("hours", True, "whole"),
        ("mark", "x", "mark"),
        ("mark", "a: b", "mark"),
        ("speed", "fast", "unknown"),
    ],
)
def test_what_can_not_be_used_is_refused_by_name(name: str, value: object, code: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        KumoSettings.read({name: value})
    assert (refused.value.name, refused.value.code) == (name, code)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"vmta": "shared"}, "vmta"),
        ({"job": "{account}"}, "job"),
        ({"host": "-oProxyCommand=x"}, "host"),
        ({"host": "a b"}, "host"),
        ({"pause": "/p?q={queue}"}, "resume"),
        ({"resume": "/r?q={queue}"}, "pause"),
        ({"pause": "p{queue}", "resume": "/r{queue}"}, "pause"),
        ({"paused": "/a b"}, "paused"),
    ],
)
def test_settings_of_powermta_too(config: dict[str, str], name: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        PmtaSettings.read(config)
    assert refused.value.name == name


@given(account=KEYS, campaign=st.text(min_size=1, max_size=60), before=st.sampled_from(["", "acct-", "a.b+c/", "(x)"]))
def test_a_name_leads_back_to_its_account(account: str, campaign: str, before: str) -> None:
    stop = Stop(account, campaign)
    template = f"{before}{{account}}"
    assert account_in(template, fill(template, stop)) == account
    joined = "{account}-{campaign}"
    assert campaign_in(joined, account, fill(joined, stop)) == campaign


@pytest.mark.parametrize("name", ["", "ACME", "acct-", "x-acme", "acct-acme-", "acct-a.b", "acct-acme\n"])
def test_a_name_of_another_making_leads_nowhere(name: str) -> None:
    assert account_in("acct-{account}", name) in {None, "acme-"}
    assert account_in("acct-{account}", name) is None or name == "acct-acme-"


@given(st.text())
def test_a_plain_name_has_no_meaning_to_anybody(text: str) -> None:
    if is_plain(text):
        assert not set(text) & set(" \t\n'\"`$&|;<>()*?[]{}!#~\\/%=,:")
        assert not text.startswith(("-", ".", "+"))


@pytest.mark.parametrize(
    ("level", "campaign", "stops"),
    [
        ("ok", "", set()),
        ("watch", "soldes", set()),
        ("probation", "soldes", set()),
        ("hold", "soldes", {Stop("acme", "soldes")}),
        ("hold", "", set()),
        ("suspended", "soldes", {Stop("acme")}),
        ("terminated", "", {Stop("acme")}),
    ],
)
def test_a_standing_says_what_to_hold_back(level: str, campaign: str, stops: set[Stop]) -> None:
    assert stops_of("acme", level, campaign) == stops


def test_a_difference_keeps_its_age_and_goes_with_its_cause() -> None:
    said, held = {Stop("acme"), Stop("bistro")}, {Stop("bistro"), Stop("cactus")}
    first = compare(said, held, [], NOON)
    assert [(one.stop.account, one.it_holds) for one in first] == [("acme", False), ("cactus", True)]
    later = NOON.replace(hour=18)
    known = [Difference.from_json(one.as_json()) for one in first]
    assert [one.since for one in compare(said, held, known, later)] == [NOON, NOON]
    assert [one.since for one in compare(said, held | {Stop("acme")}, known, later)] == [NOON]
    assert compare(said, said, known, later) == []
