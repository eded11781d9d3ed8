"""The policy server's own copy of what is stopped: read from the database, kept on disk, confirmed to the outbox."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from abuse.adapters.enforcers import Told
from abuse.core.delegation import Key, StoppedNames
from abuse.core.mta_settings import fill
from abuse.core.stops import Stop
from abuse.models import Endpoint, EnforcementOrder
from abuse.selectors.stops import stops_for
from abuse.services import enforcement, reconciliation
from courrielleur.accounts.models import SendingAsset

VERSION = 1
_ASSETS = {Key.SENDER_DOMAIN: SendingAsset.Kind.DOMAIN, Key.CLIENT_ADDRESS: SendingAsset.Kind.IP}


@dataclass(frozen=True)
class Copy:
    """What is stopped, as of a moment (UTC)."""

    as_of: datetime
    stopped: StoppedNames
    stops: frozenset[Stop] = frozenset()
    orders: tuple[UUID, ...] = ()  # that this copy carries out, and nobody has confirmed yet


def read(endpoint: Endpoint, keys: Sequence[Key], username: str, now: datetime) -> Copy:
    """Return what the database says now. *username* is the template of SASL user names. One snapshot, few queries."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        waiting = EnforcementOrder.objects.filter(
            endpoint=endpoint, state__in=[EnforcementOrder.State.PENDING, EnforcementOrder.State.DEAD]
        )
        orders = tuple(waiting.order_by("pk").values_list("pk", flat=True))
        stops = frozenset(stop for stop in stops_for(endpoint) if not stop.campaign)
        names = {key: _names(key, stops, username) for key in keys}
    return Copy(now, StoppedNames(names), stops, orders)


def confirm(endpoint: Endpoint, copy: Copy, now: datetime) -> None:
    """Tell the outbox that *copy* is what the server answers from."""
    enforcement.confirm(endpoint, copy.orders, now)
    reconciliation.hear(endpoint, Told(copy.stops, names_campaigns=False), now)


def beat(endpoint: Endpoint, now: datetime) -> None:
    """Let the console know that the server still answers from what it last confirmed."""
    Endpoint.objects.filter(pk=endpoint.pk).update(heard_at=now)


def save(copy: Copy, path: Path) -> None:
    """Write *copy* so that whoever reads *path* finds the old one or the new one, whole."""
    value: dict[str, Any] = {
        "version": VERSION,
        "as_of": copy.as_of.isoformat(),
        "names": {key.value: sorted(names) for key, names in copy.stopped.names.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path) -> Copy | None:
    """Return what `save` wrote; None when there is nothing, or nothing that can be read."""
    try:
        value = json.loads(path.read_bytes())
        if value["version"] != VERSION:
            return None
        as_of = datetime.fromisoformat(value["as_of"]).astimezone(UTC)
        return Copy(as_of, StoppedNames({Key(key): frozenset(names) for key, names in value["names"].items()}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _names(key: Key, stops: frozenset[Stop], username: str) -> frozenset[str]:
    if key is Key.SASL_USERNAME:
        return frozenset(fill(username, stop).lower() for stop in stops)
    assets = SendingAsset.objects.filter(
        kind=_ASSETS[key], retired_at=None, account__key__in=[stop.account for stop in stops]
    )
    return frozenset(value.lower() for value in assets.values_list("value", flat=True))
