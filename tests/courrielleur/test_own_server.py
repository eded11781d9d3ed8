"""The product on a PostgreSQL named by DATABASE_URL, over TCP with a password, as an operator would have it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from courrielleur.database import EmbeddedServer, settings_for, url_for

ROOT = Path(__file__).resolve().parent.parent.parent
# What leans most on the database: COPY and ON CONFLICT, partitions, locks, append-only tables, queues.
SAMPLE = [
    "tests/fbl/services/test_reports.py",
    "tests/fbl/services/test_volumes.py",
    "tests/fbl/services/test_log_imports.py",
    "tests/abuse/services/test_assessments.py",
    "tests/abuse/services/test_suspensions.py",
    "tests/abuse/services/test_chain.py",
    "tests/abuse/services/test_policies.py",
    "tests/consent/services/test_uploads.py",
    "tests/courrielleur/jobs",
]


@pytest.mark.slow
def test_the_tests_of_the_services_pass_on_a_server_named_by_url(var, free_port):
    server = EmbeddedServer(var, {"fsync": "off", "shared_buffers": "64MB"}, listen="127.0.0.1", port=free_port)
    address = server.attach()
    try:
        password = address.passfile.read_text().strip().rpartition(":")[2]
        url = f"postgres://{address.user}:{password}@127.0.0.1:{free_port}/courrielleur"
        assert url_for(settings_for(url, var)) == url
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COURRIEL"))}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *SAMPLE],
            cwd=ROOT,
            env={**inherited, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.leave()
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_a_server_that_does_not_answer_is_told_with_the_variable_that_names_it():
    nowhere = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/courrielleur"}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "Check DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
