"""The keys of the house: personal data is encrypted for display and digested for matching.

Recipient addresses are matched by a keyed digest (HMAC-SHA-256, 16 bytes) whose key lives outside the
database, and shown to staff from an encrypted column; without the keys a stolen database names nobody.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

DIGEST_BYTES = 16


class CannotDecrypt(Exception):
    """The stored bytes were not written with any key in COURRIELLEUR_ENCRYPTION_KEYS."""


def digest_key() -> bytes:
    """Return the key of recipient digests. It never rotates: suppressions would lose their match."""
    key: bytes = settings.RECIPIENT_DIGEST_KEY
    return key


def reference_keys() -> Mapping[int, bytes]:
    """Return the keys of our own references by key id (0-255); the highest id mints, all of them read."""
    keys: Mapping[int, bytes] = settings.REFERENCE_KEYS
    return keys


def reply_keys() -> Sequence[bytes]:
    """Return the keys of the addresses that lead a reply back into its case; the first mints, all of them read."""
    keys: Sequence[bytes] = settings.REPLY_KEYS
    return keys


def encrypt(data: bytes) -> bytes:
    """Return *data* encrypted and authenticated with the newest key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(data)


def decrypt(data: bytes | memoryview) -> bytes:
    """Return what `encrypt` was given. Raises `CannotDecrypt`."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(bytes(data))
    except InvalidToken as error:
        raise CannotDecrypt("no key in COURRIELLEUR_ENCRYPTION_KEYS opens this value") from error


def encrypt_text(text: str) -> bytes:
    return encrypt(text.encode())


def decrypt_text(data: bytes | memoryview) -> str:
    return decrypt(data).decode()


def derive(secret: str, purpose: str) -> bytes:
    """Return a 32-byte key for one *purpose*, made from the installation's secret."""
    return hmac.new(secret.encode(), f"courrielleur/{purpose}/v1".encode(), hashlib.sha256).digest()


@cache
def _fernet(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
