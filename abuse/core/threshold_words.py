"""Say in French what the shipped policy says of its constants (abuse/policies/french.toml has the sentences)."""

import re
import tomllib
from functools import cache
from pathlib import Path

FRENCH_FILE = Path(__file__).resolve().parents[1] / "policies" / "french.toml"


def said(sentence: str, language: str) -> str:
    """Return a unit, window, source or reason in *language*; as it was written when nobody translated it."""
    return _french().get(sentence, sentence) if language == "fr" else sentence


def value_in(value: str, language: str) -> str:
    """Return a value, written as the policy text has it, as a reader of *language* writes it.

    >>> value_in("0.25 %", "fr") == "0,25\\u00a0%"
    True
    >>> value_in("0.25 %", "en"), value_in("reporting", "fr")
    ('0.25 %', 'reporting')
    """
    if language != "fr" or not re.fullmatch(r"-?\d+(\.\d+)?( %)?", value):
        return value
    return value.replace(".", ",").replace(" ", "\u00a0")


@cache
def _french() -> dict[str, str]:
    kinds = tomllib.loads(FRENCH_FILE.read_text(encoding="utf-8")).values()
    return {english: french for sentences in kinds for english, french in sentences.items()}
