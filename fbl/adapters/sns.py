"""Amazon SNS: is a message signed by SNS, and of our topic; and the confirmation of a subscription.

Source: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. The signature proves that SNS sent it,
the topic that it is ours: anybody may point a topic of their own at our address.
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

TOPIC_ARN = re.compile(r"arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]{4,30}:[0-9]{12}:[A-Za-z0-9_-]{1,256}\Z")
CERTIFICATE_BYTES = 20_000
TIMEOUT_SECONDS = 10.0

_HOST = re.compile(r"sns\.[a-z0-9-]{4,30}\.amazonaws\.com(\.cn)?\Z")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
# Version 1 is SHA-1 and still SNS's default; the certificate's key signs nothing else.
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}

Fetch = Callable[[str], bytes]


class NotFromOurTopic(Exception):
    """The message is not signed by SNS, or is of another topic."""


class SnsUnavailable(Exception):
    """SNS itself did not answer us; it will send the message again."""


def fetch(url: str) -> bytes:
    """Return what SNS serves at *url*. Raises `SnsUnavailable`."""
    try:
        answer = httpx.get(url, timeout=TIMEOUT_SECONDS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SnsUnavailable(type(error).__name__) from error
    if answer.status_code != 200 or len(answer.content) > CERTIFICATE_BYTES:
        raise SnsUnavailable(f"SNS answered {answer.status_code}")
    return answer.content


def verify(message: Mapping[str, Any], topic_arn: str, get: Fetch = fetch) -> None:
    """Raise `NotFromOurTopic` unless SNS signed *message* for *topic_arn*."""
    if not hmac.compare_digest(_bytes(message.get("TopicArn", "")), topic_arn.encode()):
        raise NotFromOurTopic("another topic")
    names = _SIGNED.get(str(message.get("Type")))
    algorithm = _HASHES.get(str(message.get("SignatureVersion")))
    if names is None or algorithm is None:
        raise NotFromOurTopic("an unknown type or version")
    url = _of_sns(message.get("SigningCertURL"))
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    try:
        signature = base64.b64decode(str(message.get("Signature", "")), validate=True)
        _public_key(url, get).verify(signature, _bytes(signed), padding.PKCS1v15(), algorithm())
    except (ValueError, InvalidSignature) as error:
        raise NotFromOurTopic("a wrong signature") from error


def confirm(message: Mapping[str, Any], get: Fetch = fetch) -> None:
    """Confirm the subscription that a verified *message* asks us to confirm. Raises `SnsUnavailable`."""
    get(_of_sns(message.get("SubscribeURL")))


def _of_sns(url: Any) -> str:
    """Return *url* if it is one of SNS: we fetch from nowhere else."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:  # "https://[": an address of nobody
        parts = None
    if parts is None or parts.scheme != "https" or not _HOST.match(parts.netloc):
        raise NotFromOurTopic("an address that is not of SNS")
    return str(url)


def _bytes(value: Any) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")  # JSON may hold half a surrogate pair; no signature fits it


@lru_cache(maxsize=16)
def _public_key(url: str, get: Fetch) -> rsa.RSAPublicKey:
    key = x509.load_pem_x509_certificate(get(url)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the certificate holds no RSA key")
    return key
