"""Who is where, who was asked in, and where one may invite to. A stranger to a place sees nobody of it."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from courrielleur.accounts.actors import Actor, narrowed
from courrielleur.accounts.models import AccessEvent, Account, Invitation, Membership, Reseller
from courrielleur.accounts.permissions import STAFF, Permission, Role

MOST_CHOICES = 500  # resellers or accounts offered in one list; others are invited from their own page
RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True)
class Place:
    """What an invitation gives: a role, on the platform, at a reseller or for one account."""

    role: Role
    reseller: Reseller | None = None
    account: Account | None = None

    @property
    def key(self) -> str:
        owner = self.reseller or self.account
        return f"{self.role}:{owner.key if owner else ''}"


def manager(actor: Actor) -> Actor:
    """Return the actor narrowed to the places whose people they manage."""
    return narrowed(actor, Permission.MANAGE_PEOPLE)


def places_for(actor: Actor) -> list[Place]:
    """Return where the actor may invite people to, the first hundreds; any account has its own page."""
    of = manager(actor)
    mine = Reseller.objects.all() if of.is_staff else Reseller.objects.filter(pk__in=of.reseller_ids)
    staff = [Place(role) for role in Role if role in STAFF and of.is_staff]
    teams = [
        Place(role, reseller=one) for one in mine[:MOST_CHOICES] for role in (Role.RESELLER_MEMBER, Role.RESELLER_OWNER)
    ]
    clients = [] if of.is_staff else Account.objects.filter(reseller__in=of.reseller_ids)[:MOST_CHOICES]
    return [*staff, *teams, *(Place(Role.CLIENT, account=account) for account in clients)]


def members(actor: Actor, account: Account | None = None) -> QuerySet[Membership]:
    """Return who is in the places the actor manages, or in one account of theirs."""
    rows = Membership.objects.select_related("user", "reseller", "account").order_by("user__name", "pk")
    return _shown(rows, actor, account)


def waiting(actor: Actor, account: Account | None = None) -> QuerySet[Invitation]:
    """Return the invitations that nobody has answered yet, newest first; expired ones too."""
    return _shown(_unanswered().order_by("-created_at"), actor, account)


def history(actor: Actor, account: Account | None = None) -> QuerySet[AccessEvent]:
    """Return who let whom in or out, newest first."""
    return _shown(AccessEvent.objects.select_related("reseller", "account").order_by("-at"), actor, account)


def invitation_for(actor: Actor, invitation_id: UUID) -> Invitation:
    """Return one that waits. Raises `Invitation.DoesNotExist` for a stranger too."""
    return _managed(_unanswered(), actor).get(pk=invitation_id)


def membership_for(actor: Actor, membership_id: int) -> Membership:
    """Raises `Membership.DoesNotExist` for a stranger too."""
    return _managed(Membership.objects.select_related("user", "reseller", "account"), actor).get(pk=membership_id)


def _unanswered() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("reseller", "account")


def _shown(rows: QuerySet[RowT], actor: Actor, account: Account | None) -> QuerySet[RowT]:
    found = _managed(rows, actor)
    if account is not None:
        return found.filter(account=account)
    # The platform has too many clients for one page: their people are on the page of the account.
    return found.filter(account=None) if manager(actor).is_staff else found


def _managed(rows: QuerySet[RowT], actor: Actor) -> QuerySet[RowT]:
    of = manager(actor)
    if of.is_staff:
        return rows
    return rows.filter(Q(reseller__in=of.reseller_ids) | Q(account__reseller__in=of.reseller_ids))
