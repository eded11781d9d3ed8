"""Counters and samples stay small, and are the same each time."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from consent.core.evidence.counters import BLOCK, BlockSample, FrequentCounter, MomentSample
from consent.core.evidence.rows import EvidenceRow


def rows(count, moment=lambda n: 1_700_000_000.0 + n):
    return [EvidenceRow(n, f"a{n}", "example.com", moment(n), "24.48.1.1") for n in range(count)]


@given(st.lists(st.lists(st.integers(0, 40), max_size=60), max_size=20))
def test_frequent_keys_are_never_overstated_and_little_understated(chunks):
    counter = FrequentCounter(capacity=5)
    for chunk in chunks:
        counter.update(chunk)
    truth = Counter(key for chunk in chunks for key in chunk)
    assert counter.total == truth.total()
    for key, count in truth.items():
        assert count - truth.total() / 5 <= counter.counts[key] <= count
    assert not counter.is_exact or counter.counts == truth


@given(st.integers(0, 3_000), st.integers(1, 700))
def test_a_small_file_is_kept_whole_however_it_is_cut(count, chunk):
    sample = BlockSample(capacity=4_000)
    every = rows(count)
    for start in range(0, count, chunk):
        sample.update(every[start : start + chunk])
    assert sample.rows == every


def test_a_large_file_leaves_whole_blocks_the_same_each_time():
    one, other = BlockSample(capacity=2_000), BlockSample(capacity=2_000)
    every = rows(50_000)
    one.update(every)
    for start in range(0, len(every), 777):
        other.update(every[start : start + 777])
    assert one.rows == other.rows
    assert 200 < len(one.rows) <= 2_000
    assert all(block == every[number * BLOCK : (number + 1) * BLOCK] for number, block in one.blocks.items())
    assert max(one.blocks) > 100  # from the end of the file too


def test_rows_of_one_moment_stay_together():
    sample = MomentSample(capacity=1_000)
    sample.update(rows(40_000, lambda n: 1_700_000_000.0 + n % 10_000))
    assert len(sample.rows) <= 1_000
    assert set(Counter(moment for moment, *_ in sample.rows).values()) == {4}


def test_one_moment_for_everybody_takes_no_more_memory():
    sample = MomentSample(capacity=1_000)
    sample.update(rows(20_000, lambda n: 1_700_000_000.0))
    assert len(sample.rows) <= 1_000
