"""Endpoints for the webhooks of e-mail providers: make them, find them, and keep what came until it is read."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from courrielleur import vault
from courrielleur.accounts.models import Account
from courrielleur.ids import uuid7
from courrielleur.jobs.queue import nudge
from fbl.core.told import Endpoint
from fbl.models import EspEndpoint, EspPost
from fbl.services import inbox
from fbl.services.inbox import Arrival

DOOR = "esp"
DOCUMENTS_AT_ONCE = 500


class UnknownEndpoint(LookupError):
    """No endpoint of this provider has this token, or it is retired."""


@dataclass(frozen=True)
class Found:
    id: int
    secret: str


@dataclass(frozen=True)
class Post:
    body: bytes
    content_type: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class Taken:
    """A stored request, locked until the transaction ends."""

    row: EspPost
    provider: str
    endpoint_key: str
    post: Post


@dataclass
class Outcome:
    """What was in a request."""

    documents: list[bytes] = field(default_factory=list)  # one for each event that is kept
    events: int = 0
    damaged: int = 0
    error: str = ""


def create(*, key: str, provider: str, secret: str, account: Account | None = None) -> tuple[EspEndpoint, str]:
    """Make an endpoint. Return it and its token, which nobody can show again."""
    token = secrets.token_urlsafe(32)
    endpoint = EspEndpoint.objects.create(
        key=key,
        provider=provider,
        account=account,
        token_digest=_digest(token),
        secret=vault.encrypt_text(secret),
    )
    return endpoint, token


def retire(key: str, now: datetime) -> None:
    """Close an endpoint: its address leads nowhere from now on. Raises `EspEndpoint.DoesNotExist`."""
    endpoint = EspEndpoint.objects.get(key=key, retired_at=None)
    endpoint.retired_at = now
    endpoint.save(update_fields=["retired_at"])


def find(provider: str, token: str) -> Found:
    row = EspEndpoint.objects.filter(provider=provider, token_digest=_digest(token), retired_at=None).first()
    if row is None:
        raise UnknownEndpoint
    return Found(row.pk, vault.decrypt_text(row.secret))


def store(endpoint: Found, post: Post, now: datetime) -> bool:
    """Store a request, once; False when it was here before. When this returns it is on disk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_esppost (id, endpoint_id, digest, received_at, body, content_type, event_id, state,"
            " events, kept, damaged, error) VALUES (%s, %s, %s, %s, %s, %s, %s, 'stored', 0, 0, 0, '')"
            " ON CONFLICT (endpoint_id, digest) DO NOTHING",
            [
                uuid7(),
                endpoint.id,
                hashlib.sha256(post.body).digest(),
                now,
                vault.encrypt(post.body),
                post.content_type[:100],
                post.event_id.replace("\x00", "")[:100],
            ],
        )
        is_new = bool(cursor.rowcount)
    nudge("river")
    return is_new


def take() -> Taken | None:
    """Return the oldest request that waits, locked; None when none does. Those another worker has are left to it."""
    row = (
        EspPost.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("endpoint")
        .filter(state=EspPost.State.STORED)
        .order_by("received_at", "id")
        .first()
    )
    if row is None:
        return None
    body = vault.decrypt(row.body) if row.body is not None else b""
    return Taken(row, row.endpoint.provider, row.endpoint.key, Post(body, row.content_type, row.event_id))


def finish(taken: Taken, outcome: Outcome, now: datetime) -> None:
    """Store the documents of a request as reports, and note what was in it."""
    row = taken.row
    for start in range(0, len(outcome.documents), DOCUMENTS_AT_ONCE):
        documents = outcome.documents[start : start + DOCUMENTS_AT_ONCE]
        witness = f"{DOOR} {taken.endpoint_key}"
        inbox.store([Arrival(raw, DOOR, row.received_at, witness=witness) for raw in documents])
    row.state = EspPost.State.UNREADABLE if outcome.error else EspPost.State.READ
    row.events, row.kept, row.damaged = outcome.events, len(outcome.documents), outcome.damaged
    row.error = outcome.error[:200]
    row.save(update_fields=["state", "events", "kept", "damaged", "error"])


def known() -> Mapping[str, Endpoint]:
    """Return what the reader must know of each endpoint, by the witness its reports bear.

    Retired ones too: what came while they stood counts.
    """
    rows = EspEndpoint.objects.values_list("key", "account_id")
    return {f"{DOOR} {key}": Endpoint(account_id) for key, account_id in rows}


def figures() -> list[dict[str, object]]:
    """Return each endpoint with what came to it, while its requests are kept."""
    rows = EspEndpoint.objects.select_related("account").annotate(
        requests=Count("posts"),
        events=Coalesce(Sum("posts__events"), 0),
        kept=Coalesce(Sum("posts__kept"), 0),
        damaged=Coalesce(Sum("posts__damaged"), 0),
        unreadable=Count("posts", filter=Q(posts__state=EspPost.State.UNREADABLE)),
        last=Max("posts__received_at"),
    )
    return [
        {
            "key": row.key,
            "provider": row.provider,
            "account": row.account.key if row.account else None,
            "is_open": row.retired_at is None,
            "requests": row.requests,
            "events": row.events,
            "kept": row.kept,
            "damaged": row.damaged,
            "unreadable": row.unreadable,
            "last": row.last.isoformat() if row.last else None,
        }
        for row in rows
    ]


def purge(now: datetime) -> int:
    """Forget the bodies of requests older than RAW_REPORT_DAYS. Return how many."""
    before = now - timedelta(days=settings.RAW_REPORT_DAYS)
    old = EspPost.objects.filter(received_at__lt=before, body__isnull=False).exclude(state=EspPost.State.STORED)
    return old.update(body=None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
