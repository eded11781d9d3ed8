"""The same evidence in two accounts is found by digests, in files of any two sizes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.core.evidence.copies import SKETCH_SIZE, shared_evidence, sketch
from consent.core.evidence.counters import MomentSample
from consent.core.evidence.rows import EvidenceRow

KEY = b"a key of the tests"


def file_of(pieces, capacity=20_000):
    sample = MomentSample(capacity)
    sample.update(
        EvidenceRow(n, "marie", "example.com", 1_600_000_001.0 + 7 * piece, f"24.48.{piece % 200}.{piece % 199}", "UA")
        for n, piece in enumerate(pieces)
    )
    return sketch(sample, key=KEY)


def overlap(one, other):
    return [(finding.value, finding.share) for finding in shared_evidence(one, {"globex": other})]


def test_a_copied_file_is_found_whole():
    ((account, share),) = overlap(file_of(range(500)), file_of(range(500)))
    assert (account, share) == ("globex", 1.0)


def test_unlike_files_have_nothing_in_common():
    assert overlap(file_of(range(3_000)), file_of(range(5_000, 9_000))) == []


def test_a_part_is_found_in_a_file_many_times_its_size():
    large = file_of(range(60_000), capacity=4_000)
    assert len(large.digests) <= SKETCH_SIZE
    ((_, share),) = overlap(file_of(range(0, 60_000, 30)), large)
    assert share == 1.0
    ((_, half),) = overlap(file_of([*range(0, 60_000, 60), *range(100_000, 101_000)]), large)
    assert 0.25 < half < 0.75


@settings(max_examples=15)
@given(st.integers(0, 400), st.integers(200, 1_500))
def test_the_overlap_is_the_same_from_both_sides(first, count):
    one, other = file_of(range(1_000)), file_of(range(first, first + count))
    assert overlap(one, other) == overlap(other, one)


def test_another_key_tells_nothing():
    sample = MomentSample()
    sample.update([EvidenceRow(1, "marie", "example.com", 1_600_000_001.0, "24.48.1.1")])
    assert sketch(sample, key=KEY).digests != sketch(sample, key=b"another").digests


def test_dates_without_a_time_are_no_evidence_to_compare():
    sample = MomentSample()
    sample.update(EvidenceRow(n, "marie", "example.com", 1_600_300_800.0, "24.48.1.1") for n in range(50))
    assert sketch(sample, key=KEY).digests == ()
