"""Where the data lives: the PostgreSQL of DATABASE_URL, or the embedded one in `var/postgres`.

Nothing is started when this is imported: the embedded server starts with the first connection a process makes
(`courrielleur.database.embedded`), is shared by all processes of the installation, and stops with the last of them.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

from courrielleur.database.place import DatabaseUnavailable
from courrielleur.database.server import EmbeddedServer, server_in

__all__ = ["DatabaseUnavailable", "EmbeddedServer", "server_in", "settings_for", "url_for"]

NAME = "courrielleur"
CONNECTION_SECONDS = 60  # kept open between requests and tasks; 4 to 7 times the tasks per second of a fresh one
_SHARED = {
    "CONN_MAX_AGE": CONNECTION_SECONDS,
    "CONN_HEALTH_CHECKS": True,
}


def settings_for(url: str, var_dir: Path) -> dict[str, Any]:
    """Return Django's DATABASES entry for *url*, or for the embedded server below *var_dir* when *url* is empty."""
    if not url:
        return {
            "ENGINE": "courrielleur.database.embedded",
            "NAME": NAME,
            "USER": NAME,
            "EMBEDDED_IN": str(var_dir),
            "EMBEDDED_OPTIONS": {},
            **_SHARED,
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL: {parts.scheme or 'no scheme'} is not supported. Courrielleur needs PostgreSQL 15 or later: "
            "write postgres://user:password@host:5432/name, or leave it empty for the embedded server."
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL: the name of the database is missing: postgres://user@host/NAME")
    try:
        port = str(parts.port or "")
    except ValueError as error:
        raise ImproperlyConfigured("DATABASE_URL: the port is not a number from 1 to 65535.") from error
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket folder can't stand in the host part of a URL: libpq's form is ?host=/folder&port=5432.
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or port,
        "OPTIONS": options,
        **_SHARED,
    }


def url_for(database: dict[str, Any]) -> str:
    """Return the DATABASE_URL that names the same database as the DATABASES entry *database*.

    An embedded server is named by its socket folder: the URL serves other processes while this one is attached.
    """
    if "EMBEDDED_IN" not in database:
        host, port = database.get("HOST", ""), database.get("PORT", "")
        user, password = database.get("USER", ""), database.get("PASSWORD", "")
        options = dict(database.get("OPTIONS", {}))
    else:
        address = server_in(Path(database["EMBEDDED_IN"]), database.get("EMBEDDED_OPTIONS", {})).attach()
        host, port, user, password = str(address.host), str(address.port), address.user, ""
        options = {"passfile": str(address.passfile)}
    query = {"host": host, "port": port, **options} if host.startswith("/") else options
    who = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    where = "" if host.startswith("/") else host + (f":{port}" if port else "")
    return f"postgres://{who}@{where}/{quote(database['NAME'], safe='')}" + (f"?{urlencode(query)}" if query else "")
