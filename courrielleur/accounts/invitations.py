"""Ask people in by e-mail, let them in, and out again. Each step leaves an `AccessEvent`.

A link is signed and good once, until its invitation expires, is taken back, or its letter is sent again. Who invites
is told the same whether the address is known or not.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import AccessEvent, Account, Invitation, Membership, Reseller, User
from courrielleur.accounts.people import Place
from courrielleur.accounts.permissions import Role

SEND_AGAIN_AFTER = timedelta(minutes=5)
_DAY = timedelta(days=1)
_SALT = "invitation"


class InvitationRefused(Exception):
    """Not now, or not so. The message says what to do."""


class InvitationGone(Exception):
    """The link is forged, used, outdated or taken back: which of these, nobody is told."""


def invite_by_mail(place: Place, email: str, language: str, actor: Actor, now: datetime) -> Invitation:
    """Keep an invitation; its letter goes out with the next delivery. Raises `InvitationRefused`.

    An address that is invited to the place already gets a letter again, in the role asked for last.
    """
    email = email.lower()
    here = {"reseller": place.reseller, "account": place.account}
    with transaction.atomic():
        _hold(place)
        if Membership.objects.filter(user__email=email, **here).exists():
            raise InvitationRefused(_("%(email)s is here already.") % {"email": email})
        known = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, **here).first()
        if known is not None:
            return _send_again(known, actor, now, role=place.role, language=language)
        _refuse_too_many(place, now)
        invitation = Invitation.objects.create(
            email=email,
            language=language,
            role=place.role.value,
            invited_by=actor.user,
            invited_by_label=actor.label[:150],
            created_at=now,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
            next_attempt_at=now,
            **here,
        )
        _tell(AccessEvent.Kind.INVITED, invitation.email, invitation, actor, now)
    return invitation


def send_again(invitation: Invitation, actor: Actor, now: datetime) -> Invitation:
    """Send a new letter, with a new link and a new end.

    Raises `InvitationRefused`, and `Invitation.DoesNotExist` when it was answered in the meantime.
    """
    with transaction.atomic():
        held = _held(invitation)
        return _send_again(held, actor, now, role=Role(held.role), language=held.language)


def take_back(invitation: Invitation, actor: Actor, now: datetime) -> None:
    """Make the link worthless. Raises `Invitation.DoesNotExist` when it was answered in the meantime."""
    with transaction.atomic():
        held = _held(invitation)
        held.revoked_at, held.next_attempt_at = now, None
        held.save(update_fields=["revoked_at", "next_attempt_at"])
        _tell(AccessEvent.Kind.REVOKED, held.email, held, actor, now)


def remove(membership: Membership, actor: Actor, now: datetime) -> None:
    """Take a person's role in a place; what they invited to there is taken back too. Raises `InvitationRefused`."""
    user = membership.user
    if actor.user is not None and user.pk == actor.user.pk:
        raise InvitationRefused(_("Nobody removes themself: ask a colleague."))
    with transaction.atomic():
        _tell(AccessEvent.Kind.REMOVED, user.email, membership, actor, now)
        membership.delete()
        mine = Invitation.objects.filter(invited_by=user, accepted_at=None, revoked_at=None)
        if membership.reseller_id is not None:
            mine = mine.filter(Q(reseller=membership.reseller_id) | Q(account__reseller=membership.reseller_id))
        elif membership.account_id is not None:
            mine = mine.filter(account=membership.account_id)
        for invitation in mine:
            take_back(invitation, actor, now)


def token_of(invitation: Invitation) -> str:
    return signing.dumps([invitation.pk.hex, invitation.serial], salt=_SALT)


def invitation_in(token: str, now: datetime) -> Invitation:
    """Return the invitation a link leads to. Raises `InvitationGone`."""
    try:
        name, serial = signing.loads(token, salt=_SALT)
        waiting = Invitation.objects.select_related("reseller", "account").filter(accepted_at=None, revoked_at=None)
        return waiting.get(pk=UUID(hex=name), serial=serial, expires_at__gt=now)
    except (signing.BadSignature, ValueError, TypeError, Invitation.DoesNotExist) as error:
        raise InvitationGone from error


def is_known(invitation: Invitation) -> bool:
    """Whether the address belongs to a person already. For who holds the link, never for who invites."""
    return User.objects.filter(email=invitation.email).exists()


def come_in_new(invitation: Invitation, *, name: str, password: str, language: str, now: datetime) -> User:
    """Make the person and let them in. Raises `InvitationGone` when somebody was quicker."""
    with transaction.atomic():
        held = _held_by_guest(invitation)
        if is_known(held):
            raise InvitationGone
        user = User.objects.create_user(held.email, password, name=name, language=language)
        _let_in(held, user, now)
    return user


def come_in(invitation: Invitation, user: User, now: datetime) -> None:
    """Give a known person the role. Raises `InvitationGone` when it is not theirs, or gone."""
    with transaction.atomic():
        held = _held_by_guest(invitation)
        if user.email != held.email or not user.is_active:
            raise InvitationGone
        _let_in(held, user, now)


def _let_in(invitation: Invitation, user: User, now: datetime) -> None:
    # A role the person got in another way in the meantime stays as it is.
    Membership.objects.get_or_create(
        user=user, reseller=invitation.reseller, account=invitation.account, defaults={"role": invitation.role}
    )
    invitation.accepted_at, invitation.next_attempt_at = now, None
    invitation.save(update_fields=["accepted_at", "next_attempt_at"])
    _tell(AccessEvent.Kind.ACCEPTED, user.email, invitation, Actor(label=user.name, user=user), now)


def _send_again(invitation: Invitation, actor: Actor, now: datetime, *, role: Role, language: str) -> Invitation:
    if invitation.sent_at is not None and now - invitation.sent_at < SEND_AGAIN_AFTER:
        raise InvitationRefused(_("A letter went out minutes ago. Give it time to arrive."))
    _refuse_too_many(Place(role, invitation.reseller, invitation.account), now)
    invitation.role, invitation.language = role.value, language
    invitation.serial += 1
    invitation.attempts, invitation.next_attempt_at = 0, now
    invitation.expires_at = now + timedelta(days=settings.INVITATION_DAYS)
    invitation.save()
    _tell(AccessEvent.Kind.RESENT, invitation.email, invitation, actor, now)
    return invitation


def _refuse_too_many(place: Place, now: datetime) -> None:
    """Bound the letters that one reseller, or the platform's own team, sends to strangers in a day."""
    reseller = place.reseller or (place.account.reseller if place.account else None)
    whose = Q(reseller=reseller) | Q(account__reseller=reseller) if reseller else Q(reseller=None, account=None)
    kinds = (AccessEvent.Kind.INVITED, AccessEvent.Kind.RESENT)
    sent = AccessEvent.objects.filter(whose, kind__in=kinds, at__gt=now - _DAY).count()
    if sent >= settings.INVITATIONS_PER_DAY:
        raise InvitationRefused(
            _("%(n)s invitations went out in the last 24 hours. Invite the others tomorrow.") % {"n": sent}
        )


def _hold(place: Place) -> None:
    """Let one invitation to a place be written at a time, so that no address is invited to it twice."""
    if place.account is not None:
        Account.objects.select_for_update().get(pk=place.account.pk)
    elif place.reseller is not None:
        Reseller.objects.select_for_update().get(pk=place.reseller.pk)


def _held(invitation: Invitation) -> Invitation:
    waiting = Invitation.objects.select_for_update(of=["self"]).select_related("reseller", "account__reseller")
    return waiting.get(pk=invitation.pk, accepted_at=None, revoked_at=None)


def _held_by_guest(invitation: Invitation) -> Invitation:
    try:
        return _held(invitation)
    except Invitation.DoesNotExist as error:
        raise InvitationGone from error


def _tell(kind: str, email: str, about: Invitation | Membership, actor: Actor, now: datetime) -> None:
    if actor.user is None:
        raise InvitationRefused(_("A person lets people in or out, not a key."))
    AccessEvent.objects.create(
        at=now,
        kind=kind,
        by=actor.user,
        by_label=actor.label[:150],
        email=email,
        role=about.role,
        reseller=about.reseller,
        account=about.account,
    )
