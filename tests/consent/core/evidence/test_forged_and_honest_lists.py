"""Made-up lists are found, honest ones with their quirks are not accused. The wide table is run by hand."""

from random import Random

import pytest

from consent.core.evidence.reader import examine
from consent.core.evidence.rows import Context
from consent.core.recommendation import is_doubtful
from tests.consent.forgeries import FORGED, forge
from tests.consent.honest_lists import HONEST
from tests.consent.people import UPLOADED_AT

CONTEXT = Context(UPLOADED_AT)

WITNESS = {
    "few_addresses": "crowded_address",
    "invented_addresses": "unreachable_addresses",
    "counted_addresses": "sequential_ips",
    "dice": "no_rhythm",
    "steps": "too_even",
    "sorted_moments": "alphabetical_moments",
    "afterwards": "after_send",
    "one_browser": "one_browser",
    "generated": "",
    "copied": "repeated_evidence",
    "robot_clicks": "",
}


@pytest.mark.parametrize("quirk", HONEST)
def test_an_honest_list_is_not_accused(quirk):
    findings = examine(HONEST[quirk](Random(f"honest {quirk}")), CONTEXT)
    assert not is_doubtful(findings), [(finding.code, finding.value) for finding in findings]


@pytest.mark.parametrize("kind", FORGED)
def test_a_made_up_list_is_found(kind):
    findings = examine(forge(Random(f"forged {kind} 2"), kind, 1.0), CONTEXT)
    assert is_doubtful(findings)
    codes = {finding.code for finding in findings if finding.weight >= 3}
    assert WITNESS[kind] in codes or not WITNESS[kind]


def test_the_truth_of_a_forgery_is_known():
    assert set(WITNESS) == set(FORGED)
