"""The plan of the house stays true: layers, types, templates, words, settings."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.template import engines
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_FILE = 300  # lines; the plan says "not much longer than 250"
CODE = ("courrielleur", "fbl", "abuse", "consent")
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.*"))
PAGES = [name for name in TEMPLATES if name.endswith(".html") and not name.startswith("emails/")]


def run(*command: str, cwd: Path = ROOT) -> str:
    """Run a tool of our environment and return what it printed; what it complains of is the failure."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def test_imports_follow_the_plan():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")], ids=" ".join)
def test_the_code_is_in_ruffs_form(command):
    run(*command)


def test_types_are_right():
    run("mypy", *CODE, "manage.py")


def test_the_api_description_is_valid_without_a_warning():
    done = subprocess.run(
        [sys.executable, "manage.py", "spectacular", "--file", os.devnull, "--validate", "--fail-on-warn"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


def test_every_concept_has_a_room_and_no_room_is_crowded():
    crowded = {
        path.relative_to(ROOT).as_posix(): lines
        for room in CODE
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert crowded == {}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_can_be_read(name):
    assert get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_needs_an_exception_from_the_content_security_policy(name):
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")

    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_templates_are_found_by_the_engine_the_product_uses():
    assert [str(folder) for folder in engines["django"].engine.dirs] == [str(ROOT / "templates")]


def test_the_catalogues_hold_every_text_of_code_and_templates(tmp_path):
    """Extract the texts again, elsewhere, and compare: a text that is missing would be shown in English."""
    for folder in (*CODE, "templates"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.mo", "__pycache__", "static")
        )
    shutil.copy(ROOT / "manage.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "fr", "--no-location", "--no-obsolete", "--no-wrap"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    def texts(folder: Path) -> set[tuple[str | None, str]]:
        catalogue = polib.pofile(str(folder / "courrielleur/locale/fr/LC_MESSAGES/django.po"))
        return {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}

    assert texts(tmp_path) ^ texts(ROOT) == set()


def test_every_setting_is_documented():
    files = sorted((ROOT / "courrielleur").glob("settings*.py"))
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    named = {f"COURRIELLEUR_{name}" for name in re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source)}
    for path in (ROOT / "courrielleur/database").glob("*.py"):
        named |= set(re.findall(r"\"(COURRIELLEUR_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    documented = set(re.findall(r"`(COURRIELLEUR_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8")))

    assert named - documented == set()
    assert documented - named == set()


def test_locks_name_no_registry():
    for path in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in path.read_text(encoding="utf-8")


def test_every_dependency_has_its_reason():
    block = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("dependencies = [")[2].partition("]\n")[0]
    lines = [line for line in block.splitlines() if line.strip()]

    assert lines
    assert [line for line in lines if "#" not in line] == []
