"""What the crossing tells a reviewer: found when it is there, silent when it is not, in both languages."""

import pytest

from consent.core.coverage import Tally
from consent.core.crossexam import CrossExamination, TrapCrossing
from consent.core.review import crossing_findings, text_of

CLEAN = CrossExamination(
    complainers=Tally(40, 38, 38, 1),
    bounced=Tally(10, 9, 9, 0),
    ordinary=Tally(200, 190, 190, 0),
    traps=(),
    records=5_000,
    recipients_on_record=5_000,
    largest_mailing=5_100,
)


def codes(**changed):
    return [finding.code for finding in crossing_findings(CrossExamination(**{**vars(CLEAN), **changed}))]


def test_an_honest_list_is_left_alone():
    assert codes() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"complainers": Tally(40, 10, 10, 0)}, "complainers_lack_records"),
        ({"complainers": Tally(41, 39, 39, 8)}, "consent_after_mail"),
        ({"largest_mailing": 50_000}, "mailing_beyond_records"),
        ({"traps": (TrapCrossing("pristine", "6-20", "1-5"),)}, "traps_on_record"),
    ],
)
def test_each_contradiction_is_found(changed, code):
    assert codes(**changed) == [code]


def test_a_trap_that_no_record_names_says_nothing_of_the_records():
    assert codes(traps=(TrapCrossing("pristine", ">20", "0"),)) == []


def test_without_records_there_is_nothing_to_contradict():
    assert codes(records=0, recipients_on_record=0, complainers=Tally(40, 0, 0, 0)) == []


def test_of_traps_only_the_band_is_told():
    [finding] = crossing_findings(CrossExamination(**{**vars(CLEAN), "traps": (TrapCrossing("typo", "6-20", "6-20"),)}))
    assert (finding.count, finding.rows, finding.value) == (6, 6, "typo: 6-20")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_figures_are_in_the_words_and_an_innocent_explanation_beside_them(language):
    [finding] = crossing_findings(CrossExamination(**{**vars(CLEAN), "complainers": Tally(41, 39, 39, 8)}))
    text = text_of(finding, language)
    assert "8" in text.says
    assert "39" in text.says
    assert text.title
    assert len(text.benign) == 1
