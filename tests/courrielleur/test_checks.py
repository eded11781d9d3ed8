"""Each check says what is wrong, where and what to do; a good installation hears nothing of ours."""

import re
from pathlib import Path

import pytest

from courrielleur import checks

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def good(settings, tmp_path):
    settings.SECRET_KEY = "x" * 50
    settings.VAR_DIR = tmp_path
    settings.HTTPS, settings.PUBLIC_URL = True, "https://console.mondomaine.ca"
    settings.REPORT_DOMAIN, settings.CASE_DOMAIN = "bounce.mondomaine.ca", "dossier.mondomaine.ca"
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    settings.LISTEN, settings.INTAKE_SMTP, settings.INTAKE_LMTP = "[::1]:8025", "127.0.0.1:8625", ""
    return settings


def ids() -> list[str]:
    return [str(message.id) for message in [*checks.check_settings(), *checks.check_installation()]]


def test_a_good_installation_hears_nothing(good):
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "court", "courrielleur.E001"),
        ("LISTEN", "9025", "courrielleur.E002"),
        ("INTAKE_SMTP", "127.0.0.1:abc", "courrielleur.E002"),
        ("INTAKE_LMTP", "foo", "courrielleur.E002"),
        ("ANTIVIRUS", "clamd", "courrielleur.E003"),
        ("HOSTING_RANGES", "/nowhere/ranges.txt", "courrielleur.E004"),
        ("HOSTING_RANGES", str(ROOT / "pyproject.toml"), "courrielleur.E004"),
        ("HTTPS", False, "courrielleur.W001"),
        ("REPORT_DOMAIN", "bounce.courrielleur.example", "courrielleur.W003"),
        ("WEBHOOK_PRIVATE_NETWORKS", True, "courrielleur.W004"),
        ("INTAKE_SMTP", "0.0.0.0:25", "courrielleur.W005"),
    ],
)
def test_one_bad_setting_is_named(good, name, value, expected):
    setattr(good, name, value)

    assert ids() == [expected]


def test_a_secret_beside_the_database_is_told_of(good, tmp_path):
    (tmp_path / "secret").write_text("x" * 50)

    assert ids() == ["courrielleur.W002"]


def test_every_check_has_a_hint_and_a_line_in_the_docs(good, tmp_path):
    source = (ROOT / "courrielleur/checks.py").read_text(encoding="utf-8")
    known = set(re.findall(r"courrielleur\.[EW]\d{3}", source))
    documented = set(re.findall(r"courrielleur\.[EW]\d{3}", (ROOT / "docs/settings.md").read_text(encoding="utf-8")))

    assert len(re.findall(r"hint=", source)) == len(re.findall(r"\bid=", source))
    assert known == documented
