"""Which accounts, resellers and keys an actor sees. What it does not see does not exist: a door answers 404."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account, ApiKey, Reseller, SendingAsset, User


def accounts_for(actor: Actor) -> QuerySet[Account]:
    accounts = Account.objects.select_related("reseller")
    if actor.is_staff:
        return accounts
    return accounts.filter(Q(reseller__in=actor.reseller_ids) | Q(pk__in=actor.account_ids))


def resellers_for(actor: Actor) -> QuerySet[Reseller]:
    return Reseller.objects.all() if actor.is_staff else Reseller.objects.filter(pk__in=actor.reseller_ids)


def account_for(actor: Actor, key: str) -> Account:
    """Return the account of that key. Raises `Account.DoesNotExist` for a stranger too."""
    return accounts_for(actor).get(key=key)


def reseller_for(actor: Actor, key: str) -> Reseller:
    """Return the reseller of that key. Raises `Reseller.DoesNotExist` for a stranger too."""
    return resellers_for(actor).get(key=key)


def accounts_by_key(actor: Actor, keys: Iterable[str]) -> dict[str, Account]:
    return {account.key: account for account in accounts_for(actor).filter(key__in=set(keys))}


def assets_of(account: Account) -> QuerySet[SendingAsset]:
    return account.assets.filter(retired_at=None).order_by("kind", "value")


def dedicated_addresses() -> dict[str, int]:
    """Return the account id by IP address, for the addresses that belong to one account alone."""
    assets = SendingAsset.objects.filter(kind=SendingAsset.Kind.IP, account__isnull=False, retired_at=None)
    return {value: account_id for value, account_id in assets.values_list("value", "account_id") if account_id}


def shared_addresses() -> frozenset[str]:
    """Return the IP addresses of the shared pools."""
    assets = SendingAsset.objects.filter(kind=SendingAsset.Kind.IP, account=None, retired_at=None)
    return frozenset(assets.values_list("value", flat=True))


def keys_for(actor: Actor) -> QuerySet[ApiKey]:
    """Return the keys of the actor's own reseller or account; staff sees the platform's."""
    if actor.is_staff:
        return ApiKey.objects.filter(reseller=None, account=None).order_by("-created_at")
    return ApiKey.objects.filter(Q(reseller__in=actor.reseller_ids) | Q(account__in=accounts_for(actor))).order_by(
        "-created_at"
    )


def staff() -> QuerySet[User]:
    """Return the people of the abuse team, for assigning."""
    return User.objects.filter(is_active=True, memberships__reseller=None, memberships__account=None).distinct()
