"""The answers of tests/samples/answers.toml, provider by provider, get the class that stands above them."""

import tomllib
from pathlib import Path

import pytest

from fbl.core.classify import classify
from fbl.core.report import BounceClass

ANSWERS = tomllib.loads((Path(__file__).parents[2] / "samples" / "answers.toml").read_text(encoding="utf-8"))
NEVER_HARD = [text for texts in ANSWERS.pop("never_hard").values() for text in texts]
JUDGED = [
    pytest.param(text, BounceClass(name), id=f"{group}: {text[:60]}")
    for name, groups in ANSWERS.items()
    for group, texts in groups.items()
    for text in texts
]


@pytest.mark.parametrize(("text", "bounce_class"), JUDGED)
def test_an_answer_has_the_class_a_postmaster_gives_it(text, bounce_class):
    verdict = classify(text)
    assert verdict.bounce_class is bounce_class, f"{verdict.reason} by {verdict.rule or verdict.basis}"


@pytest.mark.parametrize("text", NEVER_HARD)
def test_what_only_sounds_like_a_dead_address_is_never_hard(text):
    verdict = classify(text)
    assert verdict.bounce_class is not BounceClass.HARD, f"{verdict.reason} by {verdict.rule or verdict.basis}"
