"""What is wrong with a policy is told in the reader's language, its TOML included."""

import pytest
from django.utils import translation

from abuse.core.policy_text import BadPolicy, read_document
from abuse.services.policy_flaws import TOML_TROUBLES, told


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("a = 1\n= 2", "Ligne 2\u00a0: "),
        ("[[[", "ni une [table] ni"),
        ("a", "ni une [table] ni"),
        ("a = 1 b = 2", "suit"),
        ("[a]\n[a]", "deux fois"),
        ("[a.b]\nc = 1\n[a]\nb.c = 2", "deux fois"),
        ("a = 1\na = 2", "deux fois"),
        ("a = {b = 1, b = 2}", "deux fois"),
        ("[a", "crochet"),
        ("[[a]", "crochet"),
        ("a = [1, 2", "crochet"),
        ("a = {b = 1", "crochet"),
        ('a = "b', "guillemets"),
        ("a = '''b", "guillemets"),
        ('a = "\\q"', "barre oblique"),
        ('a = "\\uzzzz"', "barre oblique"),
        ("a = 'b\x01'", "ne permet pas"),
        ("a = 2026-02-31", "date"),
        ("a = yes", "true ou false"),
        ("a = " + "9" * 5000, "trop long"),
        ("a = " + "[" * 3000, "imbriqué"),
    ],
)
def test_what_is_no_toml_is_told_in_french(text: str, french: str) -> None:
    with translation.override("fr"), pytest.raises(BadPolicy) as caught:
        read_document(text, whole=True)
    with translation.override("fr"):
        sentence = told(caught.value.flaws[0])
        assert french in sentence
        assert sentence.startswith("Ligne ")
    with translation.override("en"):
        english = told(caught.value.flaws[0])
        assert any(str(words) in english for _begins, words in TOML_TROUBLES), english
