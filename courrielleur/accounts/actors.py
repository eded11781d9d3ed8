"""Who is acting: a person, a key or the system itself, with what it may do and whose things it may touch."""

from dataclasses import dataclass, field, replace

from courrielleur.accounts.models import Account, ApiKey, User
from courrielleur.accounts.permissions import PERMISSIONS, Permission, Role, Scope


@dataclass(frozen=True)
class Actor:
    """`is_staff` sees every account; others see `account_ids` and all accounts of `reseller_ids`."""

    label: str
    user: User | None = None
    api_key: ApiKey | None = None
    permissions: frozenset[Permission] = frozenset()
    roles: frozenset[Role] = frozenset()
    is_staff: bool = False
    reseller_ids: frozenset[int] = field(default_factory=frozenset)
    account_ids: frozenset[int] = field(default_factory=frozenset)

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions

    def has_scope(self, scope: Scope) -> bool:
        return self.api_key is not None and scope in self.api_key.scopes


def acts_for(actor: Actor, account: Account) -> bool:
    """Whether *actor* touches the account in somebody else's place: through its reseller, not as a member of it."""
    return not actor.is_staff and account.pk not in actor.account_ids and account.reseller_id in actor.reseller_ids


def signature(actor: Actor, account: Account) -> str:
    """Return the name under which what *actor* does for the account is kept; with the reseller, in whose name it is."""
    return f"{actor.label} ({account.reseller.name})"[:150] if acts_for(actor, account) else actor.label[:150]


SYSTEM = Actor(label="Courrielleur", permissions=frozenset(Permission), is_staff=True)


def for_user(user: User) -> Actor:
    """Return what *user* may do. Someone inactive or without a membership may do nothing and sees nothing."""
    memberships = list(user.memberships.all()) if user.is_active else []
    roles = frozenset(Role(membership.role) for membership in memberships)
    return Actor(
        label=user.name or user.email,
        user=user,
        permissions=frozenset().union(*(PERMISSIONS[role] for role in roles)),
        roles=roles,
        is_staff=any(role.is_staff for role in roles),
        reseller_ids=frozenset(m.reseller_id for m in memberships if m.reseller_id is not None),
        account_ids=frozenset(m.account_id for m in memberships if m.account_id is not None),
    )


def narrowed(actor: Actor, permission: Permission) -> Actor:
    """Return the actor narrowed to where they have *permission*: each role gives a right for its own place only."""
    memberships = [
        membership
        for membership in (actor.user.memberships.all() if actor.user else ())
        if permission in PERMISSIONS[Role(membership.role)]
    ]
    return replace(
        actor,
        is_staff=any(Role(membership.role).is_staff for membership in memberships),
        reseller_ids=frozenset(m.reseller_id for m in memberships if m.reseller_id is not None),
        account_ids=frozenset(m.account_id for m in memberships if m.account_id is not None),
    )


def for_key(api_key: ApiKey) -> Actor:
    """Return what *api_key* sees: the whole platform, one reseller or one account. What it may do, its scopes say."""
    return Actor(
        label=api_key.label,
        api_key=api_key,
        is_staff=api_key.reseller_id is None and api_key.account_id is None,
        reseller_ids=frozenset([] if api_key.reseller_id is None else [api_key.reseller_id]),
        account_ids=frozenset([] if api_key.account_id is None else [api_key.account_id]),
    )
