"""The small clients of docs/examples, each run as a person would, against a real server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from consent.models import ConsentRecord, ConsentUpload, ConsentWithdrawal
from courrielleur.accounts import services as accounts
from courrielleur.accounts.permissions import Scope
from fbl.models import Suppression
from tests.worlds import make_account

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
PROGRAMS = {
    "python": [sys.executable, str(EXAMPLES / "consent.py")],
    "php": ["php", str(EXAMPLES / "consent.php")],
    "curl": ["bash", str(EXAMPLES / "consent.sh")],
}
FILE = b"Courriel;DateHeureCommande;IP\nmarie@example.com;2012-04-21 21:16:58.090 EST;192.0.2.17\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", PROGRAMS)
def test_an_example_tells_withdraws_and_sends(live_server, tmp_path, language):
    _key, secret = accounts.issue_key(label="crm", scopes=[Scope.CONSENT_WRITE], account=make_account())
    world = os.environ | {"COURRIELLEUR_URL": live_server.url, "COURRIELLEUR_KEY": secret}

    def run(*words, **changed):
        return subprocess.run(
            [*PROGRAMS[language], *words], env=world | changed, capture_output=True, timeout=60, check=False
        )

    assert json.loads(run("tell", "zoé@example.com").stdout)["new"]
    record = ConsentRecord.objects.get()
    assert (record.method, str(record.ip)) == ("single_opt_in", "192.0.2.17")

    assert json.loads(run("withdraw", "zoé@example.com").stdout)["new"] == 1
    assert ConsentWithdrawal.objects.count() == Suppression.objects.count() == 1

    file = tmp_path / "inscriptions d’été.csv"
    file.write_bytes(FILE)
    sent = json.loads(run("send", str(file)).stdout)
    assert (sent["state"], sent["accepted"], sent["file_name"]) == ("done", 1, file.name)
    assert json.loads(run("send", str(file)).stdout)["id"] == sent["id"]  # nothing needs to be sent again
    assert ConsentUpload.objects.filter(live_on=None).count() == 1

    refused = run("tell", "zoé@example.com", COURRIELLEUR_KEY="wrong")
    assert refused.returncode != 0
    assert b"problem" in refused.stdout + refused.stderr
