"""The rule agrees with vectors: our own, and the shared ones where they are at hand."""

import json
from pathlib import Path

import pytest

from tests.abuse.core.replaying import verdict_of

OWN = Path(__file__).with_name("vectors.jsonl")
SHARED = Path(__file__).resolve().parents[4] / "shared" / "decision" / "vectors.jsonl"


def read(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [pytest.param(vector, id=vector["name"]) for vector in map(json.loads, lines)]


def assert_agrees(vector):
    verdict = verdict_of(vector)
    found = {
        "state": verdict.state,
        "reasons": list(verdict.reasons),
        "score_c": verdict.score_complaints,
        "score_b": verdict.score_bounces,
        "score_joint": verdict.score_joint,
        "rest_c": verdict.rest_complaints,
        "rest_b": verdict.rest_bounces,
        "dissenting": list(verdict.dissenting),
        "first_day": verdict.first_day,
        "today": verdict.today,
        "send_days": verdict.send_days,
        "delivered": verdict.delivered,
        "reporting": verdict.reporting,
        "complaints": verdict.complaints,
        "bounces": verdict.bounces,
    }
    for key, expected in vector["expect"].items():
        # Scores agree within 0.002; all else exactly.
        assert found[key] == (pytest.approx(expected, abs=0.002) if isinstance(expected, float) else expected), key


@pytest.mark.parametrize("vector", read(OWN))
def test_the_rule_agrees_with_our_vectors(vector):
    assert_agrees(vector)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared vectors are not beside this checkout")
def test_the_rule_agrees_with_the_shared_vectors():
    vectors = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    assert len(vectors) >= 67
    for vector in vectors:
        assert_agrees(vector)
