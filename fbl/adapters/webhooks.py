"""The door for webhooks of e-mail providers: a signed request is stored and answered; the worker reads it later."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest, QueryDict

from fbl.adapters import sns
from fbl.adapters.esp_views import PASSWORD_PROVIDERS, reader_for, view_for
from fbl.core.esp import Told, document
from fbl.services import endpoints
from fbl.services.endpoints import Outcome, Post

logger = logging.getLogger(__name__)

POSTS_AT_ONCE = 20
_IN_LISTS = frozenset({"sendgrid", "mailjet", "sparkpost"})  # their events come as a list, even a single one
_FORM = "application/x-www-form-urlencoded"


class Refused(Exception):
    """The request is not signed as the endpoint's secret asks."""

    def __init__(self, reason: str, *, asks_for_password: bool = False) -> None:
        super().__init__(reason)
        self.asks_for_password = asks_for_password


def address_of(provider: str, token: str) -> str:
    """Return the address of an endpoint, as it is written into the provider's console."""
    return f"{settings.PUBLIC_URL}/api/v1/esp/{provider}/{token}/"


def receive(provider: str, token: str, request: HttpRequest, now: datetime) -> None:
    """Check who sent *request* and store its body; when this returns it is on disk.

    Raises `UnknownEndpoint`, `Refused`, and `sns.SnsUnavailable` when the provider must come again.
    """
    endpoint = endpoints.find(provider, token)
    view = view_for(provider, endpoint.secret, address_of(provider, token))
    _check(view, provider, request)
    if isinstance(message := _sns_message(provider, request.body), dict):
        sns.confirm(message, getattr(view, "get", sns.fetch))
    post = Post(body=request.body, content_type=request.content_type or "", event_id=request.headers.get("svix-id", ""))
    endpoints.store(endpoint, post, now)


def unpack(now: datetime) -> int:
    """Turn stored requests into stored reports; one transaction each. Return how many requests were read."""
    done = 0
    while done < POSTS_AT_ONCE:
        with transaction.atomic():
            taken = endpoints.take()
            if taken is None:
                break
            outcome = events_in(taken.provider, taken.post)
            endpoints.finish(taken, outcome, now)
        done += 1
    return done


def _check(view: AnymailBaseWebhookView, provider: str, request: HttpRequest) -> None:
    try:
        view.run_validators(request)
    except sns.SnsUnavailable:
        raise
    except Exception as error:
        # A body that no validator foresaw is as little signed as one with a wrong signature.
        logger.info("a request to an endpoint of %s was refused: %s", provider, type(error).__name__)
        raise Refused(type(error).__name__, asks_for_password=provider in PASSWORD_PROVIDERS) from error


def events_in(provider: str, post: Post) -> Outcome:
    """Return the documents of a stored request. One event that finds a hole in a reader costs no other."""
    view = reader_for(provider)
    outcome = Outcome()
    try:
        parts = list(_parts(provider, post))
    except Exception as error:  # nothing in a stored request may keep the requests behind it from being read
        outcome.error = f"This is not what {provider} sends ({type(error).__name__})."
        return outcome
    for raw, body, content_type in parts:
        try:
            told = [_told(provider, event, raw) for event in view.parse_events(_request(body, content_type, post))]
        except Exception as error:
            logger.warning("an event of %s could not be read: %s", provider, type(error).__name__)
            outcome.damaged += 1
            told = [Told("unknown", description=type(error).__name__, raw=raw)]
        outcome.events += len(told)
        outcome.documents += [kept for one in told if (kept := document(provider, one)) is not None]
    return outcome


def _parts(provider: str, post: Post) -> Iterator[tuple[Any, bytes, str]]:
    """Yield each event of a request, and the request it would have come in alone."""
    if provider == "mandrill":
        for event in json.loads(QueryDict(post.body)["mandrill_events"]):
            yield event, urlencode({"mandrill_events": json.dumps([event])}).encode(), _FORM
        return
    if provider == "mailgun" and post.content_type == _FORM:
        yield QueryDict(post.body).dict(), post.body, _FORM
        return
    data = json.loads(post.body)
    for event in data if isinstance(data, list) else [data]:
        alone = [event] if provider in _IN_LISTS else event
        yield event, json.dumps(alone).encode(), "application/json"


def _request(body: bytes, content_type: str, post: Post) -> WSGIRequest:
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
    }
    if post.event_id:
        environ["HTTP_SVIX_ID"] = post.event_id
    return WSGIRequest(environ)


def _told(provider: str, event: AnymailTrackingEvent, raw: Any) -> Told:
    event_id = str(event.event_id or "")
    if provider == "mailgun" and isinstance(raw, dict):
        # Anymail's id is the signature's token, new at each try; the event's own is the same.
        data = raw.get("event-data")
        event_id = str(data.get("id") or "") if isinstance(data, dict) else ""
        raw = {name: part for name, part in raw.items() if name != "signature"}
    elif provider == "amazon_ses":
        raw = event.esp_event
    return Told(
        event_type=str(event.event_type),
        recipient=_text(event.recipient),
        event_id=event_id,
        at=event.timestamp,
        message_id=_text(event.message_id),
        description=_text(event.description),
        mta_response=_text(event.mta_response),
        metadata=event.metadata if isinstance(event.metadata, dict) else None,
        raw=raw,
    )


def _sns_message(provider: str, body: bytes) -> Any:
    """Return the request of SNS to confirm a subscription; None for all else."""
    if provider != "amazon_ses":
        return None
    message = json.loads(body)
    return message if message.get("Type") == "SubscriptionConfirmation" else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
