"""Sign mails as feeds do (DKIM), with a key of the tests' own, and publish that key in a zone of the tests' own."""

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.dns_server import Zone

SIGNED = (b"from", b"to", b"subject", b"date", b"content-type", b"mime-version")


@cache
def key(name: str = "feed") -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


def publish(zone: Zone, domain: str, selector: str = "s1", name: str = "feed") -> None:
    public = key(name).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    zone.records[f"{selector}._domainkey.{domain}"] = f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def signed(
    raw: bytes,
    domain: str,
    selector: str = "s1",
    *,
    name: str = "feed",
    fields: tuple[bytes, ...] = SIGNED,
    **options: object,
) -> bytes:
    """Return the mail with a DKIM signature on top."""
    private = key(name).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    signature: bytes = dkim.sign(
        raw, selector.encode(), domain.encode(), private, include_headers=list(fields), **options
    )
    return signature + raw
