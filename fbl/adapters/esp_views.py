"""django-anymail's webhook views, one for each provider: who signed a request, and which events are in it.

Each endpoint has a secret of its own, so views are made for an endpoint, not from the settings.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from time import time
from typing import Any

from anymail.exceptions import AnymailNotSupportedWarning, AnymailWebhookValidationFailure
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.http import HttpRequest
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from fbl.adapters import sns

# We know that Anymail's author has no SendGrid account any more; its webhook view is tested here.
warnings.filterwarnings("ignore", category=AnymailNotSupportedWarning)

# Providers without a signature of their own: a user name and a password in the address, made by us.
PASSWORD_PROVIDERS = frozenset({"postmark", "mailjet", "brevo", "sparkpost"})


# Mailgun tries again for eight hours. Source: documentation.mailgun.com, "Webhooks".
OLDEST_SIGNATURE_SECONDS = 12 * 3600
MOST_SECONDS_AHEAD = 3600  # of its clock before ours


class BadSecret(ValueError):
    """The secret is not of the form this provider gives."""


class SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # django-anymail has no types
    """Checks the signature of SNS itself; Anymail's own view relies on a password, and needs boto3."""

    warn_if_no_basic_auth = False

    def __init__(self, topic_arn: str, get: sns.Fetch = sns.fetch) -> None:
        if not sns.TOPIC_ARN.match(topic_arn):
            raise BadSecret("write the ARN of the SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME")
        AnymailBaseWebhookView.__init__(self)
        self.topic_arn, self.get = topic_arn, get

    def validate_request(self, request: HttpRequest) -> None:
        try:
            sns.verify(self._parse_sns_message(request), self.topic_arn, self.get)
        except sns.NotFromOurTopic as error:
            raise AnymailWebhookValidationFailure(str(error)) from error

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """Confirm nothing here: the door does it once, when the request comes (`webhooks.receive`)."""


class MailgunView(MailgunTrackingWebhookView):  # type: ignore[misc]  # django-anymail has no types
    """Refuses old signatures: Mailgun signs a moment and a token, and not what it tells.

    Whoever has seen one request could else tell us anything for ever.
    """

    def validate_request(self, request: HttpRequest) -> None:
        super().validate_request(request)
        try:
            is_json = request.content_type == "application/json"
            told = json.loads(request.body)["signature"] if is_json else request.POST
            age = time() - float(told["timestamp"])
        except (KeyError, TypeError, ValueError) as error:
            raise AnymailWebhookValidationFailure("a signature of no moment") from error
        if not -MOST_SECONDS_AHEAD < age < OLDEST_SIGNATURE_SECONDS:
            raise AnymailWebhookValidationFailure("an old signature")


class ResendView(ResendTrackingWebhookView):  # type: ignore[misc]  # django-anymail has no types
    """Checks the signature with the library that signs our own webhooks: Svix's scheme became Standard Webhooks."""

    def __init__(self, secret: str) -> None:
        try:
            self._webhook = Webhook(secret)
        except (ValueError, EmptyWebhookSecretError) as error:
            raise BadSecret("copy the signing secret whole: whsec_…") from error
        self._svix_webhook = None
        self.warn_if_no_basic_auth = False
        AnymailBaseWebhookView.__init__(self)

    def validate_request(self, request: HttpRequest) -> None:
        named = {
            f"webhook-{part}": request.headers.get(f"svix-{part}", "") for part in ("id", "timestamp", "signature")
        }
        try:
            self._webhook.verify(request.body, named, json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise AnymailWebhookValidationFailure("a wrong signature") from error


def _sendgrid(key: str) -> AnymailBaseWebhookView:
    if not key:
        raise BadSecret("copy the verification key of the signed event webhook")
    try:
        return SendGridTrackingWebhookView(tracking_webhook_verification_key=key)
    except ValueError as error:
        raise BadSecret("this is not a public key in base64; copy the verification key whole") from error


def _mailgun(key: str) -> AnymailBaseWebhookView:
    if not key or not key.isascii():
        raise BadSecret("copy the HTTP webhook signing key")
    return MailgunView(webhook_signing_key=key)


def _with_password(view: type[AnymailBaseWebhookView]) -> Callable[[str], AnymailBaseWebhookView]:
    def make(password: str) -> AnymailBaseWebhookView:
        if ":" not in password:
            raise BadSecret("write USER:PASSWORD")
        return view(webhook_secret=[password])

    return make


_MAKERS: Mapping[str, Callable[[str], AnymailBaseWebhookView]] = {
    "amazon_ses": SesView,
    "sendgrid": _sendgrid,
    "mailgun": _mailgun,
    "postmark": _with_password(PostmarkTrackingWebhookView),
    "mailjet": _with_password(MailjetTrackingWebhookView),
    "brevo": _with_password(BrevoTrackingWebhookView),
    "sparkpost": _with_password(SparkPostTrackingWebhookView),
    "resend": ResendView,
}
PROVIDERS = (*_MAKERS, "mandrill")


def view_for(provider: str, secret: str, url: str) -> AnymailBaseWebhookView:
    """Return the view that checks and reads requests of an endpoint. Raises `BadSecret`.

    *url* is the endpoint's address as the provider knows it: Mandrill signs it too.
    """
    if provider == "mandrill":
        if not secret or not secret.isascii():
            raise BadSecret("copy the key of the webhook")
        return MandrillCombinedWebhookView(webhook_key=secret, webhook_url=url)
    return _MAKERS[provider](secret)


def reader_for(provider: str) -> AnymailBaseWebhookView:
    """Return a view that only reads: the door has checked, and the secret may have changed since."""
    if provider == "sendgrid":
        return SendGridTrackingWebhookView(webhook_secret=["any:any"])
    placeholders = {"amazon_ses": "arn:aws:sns:ca-central-1:000000000000:any", "resend": "whsec_AAAA"}
    return view_for(provider, placeholders.get(provider, "any:any"), "")
