"""Read the odd values of the environment; a bad one is refused with the name of its variable."""

import base64
import binascii
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RATE = re.compile(r"[1-9][0-9]{0,8}/(?:s|sec|second|m|min|minute|h|hour|d|day)")


def positive(name: str, text: str, *, at_least: int = 0, at_most: int | None = None) -> int:
    """Return a whole number of zero or more. Raises `ImproperlyConfigured` naming the variable."""
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name}: {text!r} is not a whole number. Write digits only, such as 600.")
    if int(text) < at_least:
        raise ImproperlyConfigured(f"{name}: {at_least} at least.")
    if at_most is not None and int(text) > at_most:
        raise ImproperlyConfigured(f"{name}: {at_most} at most.")
    return int(text)


def flag(name: str, text: str) -> bool:
    """Return yes or no. "oui" or "maybe" is refused: a guess would turn a protection off unseen."""
    try:
        return _FLAGS[text.strip().lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name}: {text!r} is neither true nor false.") from None


def choices(name: str, texts: list[str], known: tuple[str, ...]) -> frozenset[str]:
    """Return the named things. Raises `ImproperlyConfigured` for one that is not known: a protection would be off."""
    chosen = frozenset(text.strip().lower() for text in texts if text.strip())
    if unknown := sorted(chosen - set(known)):
        raise ImproperlyConfigured(f"{name}: {unknown[0]!r} is none of {', '.join(known)}.")
    return chosen


def one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    """Return the one named thing. Raises `ImproperlyConfigured` for one that is not known."""
    if (chosen := text.strip().lower()) not in known:
        raise ImproperlyConfigured(f"{name}: {text!r} is none of {', '.join(known)}.")
    return chosen


def web_address(name: str, text: str) -> str:
    """Return `https://host` or `http://host:port`, without a slash at its end."""
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ImproperlyConfigured(f"{name}: {text!r} is no address such as https://console.example.com.")
    return text.rstrip("/")


def domain(name: str, text: str) -> str:
    """Return a domain in lower case: addresses are compared with it."""
    bare = text.strip().lower()
    if not _DOMAIN.fullmatch(bare):
        raise ImproperlyConfigured(f"{name}: {text!r} is no domain such as bounce.example.com.")
    return bare


def time_zone(name: str, text: str) -> str:
    if text not in available_timezones():
        raise ImproperlyConfigured(f"{name}: {text!r} is no time zone such as America/Toronto.")
    return text


def rate(name: str, text: str) -> str:
    """Return how many calls in which time, as `600/min`."""
    if not _RATE.fullmatch(text):
        raise ImproperlyConfigured(f"{name}: {text!r} is no rate such as 600/min.")
    return text


def log_level(name: str, text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise ImproperlyConfigured(f"{name}: {text!r} is none of {', '.join(LOG_LEVELS)}.")
    return text.upper()


def mail_server(name: str, text: str) -> dict[str, object]:
    """Return Django's mail settings of a URL such as `smtp://user:password@host:587`."""
    try:
        return dict(environ.Env.email_url_config(text))
    except (ImproperlyConfigured, ValueError) as error:
        # The URL itself may hold a password.
        raise ImproperlyConfigured(f"{name}: write smtp://user:password@host:port, or smtp+tls://… for TLS.") from error


def key_list(name: str, text: str) -> list[bytes]:
    """Return 32-byte keys from base64, newest first, separated by commas; empty when *text* is empty."""
    return [_key(name, part) for part in text.split(",") if part.strip()]


def numbered_keys(name: str, text: str) -> dict[int, bytes]:
    """Return 32-byte keys by id from `2:base64,1:base64`; ids are 0 to 255."""
    keys: dict[int, bytes] = {}
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            continue
        number, colon, key = part.partition(":")
        if not colon or not number.isdecimal() or int(number) > 255:
            raise ImproperlyConfigured(f"{name}: write each key as ID:BASE64 with an id from 0 to 255.")
        keys[int(number)] = _key(name, key)
    return keys


def installation_secret(var_dir: Path) -> str:
    """Return the secret of this installation, made once in `var/secret` (mode 0600).

    Every process of the installation must see the same one: the first to create the file wins.
    """
    path = var_dir / "secret"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        fresh = var_dir / f".secret-{os.getpid()}"
        if not path.exists():
            fresh.write_text(secrets.token_urlsafe(48))
            fresh.chmod(0o600)
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path}: the installation's secret can't be kept there ({error.strerror}). "
            "Make the folder writable, or set COURRIELLEUR_SECRET_KEY."
        ) from error


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name}: a key is not base64.") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name}: a key has {len(key)} bytes and needs {KEY_BYTES}.")
    return key


def logging_to_stderr(level: str) -> dict[str, Any]:
    """Return the logging of every process: one line each on standard error, quiet where others talk too much."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {
            "handlers": ["stderr"],
            "level": level,
        },
        "loggers": {
            "django.request": {"level": "ERROR"},
            "mail.log": {"level": "WARNING"},
            "django-q": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }
