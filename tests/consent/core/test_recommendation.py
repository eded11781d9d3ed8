"""A recommendation tells its reasons, and never refuses for doubt alone."""

import pytest

from consent.core.coverage import Coverage, Tally
from consent.core.evidence.rules import found
from consent.core.law import Outcome
from consent.core.recommendation import Advice, doubt, is_doubtful, reason_text, recommend

VALID = {Outcome.VALID: 100}
COVERED = Coverage(Tally(20, 19, 19, 0), Tally(), records=100, recipients_on_record=100)
UNCOVERED = Coverage(Tally(20, 8, 8, 4), Tally(), records=100, recipients_on_record=100)
DICE = found("no_rhythm", 100, 100)
ONE_BROWSER = found("one_browser", 100, 100)
EVEN = found("too_even", 100, 100)
RELAY = found("relay_address", 100, 100)
KIOSK = found("station_address", 60, 100)


@pytest.mark.parametrize(
    ("findings", "opinions", "coverage", "contradictions", "outcome"),
    [
        ([], VALID, COVERED, 0, Advice.REINSTATE),
        ([KIOSK], VALID, COVERED, 0, Advice.REINSTATE),
        ([], VALID, None, 0, Advice.REINSTATE),  # nobody complained
        ([RELAY], VALID, COVERED, 0, Advice.ASK),
        ([DICE], VALID, COVERED, 0, Advice.ASK),
        ([DICE, ONE_BROWSER], VALID, COVERED, 0, Advice.ASK),  # doubt alone refuses nobody
        ([DICE, ONE_BROWSER], VALID, UNCOVERED, 0, Advice.REFUSE),
        ([DICE, ONE_BROWSER], VALID, COVERED, 2, Advice.REFUSE),
        ([DICE, EVEN], VALID, UNCOVERED, 0, Advice.ASK),  # one family, one cause
        ([], VALID, UNCOVERED, 0, Advice.ASK),
        ([], VALID, COVERED, 1, Advice.ASK),
        ([], {}, None, 0, Advice.ASK),
        ([], {Outcome.VALID: 80, Outcome.EXPIRED: 20}, COVERED, 0, Advice.ASK),
        ([], {Outcome.VALID: 95, Outcome.EXPIRED: 5}, COVERED, 0, Advice.REINSTATE),
        ([], {Outcome.VALID: 99, Outcome.FORBIDDEN: 1}, COVERED, 0, Advice.ASK),
        ([], {Outcome.VALID: 50, Outcome.FORBIDDEN: 50}, COVERED, 0, Advice.REFUSE),
    ],
)
def test_what_is_recommended(findings, opinions, coverage, contradictions, outcome):
    recommendation = recommend(findings, opinions, coverage, contradictions)
    assert recommendation.outcome is outcome
    is_against = [reason.is_against for reason in recommendation.reasons]
    assert any(is_against) == (outcome is not Advice.REINSTATE)
    assert is_against == sorted(is_against, reverse=True)
    assert all(reason_text(reason, language) for reason in recommendation.reasons for language in ("fr", "en"))


def test_findings_of_one_family_count_once():
    assert doubt([DICE, EVEN]) == doubt([DICE])
    assert doubt([DICE, KIOSK]) == doubt([DICE]) + doubt([KIOSK])
    assert is_doubtful([DICE])
    assert not is_doubtful([RELAY])
    assert doubt([]) == 0
