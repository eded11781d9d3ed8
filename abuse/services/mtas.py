"""The MTAs that obey us by other ways than a webhook: each machine is an endpoint of its own.

A cluster is as many endpoints as it has nodes, so that the order per account, the retries and the dead letters of one
node never hold up another's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abuse.core.mta_settings import KumoSettings, PmtaSettings, SettingRefused
from abuse.models import Endpoint
from abuse.services import endpoints, orders
from courrielleur import vault
from courrielleur.accounts.models import Reseller

Kind = Endpoint.Kind

MOST_MTAS = 200  # every order goes to each of them
CALLED = frozenset({Kind.KUMOMTA, Kind.PMTA})


@transaction.atomic
def add(
    kind: str,
    *,
    name: str,
    url: str = "",
    secret: str = "",
    config: Mapping[str, Any] | None = None,
    reseller: Reseller | None = None,
    now: datetime | None = None,
) -> Endpoint:
    """Return a new endpoint of *kind*; what is stopped at this moment is ordered to it at once.

    *secret* is `user:password` for an API that asks for one. Raises `ValidationError`, by field.
    """
    now = now or timezone.now()
    name, url = name.strip(), url.strip().rstrip("/")
    if kind not in {*CALLED, Kind.POSTFIX, Kind.PULL}:
        raise ValidationError({"kind": _("There is no such kind of MTA.")})
    _check_address(kind, url)
    _check_config(kind, config or {})
    if secret and ":" not in secret:
        raise ValidationError({"secret": _("Write user name and password as user:password.")})
    orders.lock_channels(exclusive=True)
    live = Endpoint.objects.exclude(kind=Kind.WEBHOOK).filter(disabled_at=None)
    if live.filter(kind=kind, name=name).exists():
        raise ValidationError({"name": _("There is an MTA of this name already.")})
    if url and live.filter(kind=kind, url=url).exists():
        raise ValidationError({"url": _("There is an MTA with this address already.")})
    if live.count() >= MOST_MTAS:
        raise ValidationError({"name": _("There are %(n)s MTAs already. Remove one first.") % {"n": MOST_MTAS}})
    endpoint = Endpoint(
        kind=kind,
        name=name,
        url=url,
        secret=vault.encrypt_text(secret) if secret else b"",
        config=dict(config or {}),
        reseller=reseller,
    )
    if not name:
        raise ValidationError({"name": _("Give the MTA a name.")})
    endpoint.full_clean(exclude=["secret"])
    endpoint.save(force_insert=True)
    endpoints.tell_what_is_stopped(endpoint, now)
    return endpoint


def enrolled(kind: str, name: str, now: datetime) -> Endpoint:
    """Return the endpoint of that *name*, made when there is none: a policy server that starts makes itself known.

    One that a person had removed comes back with what is stopped now: it runs, so it must be watched.
    """
    found = Endpoint.objects.filter(kind=kind, name=name, disabled_at=None).first()
    if found is not None:
        return found
    try:
        return add(kind, name=name, now=now)
    except ValidationError:
        return Endpoint.objects.get(kind=kind, name=name, disabled_at=None)  # another was a moment faster


def words_of(refused: SettingRefused) -> str:
    """Return what is wrong with a setting, in the person's language."""
    sentences = {
        "template": _("Write a name with a place in braces, such as acct-{account}; no other braces."),
        "no_place": _("The name must have its place in braces, or all accounts would share it."),
        "whole": _("Write a whole number from 1 to 720."),
        "mark": _("Write 3 to 40 letters, digits, spaces, dots, hyphens or underscores."),
        "host": _("Write a host name, without spaces or signs."),
        "path": _("Write a path that begins with a slash."),
        "both": _("Set both paths, to pause and to resume, or none."),
        "unknown": _("There is no such setting."),
    }
    return sentences.get(refused.code, _("This value can't be used."))


def _check_address(kind: str, url: str) -> None:
    if not url and kind == Kind.KUMOMTA:
        raise ValidationError(
            {"url": _("Write the address of the node's HTTP listener, such as http://192.0.2.10:8000.")}
        )
    if not url:
        return
    if kind not in CALLED:
        raise ValidationError({"url": _("An MTA of this kind calls us: it has no address.")})
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        raise ValidationError({"url": _("Write a complete URL, such as https://example.com/hooks.")})
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError({"url": _("Write the address alone: scheme, host, port, path.")})


def _check_config(kind: str, config: Mapping[str, Any]) -> None:
    try:
        if kind == Kind.KUMOMTA:
            KumoSettings.read(config)
        elif kind == Kind.PMTA:
            PmtaSettings.read(config)
        elif config:
            raise SettingRefused(next(iter(config)), "unknown")
    except SettingRefused as refused:
        raise ValidationError({f"config_{refused.name}": words_of(refused)}) from refused
