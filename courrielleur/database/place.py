"""Where the embedded server keeps its files, and the system user that may read them."""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path has 108 bytes on Linux and 104 elsewhere, with the closing zero.
SOCKET_PATH_BYTES = 103
FALLBACK_HOME = Path("/var/lib/courrielleur")
DEFAULT_USER = "courrielleur-db"
ALREADY_GUARDED = 75  # exit status of a guardian when another one has the lock


class DatabaseUnavailable(Exception):
    """The embedded server can't be had. The text says what, where, and what to do."""


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server. *home* survives; *run* holds the sockets and is private (0700)."""

    home: Path
    run: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def passfile(self) -> Path:
        """The superuser's password in libpq's form; who may read it may read everything."""
        return self.home / "passfile"

    @property
    def lock(self) -> Path:
        return self.home / "guardian.lock"

    @property
    def control(self) -> Path:
        return self.run / "guardian"

    @property
    def server_log(self) -> Path:
        return self.home / "server.log"

    @property
    def guardian_log(self) -> Path:
        return self.home / "guardian.log"


@dataclass(frozen=True)
class Owner:
    """The system user that `postgres` runs as; PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int

    # What `subprocess` needs to start a child as this user: only root can, the others are it already.
    @property
    def switch_uid(self) -> int | None:
        return self.uid if os.geteuid() == 0 else None

    @property
    def switch_gid(self) -> int | None:
        return self.gid if os.geteuid() == 0 else None

    @property
    def switch_groups(self) -> list[int] | None:
        return [] if os.geteuid() == 0 else None


def place_of(var_dir: Path) -> Place:
    """Return the place of the server of *var_dir*: `var/postgres`, unless another user could not get there.

    Started by root, `postgres` runs as its own user, who can't enter a checkout below a private folder such as
    /root. Folders of others are never opened for it: the data then lies in /var/lib/courrielleur, and
    `var/postgres` is a link to it.
    """
    wanted = var_dir.resolve() / "postgres"
    home = wanted
    if wanted.is_symlink():
        home = wanted.resolve()
        if not home.is_dir():
            raise DatabaseUnavailable(
                f"{wanted} leads to {home}, which is gone. Put the folder back; "
                "or, to begin with an empty database, remove the link."
            )
    elif not wanted.exists() and os.geteuid() == 0 and not can_enter(wanted.parent):
        home = FALLBACK_HOME / _digest(wanted)
    run = home / "run"
    if len(os.fsencode(run / ".s.PGSQL.65535")) > SOCKET_PATH_BYTES:
        run = Path("/tmp") / f"courrielleur-{_digest(home)}"  # noqa: S108  # its owner and mode are checked before use
    return Place(home, run)


def make_home(var_dir: Path, place: Place) -> None:
    """Make the folder of *place*, and the link to it from `var/postgres` when it lies elsewhere."""
    wanted = var_dir.resolve() / "postgres"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        place.home.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and place.home.stat().st_uid == 0:
            place.home.chmod(0o755)  # ours alone; what is private in it has its own mode
        if place.home != wanted and not wanted.is_symlink():
            wanted.symlink_to(place.home)
    except OSError as error:
        raise DatabaseUnavailable(
            f"{error.filename or place.home}: the folder of the database can't be made ({error.strerror}). "
            "Make it writable, name another folder in COURRIELLEUR_VAR_DIR, "
            "or name your own PostgreSQL in DATABASE_URL."
        ) from error


def check_run(place: Place) -> None:
    """Refuse a socket folder that somebody else made or can enter: it may lie in a folder all can write to."""
    status = place.run.lstat()
    trusted = {os.geteuid(), place.home.stat().st_uid}
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            trusted.add(pwd.getpwnam(_user_name()).pw_uid)
        if place.data.exists():
            trusted.add(place.data.stat().st_uid)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in trusted or status.st_mode & 0o077:
        raise DatabaseUnavailable(
            f"{place.run}: the folder of the database's socket is not private to its owner. "
            "Somebody else may have made it: look at it, then remove it."
        )


def server_owner(place: Place) -> Owner:
    """Return the system user `postgres` shall run as; make it when root needs one and there is none."""
    uid = os.geteuid()
    if uid == 0:
        if place.data.exists() and (uid := place.data.stat().st_uid) == 0:
            raise DatabaseUnavailable(
                f"{place.data} belongs to root, and PostgreSQL does not run as root. "
                f"Give it to a user of its own: chown -R {DEFAULT_USER}: {place.data}"
            )
        if uid == 0:
            return _own_user(_user_name())
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise DatabaseUnavailable(
            f"User id {uid} has no name in /etc/passwd, and PostgreSQL does not start without one. "
            "Add it, run as another user, or name your own PostgreSQL in DATABASE_URL."
        ) from error
    return Owner(entry.pw_name, uid, entry.pw_gid)


def can_enter(folder: Path, owner: Owner | None = None) -> bool:
    """Say whether *owner* (a stranger when None) may go through *folder* and every folder above it."""
    for step in [folder, *folder.parents]:
        try:
            status = step.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if owner and status.st_uid == owner.uid:
            bit = stat.S_IXUSR
        elif owner and status.st_gid == owner.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not status.st_mode & bit:
            return False
    return True


def _user_name() -> str:
    return os.environ.get("COURRIELLEUR_DATABASE_USER") or DEFAULT_USER


def _own_user(name: str) -> Owner:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        arguments += ["--shell", "/usr/sbin/nologin", "--comment", "Embedded PostgreSQL of Courrielleur", name]
        made = useradd and subprocess.run(  # noqa: S603  # the system's own program; the operator names the user
            [useradd, *arguments], capture_output=True, text=True, check=False
        )
        try:
            entry = pwd.getpwnam(name)
        except KeyError as error:
            why = made.stderr.strip() if made else "there is no useradd here"
            raise DatabaseUnavailable(
                f"PostgreSQL does not run as root, and the system user {name} can't be made ({why}). "
                "Start Courrielleur as a plain user, make that user yourself, or name another existing one in "
                "COURRIELLEUR_DATABASE_USER."
            ) from error
    return Owner(name, entry.pw_uid, entry.pw_gid)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]
