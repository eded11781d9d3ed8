"""The keys of the house: personal data is encrypted for display and digested for matching.

Recipient addresses are matched by a keyed digest (HMAC-SHA-256, 16 bytes) whose key lives outside the
database, and shown to staff from an encrypted column; without the keys a stolen database names nobody.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from django.conf import settings

DIGEST_BYTES = 16
NONCE_BYTES = 12
_SIV = b"\x01"  # what a value written today begins with; a Fernet token begins with a letter


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


def encrypt(data: bytes, *, purpose: bytes | None = None) -> bytes:
    """Return *data* encrypted and authenticated with the newest key; with a *purpose* it opens for that alone.

    AES-256-GCM-SIV (RFC 8452): a nonce met twice by chance, after billions of values, tells no more than that two
    values are equal.
    """
    nonce = os.urandom(NONCE_BYTES)
    return _SIV + nonce + _ciphers(tuple(settings.ENCRYPTION_KEYS))[0].encrypt(nonce, data, purpose)


def encrypt_all(values: Sequence[bytes]) -> list[bytes]:
    """Return each of *values* as `encrypt` does, in half the time: cipher and chance are fetched once."""
    cipher = _ciphers(tuple(settings.ENCRYPTION_KEYS))[0].encrypt
    chance = os.urandom(NONCE_BYTES * len(values))
    nonces = [chance[at : at + NONCE_BYTES] for at in range(0, len(chance), NONCE_BYTES)]
    return [_SIV + nonce + cipher(nonce, value, None) for nonce, value in zip(nonces, values, strict=True)]


def decrypt(data: bytes | memoryview, *, purpose: bytes | None = None) -> bytes:
    """Return what `encrypt` was given for this *purpose*, by this release or one that wrote Fernet tokens.

    Raises `CannotDecrypt`. Fernet tokens know no purpose, so they open for none.
    """
    data, keys = bytes(data), tuple(settings.ENCRYPTION_KEYS)
    if data.startswith(_SIV):
        nonce, sealed = data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :]
        for cipher in _ciphers(keys):
            try:
                return cipher.decrypt(nonce, sealed, purpose)
            except (InvalidTag, ValueError):  # another key's, or cut short
                continue
    elif purpose is None:
        try:
            return _fernet(keys).decrypt(data)
        except InvalidToken:
            pass
    raise CannotDecrypt("no key in COURRIELLEUR_ENCRYPTION_KEYS opens this value")


def encrypt_text(text: str) -> bytes:
    return encrypt(text.encode())


def decrypt_text(data: bytes | memoryview) -> str:
    return decrypt(data).decode()


def derive(secret: str, purpose: str) -> bytes:
    """Return a 32-byte key for one *purpose*, made from the installation's secret."""
    return derive_bytes(secret.encode(), purpose)


def derive_bytes(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, f"courrielleur/{purpose}/v1".encode(), hashlib.sha256).digest()


@cache
def _ciphers(keys: tuple[bytes, ...]) -> list[AESGCMSIV]:
    return [AESGCMSIV(derive_bytes(key, "values")) for key in keys]


@cache
def _fernet(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
