"""Every check has its words in two languages, its weight and its benign explanations; every limit its reason."""

import re
import tomllib
from pathlib import Path

import pytest

from consent.core.evidence import rules
from consent.core.evidence.rows import Finding
from consent.core.evidence.rules import DATA, finding_codes, finding_text, found, limit, significant

TOML = tomllib.loads(DATA.read_text(encoding="utf-8"))
CODE = "\n".join(file.read_text(encoding="utf-8") for file in Path(rules.__file__).parent.glob("*.py"))
CODE += (Path(rules.__file__).parent.parent / "recommendation.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(finding_codes()))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_finding_is_put_in_words(code, language):
    finding = found(code, 1234, 5000, range(50), value="192.0.2.7")
    text = finding_text(finding, language)
    assert text.title
    assert "1234" in text.says or "5000" in text.says
    assert text.benign
    assert len(finding.examples) == 20
    assert f'"{code}"' in CODE
    if language == "fr":
        assert not re.search(r"[^\u00a0][:%]|\s[;!?]", text.says + " ".join(text.benign))


def test_every_limit_has_its_unit_source_and_reason():
    for name, row in TOML["limit"].items():
        assert row["unit"], name
        assert row["source"], name
        assert row["why"], name
        assert f'"{name}"' in CODE, name


def test_a_share_is_written_as_the_language_writes_it():
    finding = found("no_rhythm", 1, 8)
    assert finding.share == 0.125
    one = found("after_upload", 1, 8)
    assert "12,5\u00a0%" in finding_text(one, "fr").says
    assert "12.5 %" in finding_text(one, "en").says


def test_tests_share_the_chance_of_a_false_alarm():
    alpha = limit("false_alarms")
    plain = Finding("before_form", 10, 100, weight=2)
    sure = Finding("no_rhythm", 100, 100, weight=3, p_value=alpha / 100)
    unsure = Finding("too_even", 100, 100, weight=3, p_value=alpha * 0.6)
    another = Finding("after_send", 100, 100, weight=3, p_value=alpha * 0.6)
    assert significant([plain, unsure, another, sure]) == (sure, plain)
    assert significant([unsure]) == (unsure,)
    assert significant([unsure, Finding("constant_gaps", 9, 100, weight=3, p_value=1.0)]) == ()


def test_a_test_made_in_several_places_pays_for_each():
    alpha = limit("false_alarms")
    one = Finding("part_without_rhythm", 9, 100, weight=3, p_value=alpha * 0.4)
    other = Finding("part_without_rhythm", 9, 100, weight=3, p_value=1.0)
    (kept,) = significant([one, other])
    assert kept.p_value == pytest.approx(alpha * 0.8)
    assert significant([one, other, other]) == ()
