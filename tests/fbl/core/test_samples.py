"""Every sample is read as its .json says: one folder per format, one pair of files per lesson."""

import json
from pathlib import Path

import pytest

from fbl.core.registry import FORMATS, read_report
from fbl.core.report import as_json

SAMPLES = Path(__file__).parents[2] / "samples"
FILES = sorted(SAMPLES.glob("*/*.eml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_sample_is_read_as_its_json_says(file):
    expected = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    read = dict(as_json(read_report(file.read_bytes()), file.name))
    assert read == expected


@pytest.mark.parametrize("name", [name for name, _read in FORMATS])
def test_every_format_has_two_samples_and_more(name):
    assert len(list((SAMPLES / name).glob("*.eml"))) >= 2


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
def test_the_line_ends_of_a_mail_do_not_matter(file, line_end):
    raw = file.read_bytes()
    assert read_report(raw.replace(b"\n", line_end)) == read_report(raw)
