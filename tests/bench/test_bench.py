"""The measurements: their lines keep to the contract, and they leave the installation's own database alone."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from abuse.models import Standing
from courrielleur.bench import assess
from courrielleur.bench.figures import Figure, compare

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def test_a_figure_is_one_line_with_its_floor_and_ratio():
    line = Figure("parse", 8123.456, "mails/s", 4000.0).as_json()
    assert json.loads(line) == {"name": "parse", "figure": 8123.0, "unit": "mails/s", "floor": 4000.0, "ratio": 2.031}
    assert "\n" not in line


def test_a_floor_of_nothing_has_no_ratio():
    assert json.loads(Figure("parse", 1.0, "s", 0.0).as_json())["ratio"] is None


def test_the_two_sides_are_measured_turn_by_turn():
    turns: list[str] = []
    figure = compare("x", "things/s", 10, lambda: turns.append("ours"), lambda: turns.append("bare"), rounds=3)
    assert turns == ["ours", "bare"] * 3
    assert figure.figure > 0
    assert figure.floor > 0


def test_an_unknown_measurement_is_told_with_those_there_are():
    with pytest.raises(CommandError, match=r"no measurement 'speed'. Known: parse, judge") as told:
        call_command("bench", "speed")
    assert told.value.returncode == 2


@pytest.mark.slow
def test_a_measurement_prints_json_lines_only_and_uses_no_database_of_the_installation(var):
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "COURRIELLEUR_VAR_DIR": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "parse", "ingest"],
        cwd=BASE_DIR,
        env={**os.environ, **nowhere, "TMPDIR": str(var.parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["name"] for line in lines if line["name"] != "parse-corpus"] == ["parse", "ingest"]
    assert all(line.keys() == {"name", "figure", "unit", "floor", "ratio"} for line in lines)
    assert all(line["figure"] > 0 and line["floor"] > 0 for line in lines)
    assert not list(var.parent.iterdir())


@pytest.mark.django_db
def test_all_accounts_that_send_are_judged():
    figures = {figure.name: figure for figure in assess.measure(200)}
    assert set(figures) == {"assess", "assess memory", "assess one"}
    assert all(figure.figure > 0 and figure.floor > 0 for figure in figures.values())
    looked_at = Standing.objects.exclude(level="suspended").values_list("assessed_at", flat=True)
    assert len(looked_at) >= 198
    assert max(looked_at) - min(looked_at) < timedelta(hours=1)  # they were due for two
