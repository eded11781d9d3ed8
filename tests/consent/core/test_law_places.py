"""Whose law a recipient is under: by the country of the row, else by the domain, else nobody says."""

import tomllib

import pytest

from consent.core.law import Regime
from consent.core.law_places import regime_of
from consent.core.law_rules import DATA, place_words


@pytest.mark.parametrize(
    ("country", "domain", "regime"),
    [
        ("Canada", "yahoo.com", Regime.CASL),
        ("  CANADA ", "yahoo.fr", Regime.CASL),
        ("QC", "", Regime.CASL),
        ("France", "videotron.ca", Regime.GDPR),
        ("Royaume-Uni", "", Regime.GDPR),
        ("NO", "", Regime.GDPR),
        ("États-Unis d'Amérique", "", Regime.CAN_SPAM),
        ("u.s.", "", Regime.CAN_SPAM),
        ("", "videotron.ca", Regime.CASL),
        ("", "Orange.FR", Regime.GDPR),
        ("", "yahoo.com", None),
        ("", "", None),
        ("Japan", "videotron.ca", None),
    ],
)
def test_a_country_that_is_named_goes_before_the_domain(country, domain, regime):
    assert regime_of(country, domain) is regime


def test_no_word_and_no_domain_belongs_to_two_laws():
    for words in place_words():
        assert all(word == word.casefold().strip() for word in words)
    places = tomllib.loads(DATA.read_text(encoding="utf-8"))["place"]
    for key in ("words", "domains"):
        told = [word for regime in places.values() for word in regime[key]]
        assert sorted(told) == sorted(set(told))
