"""The platform that never was: the same from the same seed, in order, and as its families say."""

import csv
import hashlib
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from abuse.core import event_file
from abuse.core.judging import Judge
from abuse.core.policy import default_policy
from abuse.core.verdict import State
from courrielleur.simulation import COLUMNS, REPORTING, Truth, families, rows, sender, senders, simulate
from courrielleur.simulation.rows import PROVIDERS


def digest(seed, **options):
    return hashlib.sha256(repr(list(simulate(seed, scale=0.03, **options))).encode()).hexdigest()


def test_a_seed_is_a_platform():
    assert digest(5, days=40) == digest(5, days=40)
    assert digest(5, days=40) != digest(6, days=40)


def test_a_sender_is_the_same_on_a_larger_platform_and_alone():
    small = {one.account: one for one in senders(5, scale=0.02)}
    large = {one.account: one for one in senders(5, scale=0.1)}
    assert all(large[account] == one for account, one in small.items())
    alone = list(senders(5, scale=0.02, only={"purchased"}))
    assert alone == [one for one in small.values() if one.family == "purchased"]
    (family,) = (family for family in families() if family.key == "purchased")
    assert alone == [sender(5, family, number) for number in range(family.number(0.02))]


def test_rows_are_the_columns_of_judge_in_the_order_they_are_seen():
    assert COLUMNS == event_file.COLUMNS
    found = list(simulate(5, scale=0.03, days=40))
    assert all(before.seen_hour <= after.seen_hour for before, after in pairwise(found))
    assert {row.kind for row in found} == {"sent", "hard_bounce", "complaint"}
    assert all(0 <= row.send_hour <= row.seen_hour < 40 * 24 and row.n > 0 for row in found)
    assert not [row for row in found if row.kind == "complaint" and row.provider == PROVIDERS[-1]]


def test_names_tell_a_judge_nothing():
    assert not [one for one in senders(5, scale=0.02) if one.family in one.account or one.truth in one.account]


@pytest.mark.parametrize("family", families(), ids=lambda family: family.key)
def test_a_family_is_what_it_says(family):
    platform = list(senders(7, scale=0.25, only={family.key}))
    assert {one.truth for one in platform} == {family.truth}
    assert all((one.bad_from >= 0) == (family.truth is Truth.BAD) for one in platform)
    seen = list(rows(platform))
    events = [row.event_id for row in seen if row.kind == "complaint"]
    again = Counter((row.account, row.recipient) for row in seen if row.kind == "complaint")
    assert (len(set(events)) < len(events)) == (family.key == "doubled_reports")
    if family.deed.get("kind") == "clicks":
        assert (max(again.values()) > 1) == (not family.deed["fresh"])
    if family.reseller_of:
        assert len({one.reseller for one in platform}) < len(platform)


def test_the_rule_finds_the_bad_and_leaves_the_good():
    platform = list(senders(1, scale=0.12))
    judge = Judge(default_policy(), REPORTING)
    stopped = {
        change.account: change.hour
        for change in judge.changes([str(value) for value in row] for row in rows(platform))
        if change.verdict.state is State.SUSPEND
    }
    shares = defaultdict(list)
    for one in platform:
        shares[one.family].append(stopped.get(one.account, -1) >= max(one.bad_from, 0))
    for family in ("purchased", "compromised", "snowshoe"):
        assert all(shares[family]), family
    for family in ("small", "clicks_of_the_same", "doubled_reports", "late_feed", "honest_reseller"):
        assert not any(shares[family]), family
    assert sum(shares["large"]) <= 1


def test_the_command_writes_events_and_the_truth(tmp_path):
    call_command("simulate", "--seed", "2", "--scale", "0.01", "--days", "20", "--out", str(tmp_path / "new"))
    with open(tmp_path / "new" / "events.csv", newline="", encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(COLUMNS)
    truth = list(csv.DictReader((tmp_path / "new" / "truth.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["family"] for row in truth} == {family.key for family in families()}


@pytest.mark.parametrize("wrong", [["--families", "good,ugly"], ["--scale", "0"], ["--days", "0"]])
def test_what_cannot_be_simulated_is_refused(wrong, tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("simulate", "--out", str(tmp_path), *wrong)
    assert refused.value.returncode == 2
