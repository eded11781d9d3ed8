"""Two spellings of one address match; two people never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbl.core.addresses import DIGEST_BYTES, digest, domain_of, normalise

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("marie@example.com", "marie@example.com"),
        ("  <Marie.Tremblay@Example.COM>\r\n", "marie.tremblay@example.com"),
        ("marie+news@example.com", "marie+news@example.com"),
        ("marie@example.com.", "marie@example.com"),
        ("zoé@example.com", "zoé@example.com"),
        ("ZOE\u0301@example.com", "zoé@example.com"),
        ("zoe@exämple.com", "zoe@xn--exmple-cua.com"),
        ("zoe@XN--EXMPLE-CUA.com", "zoe@xn--exmple-cua.com"),
        ("zoe@Straße.example", "zoe@xn--strae-oqa.example"),
        ("zoe@exämple..com", "zoe@exämple..com"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_an_address_has_one_spelling(written, matched):
    assert normalise(written) == matched


def test_dots_and_plus_tags_are_not_folded_away():
    assert digest("ma.rie@example.com", KEY) != digest("marie@example.com", KEY)
    assert digest("marie+a@example.com", KEY) != digest("marie@example.com", KEY)


def test_the_domain_comes_without_the_person():
    assert domain_of("<Zoé@Exämple.com>") == "xn--exmple-cua.com"
    assert domain_of("no address") == ""


@given(st.text())
def test_any_text_gets_a_digest_and_its_spelling_is_final(text):
    assert len(digest(text, KEY)) == DIGEST_BYTES
    assert digest(normalise(text), KEY) == digest(text, KEY)


@given(st.emails())
def test_letter_case_never_separates_an_address_from_its_digest(address):
    assert digest(address.upper(), KEY) == digest(address.lower(), KEY)


def test_another_key_gives_another_digest():
    assert digest("marie@example.com", KEY) != digest("marie@example.com", KEY[::-1])
