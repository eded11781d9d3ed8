"""The embedded server, with real processes: what starts it, who shares it, and what survives a kill."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from courrielleur.database import DatabaseUnavailable, EmbeddedServer, cluster, settings_for, url_for
from courrielleur.database.place import FALLBACK_HOME, SOCKET_PATH_BYTES, Owner, can_enter, place_of, server_owner
from courrielleur.database.process import is_server_of

ROOT = Path(__file__).resolve().parent.parent.parent
AS_ROOT = os.geteuid() == 0
QUICK = {"fsync": "off", "shared_buffers": "32MB"}
USER_SCRIPT = """
import sys
from pathlib import Path
from courrielleur.database import DatabaseUnavailable, EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), {"fsync": "off", "shared_buffers": "32MB"})
try:
    server.attach()
except DatabaseUnavailable as error:
    sys.exit(str(error))
print("attached", flush=True)
sys.stdin.read()
print(server.leave(), flush=True)
"""


def test_an_empty_url_names_the_embedded_server(tmp_path):
    entry = settings_for("", tmp_path)
    assert entry["ENGINE"] == "courrielleur.database.embedded"
    assert (entry["CONN_MAX_AGE"], entry["CONN_HEALTH_CHECKS"]) == (60, True)
    assert list(tmp_path.iterdir()) == []  # naming it starts nothing


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://ana:s%40fe@db.example.com:6432/mail", ("mail", "ana", "s@fe", "db.example.com", "6432", {})),
        ("postgresql://ana@/mail?host=/run/pg&port=5433", ("mail", "ana", "", "/run/pg", "5433", {})),
        (
            "postgres://db.example.com/mail?sslmode=require",
            ("mail", "", "", "db.example.com", "", {"sslmode": "require"}),
        ),
    ],
)
def test_a_url_becomes_django_settings_and_back(url, expected):
    entry = settings_for(url, Path("var"))
    assert tuple(entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected
    assert settings_for(url_for(entry), Path("var")) == entry


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://ana@db.example.com/mail", "mysql is not supported"),
        ("sqlite:///mail.db", "sqlite is not supported"),
        ("mail", "no scheme is not supported"),
        ("postgres://ana@db.example.com", "the name of the database is missing"),
        ("postgres://ana@db.example.com:port/mail", "port is not a number"),
    ],
)
def test_a_url_we_cannot_use_is_refused_with_what_to_write(url, said):
    with pytest.raises(ImproperlyConfigured, match=f"DATABASE_URL: .*{said}"):
        settings_for(url, Path("var"))


def test_a_size_that_is_none_is_refused_by_name():
    with pytest.raises(DatabaseUnavailable, match="COURRIELLEUR_SHARED_BUFFERS: 'much' is not a size"):
        cluster.settings_from({"COURRIELLEUR_SHARED_BUFFERS": "much"})
    assert cluster.settings_from({"COURRIELLEUR_SHARED_BUFFERS": "1GB"})["shared_buffers"] == "1GB"


# Real processes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(var) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(var, QUICK)
    yield server
    server.leave()


@pytest.fixture
def user() -> Iterator[Callable[..., subprocess.Popen]]:
    """Start other processes that use the server; they are gone at the end of the test."""
    started: list[subprocess.Popen] = []

    def start(var: Path, interpreter: str = sys.executable, **how: object) -> subprocess.Popen:
        process = subprocess.Popen(
            [interpreter, "-c", USER_SCRIPT, str(var)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **{"cwd": ROOT, **how},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def connect(server: EmbeddedServer) -> psycopg.Connection:
    """Connect as Django's backend does: attach again when it fails, for the server may have been killed."""
    deadline = time.monotonic() + 30
    while True:
        address = server.attach()
        try:
            return psycopg.connect(
                host=str(address.host),
                port=address.port,
                user=address.user,
                passfile=str(address.passfile),
                dbname="courrielleur",
                autocommit=True,
            )
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def server_pid(var: Path) -> int | None:
    """Return the process id of the running server of *var*."""
    data = place_of(var).data
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):  # no server, or one that is just writing it
        return None
    return pid if is_server_of(pid, data) else None


def guardian_pid(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.05)


@pytest.mark.slow
def test_the_first_start_makes_a_durable_private_utf8_database(var):
    server = EmbeddedServer(var)
    address = server.attach()
    with connect(server) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("server_encoding", "data_checksums", "fsync", "synchronous_commit", "listen_addresses", "jit")
        }
        locale = connection.execute("SELECT datlocale FROM pg_database WHERE datname = current_database()").fetchone()
    assert shown == {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "jit": "off",
    }
    assert locale == ("C.UTF-8",)
    place = place_of(var)
    assert [path.stat().st_mode & 0o777 for path in (place.data, place.run, place.passfile)] == [0o700, 0o700, 0o600]
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=str(address.host), user=address.user, dbname="courrielleur", passfile="/dev/null")
    server.leave()
    assert server_pid(var) is None


@pytest.mark.slow
def test_a_database_whose_making_was_cut_short_is_made_anew(server, var):
    unfinished = var / "postgres" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not unfinished.exists()


@pytest.mark.slow
def test_processes_share_one_server_and_the_last_one_stops_it(server, var, user):
    server.attach()
    first = server_pid(var)
    other = user(var)
    assert other.stdout.readline() == "attached\n"
    assert server_pid(var) == first
    others = server.leave()
    assert [name.split()[0] for name in others] == [str(other.pid)]
    assert server_pid(var) == first
    assert other.communicate("")[0] == "[]\n"
    assert server_pid(var) is None


@pytest.mark.slow
def test_many_processes_that_start_together_get_one_server(var, user):
    processes = [user(var) for _ in range(4)]
    assert [process.stdout.readline() for process in processes] == ["attached\n"] * 4
    assert server_pid(var)


@pytest.mark.slow
def test_the_server_stops_when_its_only_user_is_killed(var, user):
    only = user(var)
    assert only.stdout.readline() == "attached\n"
    assert server_pid(var)
    only.kill()
    wait_for(lambda: server_pid(var) is None)
    wait_for(lambda: not place_of(var).control.exists())


@pytest.mark.slow
def test_the_server_stops_when_its_guardian_is_killed_and_comes_back_when_needed(server, var):
    server.attach()
    first = server_pid(var)
    os.kill(guardian_pid(first), signal.SIGKILL)
    wait_for(lambda: server_pid(var) != first)
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert server.news() == ["The database's guardian was gone; another one has taken its place."]


@pytest.mark.slow
def test_a_killed_server_is_started_again_with_what_was_committed(server, var):
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first = server_pid(var)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: server_pid(var) not in (None, first))
    with connect(server) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert any("starting it again" in line for line in server.news())
    assert server.news() == []


@pytest.mark.slow
def test_everything_killed_at_once_is_recovered_by_the_next_start(server, var, user):
    other = user(var)
    assert other.stdout.readline() == "attached\n"
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    pid = server_pid(var)
    for victim in (other.pid, guardian_pid(pid), pid):
        os.kill(victim, signal.SIGKILL)
    with connect(server) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


@pytest.mark.slow
def test_a_stale_pid_that_is_somebody_elses_by_now_is_left_in_peace(server, var):
    server.attach()
    place = place_of(var)
    pid_file = (place.data / "postmaster.pid").read_text().split("\n", 1)[1]
    server.leave()
    owner = server_owner(place)
    bystander = subprocess.Popen(["sleep", "60"], user=owner.switch_uid, group=owner.switch_gid)
    try:
        (place.data / "postmaster.pid").write_text(f"{bystander.pid}\n{pid_file}")
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        server.leave()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.slow
def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(var):
    deep = var / ("deep-" * 20) / "var"
    server = EmbeddedServer(deep, QUICK)
    address = server.attach()
    assert len(str(address.host / ".s.PGSQL.65535")) <= SOCKET_PATH_BYTES
    assert address.host.stat().st_mode & 0o777 == 0o700
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.leave()
    shutil.rmtree(address.host)


@pytest.mark.slow
def test_a_socket_folder_others_can_enter_is_refused(var):
    server = EmbeddedServer(var / ("deep-" * 20), QUICK)
    run = place_of(var / ("deep-" * 20)).run
    run.mkdir(mode=0o777)
    run.chmod(0o777)
    try:
        with pytest.raises(DatabaseUnavailable, match="not private to its owner"):
            server.attach()
    finally:
        run.rmdir()


@pytest.mark.slow
def test_tcp_answers_only_when_asked_for_and_with_the_password(var, free_port):
    server = EmbeddedServer(var, QUICK, listen="127.0.0.1", port=free_port)
    address = server.attach()
    password = address.passfile.read_text().strip().rpartition(":")[2]
    url = f"postgresql://courrielleur:{{}}@127.0.0.1:{free_port}/courrielleur"
    with psycopg.connect(url.format(password)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.format("guess"))
    server.leave()


@pytest.mark.slow
def test_a_port_that_is_taken_is_named(var):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DatabaseUnavailable, match=f"Port {port} on 127.0.0.1 is taken"):
            EmbeddedServer(var, QUICK, listen="127.0.0.1", port=port).attach()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnavailable, match="the folder of the database can't be made"):
        EmbeddedServer(tmp_path / "file" / "var").attach()


def test_a_disk_without_room_is_said_before_anything_is_written(var, monkeypatch):
    place = place_of(var)
    place.home.mkdir(parents=True)
    monkeypatch.setattr(cluster, "NEEDED_BYTES", 10**18)
    with pytest.raises(DatabaseUnavailable, match="MB are free and a new database needs"):
        cluster.create(place, server_owner(place), Path("/usr/bin"))
    assert list(place.home.iterdir()) == []


def test_data_of_another_major_version_is_not_touched(var):
    place = place_of(var)
    place.data.mkdir(parents=True)
    (place.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(DatabaseUnavailable, match="written by PostgreSQL 11"):
        cluster.programs(place, Owner("somebody", 1, 1))


@pytest.mark.slow
def test_programs_in_a_private_environment_are_copied_and_run(var, monkeypatch):
    place = place_of(var)
    place.home.mkdir(parents=True)
    place.home.chmod(0o755)
    owner = server_owner(place)
    monkeypatch.setattr(cluster, "can_enter", lambda folder, owner: False)
    bin_dir = cluster.programs(place, owner)
    assert bin_dir.is_relative_to(place.home)
    assert cluster.programs(place, owner) == bin_dir
    cluster.create(place, owner, bin_dir, sync=False)
    assert (place.data / "PG_VERSION").exists()


def test_a_link_to_a_folder_that_is_gone_is_no_reason_to_begin_anew(var):
    var.mkdir()
    (var / "postgres").symlink_to(var / "elsewhere")
    with pytest.raises(DatabaseUnavailable, match="elsewhere, which is gone"):
        place_of(var)


# Root and plain users -------------------------------------------------------------------------------------------------

only_as_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")


@pytest.fixture
def plain(var) -> dict[str, object]:
    """How to start a process as a plain user with an interpreter that user may run."""
    if not can_enter(ROOT):
        pytest.skip("a plain user can't read this checkout, so none can run it")
    nobody = pwd.getpwnam("nobody")
    interpreter = Path(sys.executable).resolve()
    if not can_enter(interpreter.parent):
        copy = var.parent / "python"
        leave_out = shutil.ignore_patterns("test", "site-packages", "__pycache__", "share", "include", "*.a")
        shutil.copytree(sys.base_prefix, copy, symlinks=True, ignore=leave_out)
        copy.chmod(0o755)
        interpreter = copy / "bin" / interpreter.name
    packages = os.pathsep.join(path for path in sys.path if "site-packages" in path)
    return {
        "interpreter": str(interpreter),
        # The copy's own shared library, not one of another build that the system may have.
        "env": {**os.environ, "PYTHONPATH": packages, "LD_LIBRARY_PATH": str(interpreter.parent.parent / "lib")},
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
    }


@only_as_root
@pytest.mark.slow
def test_a_plain_user_runs_the_server_as_themselves(var, user, plain):
    var.mkdir()
    os.chown(var, plain["user"], plain["group"])
    process = user(var, **plain)
    assert process.stdout.readline() == "attached\n"
    assert Path(f"/proc/{server_pid(var)}").stat().st_uid == plain["user"]
    assert process.communicate("")[0] == "[]\n"
    assert server_pid(var) is None


@only_as_root
@pytest.mark.slow
def test_root_leaves_a_plain_users_database_usable_to_them(server, var, user, plain):
    var.mkdir()
    os.chown(var, plain["user"], plain["group"])
    assert user(var, **plain).communicate("")[0] == "attached\n[]\n"
    if not can_enter(Path(sys.executable).resolve().parent):
        # The owner can't run root's private interpreter: that is said, and nothing is left that would stop them.
        with pytest.raises(DatabaseUnavailable, match="Run the command as nobody"):
            server.attach()
    else:
        server.attach()
        server.leave()
    assert user(var, **plain).communicate("")[0] == "attached\n[]\n"


@only_as_root
@pytest.mark.slow
def test_a_plain_user_is_told_whose_database_it_is(server, var, user, plain):
    server.attach()
    output, told = user(var, **plain).communicate("")
    assert output == ""
    assert told.strip() == (
        f"{var}/postgres: the embedded database belongs to root and this user may not use it. "
        "Run the command as root, or name another folder in COURRIELLEUR_VAR_DIR."
    )


@only_as_root
@pytest.mark.slow
def test_as_root_the_server_runs_as_a_user_of_its_own_in_no_other_group(server, var):
    server.attach()
    status = Path(f"/proc/{server_pid(var)}/status").read_text()
    ids = {line.split(":")[0]: line.split()[1:] for line in status.splitlines() if line[:3] in {"Uid", "Gid", "Gro"}}
    owner = server_owner(place_of(var))
    assert owner.uid != 0
    assert pwd.getpwuid(owner.uid).pw_gid == owner.gid != 0
    assert (set(ids["Uid"]), set(ids["Gid"]), ids["Groups"]) == ({str(owner.uid)}, {str(owner.gid)}, [])


@only_as_root
@pytest.mark.slow
def test_a_checkout_in_a_private_folder_keeps_its_data_elsewhere_and_its_folder_private(server, var):
    var.parent.chmod(0o700)
    address = server.attach()
    try:
        assert (var / "postgres").is_symlink()
        assert address.passfile.parent.parent == FALLBACK_HOME
        assert var.parent.stat().st_mode & 0o777 == 0o700
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.leave()
        shutil.rmtree(address.passfile.parent)
