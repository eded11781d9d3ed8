"""Read the odd values of the environment; a bad one is refused with the name of its variable."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def positive(name: str, text: str) -> int:
    """Return a whole number of zero or more. Raises `ImproperlyConfigured` naming the variable."""
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name}: {text!r} is not a whole number. Write digits only, such as 600.")
    return int(text)


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
