"""The reference rule agrees with vectors: our own, and the shared ones where they are at hand."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from abuse.core.vectors import differences

OWN = Path(__file__).with_name("vectors.jsonl")
SHARED = Path(__file__).resolve().parents[4] / "shared" / "decision" / "vectors.jsonl"


def read(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [pytest.param(vector, id=vector["name"]) for vector in map(json.loads, lines)]


@pytest.mark.parametrize("vector", read(OWN))
def test_the_rule_agrees_with_our_vectors(vector):
    assert differences(vector) == {}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared vectors are not beside this checkout")
def test_the_rule_agrees_with_the_shared_vectors():
    vectors = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    assert len(vectors) >= 67
    assert {vector["name"]: found for vector in vectors if (found := differences(vector))} == {}


@pytest.mark.parametrize("key", ["state", "reasons", "score_c", "first_day", "bounces"])
def test_a_vector_that_expects_something_else_is_told(key, tmp_path, capsys):
    vector = json.loads(OWN.read_text(encoding="utf-8").splitlines()[0])
    vector["expect"][key] = 77.5
    file = tmp_path / "wrong.jsonl"
    file.write_text(json.dumps(vector), encoding="utf-8")
    with pytest.raises(CommandError) as told:
        call_command("judge", "--vectors", str(file))
    assert told.value.returncode == 1
    assert json.loads(capsys.readouterr().out)["differs"].keys() == {key}


def test_the_command_answers_vectors(capsys):
    call_command("judge", "--vectors", str(OWN))
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(answer["agrees"] and answer["state"] for answer in answers)
    assert len(answers) == len(OWN.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("text", ["no json", '{"name": "x"}', "[]"])
def test_a_file_that_holds_no_vectors_is_refused(text, tmp_path):
    file = tmp_path / "odd.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("judge", "--vectors", str(file))
    assert refused.value.returncode == 1
