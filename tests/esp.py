"""Requests as e-mail providers send and sign them, for the tests of the webhook door."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

TOPIC = "arn:aws:sns:ca-central-1:123456789012:rebonds"
CERTIFICATE_URL = "https://sns.ca-central-1.amazonaws.com/SimpleNotificationService-0.pem"
PASSWORD = "courrielleur:coquelicot"
RESEND_SECRET = "whsec_" + base64.b64encode(b"coquelicot" * 3).decode()


@dataclass(frozen=True)
class Signed:
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def extra(self) -> dict[str, str]:
        return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers}


@cache
def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def sns_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def sns_certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(sns_key().public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=2))
    made = builder.sign(sns_key(), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def secret_of(provider: str) -> str:
    """Return the secret that `sign` signs with."""
    if provider == "sendgrid":
        public = sendgrid_key().public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()
    return {"amazon_ses": TOPIC, "mailgun": "key-1", "mandrill": "key-2", "resend": RESEND_SECRET}.get(
        provider, PASSWORD
    )


def sign(provider: str, event: Any, url: str = "", *, message_id: str = "m-1", seconds_ago: float = 0) -> Signed:
    """Return the request in which *provider* sends *event*, in the shape its lists and envelopes have."""
    match provider:
        case "amazon_ses":
            return _sns(json.dumps(event), message_id)
        case "sendgrid":
            return _sendgrid(json.dumps(event if isinstance(event, list) else [event]).encode())
        case "mailgun":
            return _mailgun(event, seconds_ago)
        case "mandrill":
            return _mandrill(json.dumps(event if isinstance(event, list) else [event]), url)
        case "resend":
            return _resend(json.dumps(event), message_id, seconds_ago)
        case _:
            event = [event] if provider == "sparkpost" and not isinstance(event, list) else event
            password = base64.b64encode(PASSWORD.encode()).decode()
            return Signed(json.dumps(event).encode(), headers=(("Authorization", f"Basic {password}"),))


def forged(provider: str, signed: Signed) -> Signed:
    """Return the same request, signed by somebody who does not know the secret."""
    if provider == "mailgun":
        body = json.loads(signed.body)
        body["signature"]["signature"] = "0" * 64
        return Signed(json.dumps(body).encode())
    if provider == "amazon_ses":
        body = json.loads(signed.body)
        body["Message"] = body["Message"].replace("e", "a")
        return Signed(json.dumps(body).encode(), signed.content_type, signed.headers)
    wrong = {"Authorization": f"Basic {base64.b64encode(b'courrielleur:mimosa').decode()}"}
    is_password = dict(signed.headers).get("Authorization")
    headers = tuple((name, wrong[name] if is_password else value) for name, value in signed.headers)
    return Signed(signed.body if is_password else signed.body + b" &a=b", signed.content_type, headers)


def sns_message(kind: str, message: str, message_id: str = "m-1", **more: str) -> dict[str, str]:
    told = {"Type": kind, "MessageId": message_id, "TopicArn": TOPIC, "Message": message, **more}
    told |= {"Timestamp": "2026-11-20T12:00:00.000Z", "SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL}
    order = ("Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type")
    text = "".join(f"{name}\n{told[name]}\n" for name in order if name in told)
    signature = sns_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return told | {"Signature": base64.b64encode(signature).decode()}


def sns_request(told: dict[str, str]) -> Signed:
    headers = (("x-amz-sns-message-type", told["Type"]), ("x-amz-sns-message-id", told["MessageId"]))
    return Signed(json.dumps(told).encode(), "text/plain", headers)


def _sns(message: str, message_id: str) -> Signed:
    return sns_request(sns_message("Notification", message, message_id))


def _sendgrid(body: bytes) -> Signed:
    at = str(int(timezone.now().timestamp()))
    signature = sendgrid_key().sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
    prefix = "X-Twilio-Email-Event-Webhook-"
    text = base64.b64encode(signature).decode()
    return Signed(body, headers=((f"{prefix}Signature", text), (f"{prefix}Timestamp", at)))


@cache
def _this_run() -> float:
    """The same moment for all requests of a run: the same event is the same request."""
    return timezone.now().timestamp()


def _mailgun(event: Any, seconds_ago: float = 0) -> Signed:
    at = str(int(_this_run() - seconds_ago))
    signature = hmac.new(b"key-1", f"{at}token".encode(), hashlib.sha256).hexdigest()
    block = {"timestamp": at, "token": "token", "signature": signature}
    return Signed(json.dumps({"signature": block, "event-data": event}).encode())


def _mandrill(events: str, url: str) -> Signed:
    digest = hmac.new(b"key-2", f"{url}mandrill_events{events}".encode(), hashlib.sha1).digest()
    body = urlencode({"mandrill_events": events}).encode()
    signature = base64.b64encode(digest).decode()
    return Signed(body, "application/x-www-form-urlencoded", (("X-Mandrill-Signature", signature),))


def _resend(body: str, message_id: str, seconds_ago: float = 0) -> Signed:
    now = timezone.now() - timedelta(seconds=seconds_ago)
    signature = Webhook(RESEND_SECRET).sign(message_id, now, body)
    at = str(int(now.timestamp()))
    return Signed(
        body.encode(), headers=(("svix-id", message_id), ("svix-timestamp", at), ("svix-signature", signature))
    )


def bounce(provider: str, recipient: str = "marie@yahoo.ca", ref: str = "", said: str = "") -> dict[str, Any]:
    """Return the hard bounce of one mail as each provider tells it. *ref* travels in the metadata."""
    said = said or "550 5.1.1 <marie@yahoo.ca>: Recipient address rejected: User unknown"
    meta = {"courrielleur_ref": ref} if ref else {}
    at = int(datetime(2026, 11, 20, 11, tzinfo=UTC).timestamp())
    iso = "2026-11-20T11:00:00.000Z"
    headers = [{"name": name, "value": value} for name, value in (("X-Courrielleur-Ref", ref),) if ref]
    events: dict[str, dict[str, Any]] = {
        "amazon_ses": {
            "eventType": "Bounce",
            "mail": {"timestamp": iso, "messageId": "s-1", "destination": [recipient], "headers": headers},
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [{"emailAddress": recipient, "diagnosticCode": f"smtp; {said}"}],
            },
        },
        "sendgrid": {
            "event": "bounce",
            "type": "bounce",
            "email": recipient,
            "timestamp": at,
            "reason": said,
            "sg_event_id": "e-1",
            "smtp-id": "<s-1@example.com>",
            **meta,
        },
        "mailgun": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "id": "e-1",
            "timestamp": at,
            "recipient": recipient,
            "user-variables": meta,
            "delivery-status": {"message": said, "code": 550},
            "message": {"headers": {"message-id": "s-1@example.com"}},
        },
        "postmark": {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "ID": 4,
            "Email": recipient,
            "BouncedAt": iso,
            "Details": said,
            "MessageID": "s-1",
            "Metadata": meta,
        },
        "mailjet": {
            "event": "bounce",
            "time": at,
            "MessageID": 1,
            "email": recipient,
            "hard_bounce": True,
            "error_related_to": "recipient",
            "error": "user unknown",
            "smtp_reply": said,
            "Payload": json.dumps(meta),
        },
        "brevo": {
            "event": "hard_bounce",
            "email": recipient,
            "ts_epoch": at * 1000,
            "message-id": "<s-1@example.com>",
            "reason": said,
            "X-Mailin-custom": json.dumps(meta),
        },
        "sparkpost": {
            "msys": {
                "message_event": {
                    "type": "bounce",
                    "bounce_class": "10",
                    "raw_rcpt_to": recipient,
                    "timestamp": str(at),
                    "injection_time": iso,
                    "event_id": "e-1",
                    "transmission_id": "s-1",
                    "raw_reason": said,
                    "rcpt_meta": meta,
                }
            }
        },
        "mandrill": {
            "event": "hard_bounce",
            "ts": at,
            "_id": "s-1",
            "msg": {
                "_id": "s-1",
                "email": recipient,
                "ts": at,
                "metadata": meta,
                "bounce_description": "bad_mailbox",
                "diag": said,
            },
        },
        "resend": {
            "type": "email.bounced",
            "created_at": iso,
            "data": {
                "email_id": "s-1",
                "to": [recipient],
                "created_at": iso,
                "headers": headers,
                "bounce": {"type": "Permanent", "subType": "General", "message": "a hard bounce message"},
            },
        },
    }
    return events[provider]
