"""A file is read once, in any cuts, in bounded memory, and always tells the same."""

from random import Random

import pytest

from consent.core.evidence.reader import EvidenceReader, examine
from consent.core.evidence.rows import Context, EvidenceRow
from tests.consent.forgeries import forge
from tests.consent.people import UPLOADED_AT

CONTEXT = Context(UPLOADED_AT)


@pytest.mark.parametrize("chunk", [1, 97, 100_000])
def test_how_the_rows_are_cut_does_not_matter(chunk):
    rows = forge(Random("cuts"), "steps", 0.4)
    reader = EvidenceReader(CONTEXT)
    for start in range(0, len(rows), chunk):
        reader.add(rows[start : start + chunk])
    assert reader.findings() == examine(rows, CONTEXT)
    assert reader.findings() == reader.findings()
    assert reader.rows == len(rows)


def test_a_long_file_is_kept_in_samples():
    reader = EvidenceReader(CONTEXT)
    for start in range(0, 120_000, 4_000):  # one every 401 seconds
        reader.add(
            [
                EvidenceRow(
                    n, f"a{n}", "example.com", 1.7e9 + n * 401.0, f"24.{n % 200}.{n // 200 % 250}.{n % 249 + 1}"
                )
                for n in range(start, start + 4_000)
            ]
        )
    kept = len(reader._sample.rows) + len(reader._by_moment.rows) + len(reader._ips.counts)
    assert kept < 150_000
    assert len(reader.sketch(key=b"key").digests) <= 1_024
    assert {"constant_gaps", "no_rhythm"} <= {finding.code for finding in reader.findings()}
