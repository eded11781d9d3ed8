"""Endpoints: where signed orders go, each with its own secret."""

import base64
import json
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from abuse.adapters.destinations import DestinationRefused, check_url
from abuse.adapters.enforcers import Message
from abuse.models import Endpoint, EnforcementOrder, Standing
from abuse.services import orders, standings
from courrielleur import vault
from courrielleur.accounts.models import Reseller
from courrielleur.ids import uuid7
from courrielleur.jobs.queue import nudge

SECRET_PREFIX = "whsec_"  # noqa: S105  # marks a secret, is none
SECRET_BYTES = 32  # Standard Webhooks: 24 to 64
BOTH_SIGN = timedelta(days=1)  # after a secret was changed
MOST_ENDPOINTS = 20  # of one owner: every order goes to each of them


@transaction.atomic
def create_endpoint(*, url: str, reseller: Reseller | None = None, now: datetime | None = None) -> tuple[Endpoint, str]:
    """Return a new endpoint and its secret, which is shown this once.

    What is suspended at this moment is ordered to it at once: a new MTA must not send for accounts that were
    stopped before it came. Raises `ValidationError` for a URL that is refused, taken, or one too many.
    """
    now = now or timezone.now()
    url = url.strip()
    try:
        check_url(url)
    except DestinationRefused as error:
        raise ValidationError({"url": str(error)}) from error
    orders.lock_channels(exclusive=True)
    live = Endpoint.objects.filter(reseller=reseller, kind=Endpoint.Kind.WEBHOOK, disabled_at=None)
    if live.filter(url=url).exists():
        raise ValidationError({"url": _("There is an endpoint with this URL already.")})
    if live.count() >= MOST_ENDPOINTS:
        words = _("There are %(n)s endpoints already. Disable one first.") % {"n": MOST_ENDPOINTS}
        raise ValidationError({"url": words})
    secret = _new_secret()
    endpoint = Endpoint(url=url, secret=vault.encrypt_text(secret), reseller=reseller)
    endpoint.full_clean(exclude=["secret"])
    endpoint.save(force_insert=True)
    tell_what_is_stopped(endpoint, now)
    return endpoint, secret


@transaction.atomic
def disable_endpoint(endpoint: Endpoint, reason: str, *, now: datetime | None = None) -> None:
    """Send nothing more to *endpoint*. Orders that wait for it are skipped, with the reason."""
    now = now or timezone.now()
    Endpoint.objects.filter(pk=endpoint.pk, disabled_at=None).update(disabled_at=now, disabled_reason=reason[:200])
    EnforcementOrder.objects.filter(
        endpoint=endpoint, state__in=[EnforcementOrder.State.PENDING, EnforcementOrder.State.DEAD]
    ).update(state=EnforcementOrder.State.SKIPPED, ended_at=now, last_error=f"endpoint disabled: {reason}"[:300])


def test_message(endpoint: Endpoint, now: datetime) -> Message:
    """Return a signed message that orders nothing."""
    body = {"type": "endpoint.test", "timestamp": orders.stamp(now), "data": {"endpoint": str(endpoint.pk)}}
    return Message(
        id=f"msg_{uuid7().hex}",
        url=endpoint.url,
        secret=secret_of(endpoint),
        body=json.dumps(body, separators=(",", ":")).encode(),
        kind=endpoint.kind,
        config=endpoint.config,
    )


def rotate_secret(endpoint: Endpoint, now: datetime) -> str:
    """Give a webhook a new secret and return it, this once. The former one signs beside it for a day.

    So the other side can change over without missing an order (Standard Webhooks: several signatures in one header).
    """
    secret = _new_secret()
    until = orders.stamp(now + BOTH_SIGN)
    former = secret_of(endpoint, now).split()[0]
    Endpoint.objects.filter(pk=endpoint.pk).update(secret=vault.encrypt_text(f"{secret} {former} {until}"))
    return secret


def secret_of(endpoint: Endpoint, now: datetime | None = None) -> str:
    """Return the endpoint's secret in clear; empty when its kind needs none.

    Of a webhook whose secret was changed within a day: the new one and the former, with a space between.
    """
    secret = vault.decrypt_text(endpoint.secret) if endpoint.secret else ""
    newest, _space, rest = secret.partition(" ")
    if not secret.startswith(SECRET_PREFIX) or not rest:
        return secret
    former, _space, until = rest.partition(" ")
    return f"{newest} {former}" if orders.stamp(now or timezone.now()) < until else newest


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def tell_what_is_stopped(endpoint: Endpoint, now: datetime) -> None:
    """Order *endpoint*, which is new, to stop what is stopped. Call it with the channels locked for yourself."""
    stopped = Q(level__in=standings.STOPPED) | Q(level=Standing.Level.HOLD, held_campaign__gt="")
    told = Standing.objects.filter(stopped).select_related("account__reseller")
    if endpoint.reseller_id is not None:
        told = told.filter(account__reseller=endpoint.reseller_id)
    for standing in (found := list(told.order_by("pk"))):
        orders.restate(standing, endpoint, now=now)
    if found:
        nudge("river")
