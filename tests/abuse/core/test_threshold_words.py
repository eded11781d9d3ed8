"""Every sentence of the shipped policy is there in French, and what a person wrote stays as it is."""

import re

import pytest

from abuse.core.policy import default_document
from abuse.core.threshold_words import said, value_in

TABLES = default_document().tables


@pytest.mark.parametrize("name", TABLES)
def test_the_shipped_policy_is_read_in_french(name: str) -> None:
    table = TABLES[name]
    for sentence in filter(None, (table.unit, table.window, table.source, table.why)):
        french = said(sentence, "fr")
        assert french != sentence or sentence == "simulation", f"abuse/policies/french.toml has no {sentence!r}"
        assert not re.search(r" [:;?!»%]|« ", french), french
        assert said(sentence, "en") == sentence


def test_a_persons_own_words_stay_as_they_were_written() -> None:
    assert said("Because of the December sales.", "fr") == "Because of the December sales."


@pytest.mark.parametrize(
    ("value", "french"),
    [("0.25 %", "0,25\u00a0%"), ("-2", "-2"), ("2000", "2000"), ("reporting", "reporting"), ("1.2.3", "1.2.3")],
)
def test_a_value_is_written_as_the_reader_writes_it(value: str, french: str) -> None:
    assert value_in(value, "fr") == french
    assert value_in(value, "en") == value
