"""The templates keep the strict Content-Security-Policy and load."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string

ROOT = Path(__file__).resolve().parents[3] / "templates"
PAGES = sorted(path for path in ROOT.rglob("*.html") if "emails" not in path.parts)
FORBIDDEN = re.compile(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|<script(?![^>]*\ssrc=)|javascript:|https?://""")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_loads_and_has_nothing_inline_or_foreign(path):
    get_template(str(path.relative_to(ROOT)))
    text = path.read_text().replace("http://www.w3.org/", "")
    assert not FORBIDDEN.search(text)


def test_no_script_or_style_names_a_foreign_host():
    static = Path(__file__).resolve().parents[3] / "courrielleur" / "static" / "courrielleur"
    for path in [*static.glob("*.js"), *static.glob("*.css")]:
        assert "http" not in path.read_text(), path


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_a_page_without_a_frame_names_its_icon(name):
    # Otherwise browsers ask for /favicon.ico, and the log tells of one more error for each.
    assert 'rel="icon"' in render_to_string(name)


def test_an_expired_form_keeps_what_was_typed():
    assert "courrielleur/keep.js" in render_to_string("403_csrf.html")
