"""`ingest --store -` behind an MTA's pipe: 0 means it is on disk, 75 that the MTA must keep the mail."""

import json
import os
import subprocess
import sys

import pytest

from fbl.models import InboundReport

MAIL = b"Subject: plainte\n\nBonjour\n"


def pipe(mail: bytes, database: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "ingest", "--store", "-"],
        input=mail,
        env=os.environ | {"DATABASE_URL": database},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_zero_means_it_is_on_disk(database_url: str):
    done = pipe(MAIL, database_url)

    assert (done.returncode, json.loads(done.stdout)["new"]) == (0, 1), done.stderr
    assert InboundReport.objects.get().state == "stored"


@pytest.mark.slow
def test_a_database_that_is_away_makes_the_mta_keep_the_mail(free_port: int):
    done = pipe(MAIL, f"postgres://nobody@127.0.0.1:{free_port}/nothing")

    assert done.returncode == os.EX_TEMPFAIL
    assert b"Traceback" not in done.stderr
