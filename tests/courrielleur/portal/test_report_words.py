"""The reasons of the lanes are said in the reader's language."""

import pytest
from django.utils import translation

from courrielleur.portal.report_words import CODES, KNOWN, why
from fbl.core import registry
from fbl.core.authenticity import Why


@pytest.mark.parametrize("reason", sorted(KNOWN))
def test_a_known_reason_is_said_in_french(reason):
    with translation.override("fr"):
        assert why(reason) != reason
    with translation.override("en"):
        assert why(reason) == reason


def test_the_words_of_the_reader_are_known():
    assert {registry.NOT_A_MAIL, registry.NOT_A_REPORT} <= KNOWN


def test_every_code_of_the_reader_has_its_words():
    assert set(CODES) == {code.value for code in Why}
    with translation.override("fr"):
        french = {why(code) for code in CODES}
    assert len(french) == len(CODES)
    assert not french & set(CODES)


def test_other_words_are_shown_as_they_are():
    assert why("42 %s {x}") == "42 %s {x}"
    assert why("") == ""


def test_a_mail_that_the_reader_failed_on_is_said_in_words():
    with translation.override("fr"):
        assert (
            why(f"{registry.READER_FAILED} (IndexError).")
            == "La lecture de ce courriel a échoué. Il est conservé; signalez-le-nous."
        )
