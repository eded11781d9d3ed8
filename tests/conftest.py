"""One embedded PostgreSQL for the whole run, shared by the xdist workers and started by the first test that needs it.

With DATABASE_URL set, the tests run on that server instead. Tests of the cores touch neither.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACE = "COURRIELLEUR_TEST_PLACE"
# A test's database may vanish with the power: speed before durability, here only.
TEST_SERVER = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("django"):
        return
    if not hasattr(config, "workerinput"):
        os.environ[PLACE] = tempfile.mkdtemp(prefix="courrielleur-tests-")
        Path(os.environ[PLACE]).chmod(0o755)  # as root, the server runs as a user of its own
        _compile_texts()
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise looks there, as under `up`
    database = settings.DATABASES["default"]
    if "EMBEDDED_IN" in database:
        database["EMBEDDED_IN"] = os.environ[PLACE]
        database["EMBEDDED_OPTIONS"] = TEST_SERVER


def _compile_texts() -> None:
    """Compile the message catalogues that changed: git keeps only their sources."""
    from django.conf import settings

    from courrielleur.texts import compile_catalogues

    compile_catalogues(Path(path) for path in settings.LOCALE_PATHS)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or PLACE not in os.environ:
        return
    from courrielleur.database import server_in

    place = Path(os.environ.pop(PLACE))
    server_in(place).leave()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """Return the DATABASE_URL of this test's own database, for the processes a test starts."""
    from django.db import connection

    from courrielleur.database import url_for

    return url_for(connection.settings_dict)


@pytest.fixture
def free_port() -> int:
    """Return a TCP port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def var() -> Iterator[Path]:
    """Return a data folder for an installation of its own, in a place short enough for sockets.

    As root its server runs as a user of its own, who could not enter pytest's private `tmp_path`.
    """
    folder = Path(tempfile.mkdtemp(prefix="crl-"))
    folder.chmod(0o755)
    yield folder / "var"
    _wait_for_the_guardian(folder / "var")
    shutil.rmtree(folder)


def _wait_for_the_guardian(var: Path) -> None:
    from courrielleur.database import DatabaseUnavailable
    from courrielleur.database.place import place_of

    deadline = time.monotonic() + 30
    with contextlib.suppress(FileNotFoundError, DatabaseUnavailable), place_of(var).lock.open("rb") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, f"a process still uses the server of {var}"
                time.sleep(0.05)
            else:
                return


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a packed sample by its kind: its bytes may hold the time it was packed, and workers must agree on names."""
    return "bytes" if isinstance(val, bytes) and not val.isascii() else None
