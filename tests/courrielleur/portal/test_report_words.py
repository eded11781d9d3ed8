"""The reasons of the lanes are said in the reader's language."""

import pytest
from django.utils import translation

from courrielleur.portal.report_words import KNOWN, why
from fbl.core import registry


@pytest.mark.parametrize("reason", sorted(KNOWN))
def test_a_known_reason_is_said_in_french(reason):
    with translation.override("fr"):
        assert why(reason) != reason
    with translation.override("en"):
        assert why(reason) == reason


def test_the_words_of_the_reader_are_known():
    assert {registry.NOT_A_MAIL, registry.NOT_A_REPORT} <= KNOWN


def test_the_places_of_a_forged_reference_stay():
    with translation.override("fr"):
        assert "return_path" in why("forged or unknown reference in return_path")


def test_other_words_are_shown_as_they_are():
    assert why("42 %s {x}") == "42 %s {x}"
    assert why("") == ""
