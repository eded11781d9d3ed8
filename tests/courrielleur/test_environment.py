"""A bad value of the environment is refused at start, by the name of its variable."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from courrielleur import environment
from tests.installation import ROOT


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (environment.flag, ["true", "False", "1", "off"], ["", "oui", "maybe", "2"]),
        (
            environment.web_address,
            ["https://a.example", "http://127.0.0.1:8025/"],
            ["", "a.example", "ftp://a", "http://"],
        ),
        (environment.domain, ["bounce.example.com", "localhost", "A.example"], ["", "a b", "@x", "a..b", "-a.example"]),
        (environment.time_zone, ["America/Toronto", "UTC"], ["", "Mars/Base", "../etc"]),
        (environment.rate, ["600/min", "1/s"], ["", "lots", "0/min", "5/fortnight"]),
        (environment.log_level, ["INFO", "debug"], ["", "LOUD"]),
        (environment.mail_server, ["smtp://127.0.0.1:8026", "smtp+tls://u:p@a.example:587"], ["nonsense", "ftp://x"]),
        (environment.positive, ["0", "600"], ["", "-1", "1e9", "x"]),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(read, good, bad):
    for text in good:
        read("COURRIELLEUR_X", text)
    for text in bad:
        with pytest.raises(ImproperlyConfigured, match=r"^COURRIELLEUR_X: "):
            read("COURRIELLEUR_X", text)


def test_a_worker_without_processes_is_refused():
    with pytest.raises(ImproperlyConfigured, match=r"^COURRIELLEUR_WORKERS: 1 at least"):
        environment.positive("COURRIELLEUR_WORKERS", "0", at_least=1)


def test_a_password_in_a_wrong_mail_url_is_not_repeated():
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.mail_server("COURRIELLEUR_EMAIL_URL", "wrong://user:hunter2@a.example")
    assert "hunter2" not in str(caught.value)


SECRETS = """
import django, json
from django.conf import settings
django.setup()
from courrielleur import vault
print(json.dumps({
    "digest": vault.digest_key().hex(),
    "references": {number: key.hex() for number, key in vault.reference_keys().items()},
    "replies": [key.hex() for key in vault.reply_keys()],
    "opens": vault.decrypt_text(bytes.fromhex(SEALED)) if SEALED else "",
    "sealed": vault.encrypt_text("marie").hex(),
}))
"""


def with_secrets(tmp_path: Path, *secrets: str, sealed: str = "") -> dict[str, Any]:
    """Return what an installation with these secrets, newest first, makes of them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COURRIELLEUR_")}
    environ |= {
        "DJANGO_SETTINGS_MODULE": "courrielleur.settings",
        "COURRIELLEUR_VAR_DIR": str(tmp_path),
        "COURRIELLEUR_SECRET_KEY": secrets[0],
        "COURRIELLEUR_SECRET_KEY_FALLBACKS": ",".join(secrets[1:]),
    }
    code = SECRETS.replace("SEALED", repr(sealed))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_after_the_secret_was_changed_what_the_old_one_made_stays_good(tmp_path):
    old, new = "o" * 50, "n" * 50
    before = with_secrets(tmp_path, old)
    after = with_secrets(tmp_path, new, old, sealed=before["sealed"])
    assert after["opens"] == "marie"
    assert after["digest"] == before["digest"]  # suppressions keep their match
    assert after["references"]["1"] == before["references"]["1"]
    assert max(after["references"]) == "2"  # the highest mints
    assert after["replies"][1:] == before["replies"]
    assert after["replies"][0] != before["replies"][0]
