"""Make resellers, accounts, people and keys."""

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courrielleur.accounts.models import Account, ApiKey, Membership, Reseller, SendingAsset, User
from courrielleur.accounts.permissions import PLATFORM_ONLY_SCOPES, Role, Scope

KEY_PREFIX = "ck_"
RowT = TypeVar("RowT", Reseller, Account, SendingAsset, ApiKey)
LAST_USED_EVERY = timedelta(minutes=1)  # a row written on every call would be the slowest part of the call


class KeyRefused(Exception):
    """The key can't be used. The message says why, without telling a guesser which part was right."""


def create_reseller(*, key: str, name: str, language: str, notice_address: str) -> Reseller:
    """Raises `ValidationError` for a bad or taken key, language or address."""
    return _saved(Reseller(key=key, name=name, language=language, notice_address=notice_address))


def create_account(*, reseller: Reseller, key: str, name: str, language: str) -> Account:
    """Raises `ValidationError` for a bad or taken key or language."""
    return _saved(Account(reseller=reseller, key=key, name=name, language=language))


def add_asset(*, kind: str, value: str, account: Account | None = None, pool: str = "") -> SendingAsset:
    """Record an address or domain that mail leaves from: of one *account*, or of a shared *pool*."""
    if kind == SendingAsset.Kind.IP:
        try:
            value = str(ipaddress.ip_address(value.strip()))
        except ValueError as error:
            raise ValidationError({"value": _("%(value)s is not an IP address.") % {"value": value}}) from error
    else:
        value = value.strip().rstrip(".").lower()
    return _saved(SendingAsset(kind=kind, value=value, account=account, pool=pool))


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: Role,
    language: str = "fr",
    reseller: Reseller | None = None,
    account: Account | None = None,
    password: str | None = None,
) -> User:
    """Give a person a role; the person is made when the address is new. Without a password they ask for one."""
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name, language=language)
    Membership.objects.update_or_create(user=user, reseller=reseller, account=account, defaults={"role": role.value})
    return user


def set_language(user: User, language: str) -> None:
    user.language = language
    user.save(update_fields=["language"])


def set_shortcuts(user: User, *, enabled: bool) -> None:
    user.shortcuts_enabled = enabled
    user.save(update_fields=["shortcuts_enabled"])


def issue_key(
    *,
    label: str,
    scopes: Iterable[Scope],
    reseller: Reseller | None = None,
    account: Account | None = None,
    expires_at: datetime | None = None,
    allowed_networks: Iterable[str] = (),
    created_by: User | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key and its secret, which is shown this once: only its SHA-256 is stored.

    A fast hash is right here: the secret is 256 random bits, not a password.
    """
    scopes = sorted({Scope(scope) for scope in scopes})
    if (reseller or account) and (refused := PLATFORM_ONLY_SCOPES.intersection(scopes)):
        raise ValidationError(
            {"scopes": _("Only a key of the platform can have %(scopes)s.") % {"scopes": ", ".join(sorted(refused))}}
        )
    networks = []
    for network in allowed_networks:
        try:
            networks.append(str(ipaddress.ip_network(network.strip(), strict=False)))
        except ValueError as error:
            raise ValidationError(
                {"allowed_networks": _("%(network)s is not a network such as 192.0.2.0/24.") % {"network": network}}
            ) from error
    prefix = secrets.token_hex(6)
    secret = f"{KEY_PREFIX}{prefix}_{secrets.token_urlsafe(32)}"
    api_key = ApiKey(
        label=label,
        prefix=prefix,
        digest=hashlib.sha256(secret.encode()).digest(),
        reseller=reseller,
        account=account,
        scopes=[scope.value for scope in scopes],
        allowed_networks=networks,
        expires_at=expires_at,
        created_by=created_by,
    )
    return _saved(api_key), secret


def key_for(secret: str, *, ip: str, now: datetime) -> ApiKey:
    """Return the live key of *secret*, called from *ip*. Raises `KeyRefused`."""
    prefix = secret.removeprefix(KEY_PREFIX).partition("_")[0]
    api_key = ApiKey.objects.select_related("account", "reseller").filter(prefix=prefix[:12]).first()
    digest = hashlib.sha256(secret.encode()).digest()
    if api_key is None or not secrets.compare_digest(bytes(api_key.digest), digest):
        raise KeyRefused(_("This key is unknown. Check that it was copied whole."))
    if api_key.revoked_at is not None:
        raise KeyRefused(_("This key was revoked. Ask for a new one."))
    if api_key.expires_at is not None and api_key.expires_at <= now:
        raise KeyRefused(_("This key has expired. Ask for a new one."))
    networks = [ipaddress.ip_network(network) for network in api_key.allowed_networks]
    if networks and not any(ipaddress.ip_address(ip) in network for network in networks):
        raise KeyRefused(_("This key can't be used from your address."))
    if api_key.last_used_at is None or now - api_key.last_used_at > LAST_USED_EVERY:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)
    return api_key


def revoke_key(api_key: ApiKey) -> None:
    ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=timezone.now())


def _saved(row: RowT) -> RowT:
    row.full_clean()
    row.save(force_insert=True)
    return row
