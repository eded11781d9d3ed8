"""A small platform for the pages: two resellers, a suspended account, a person for each role."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.utils import timezone

from abuse.models import Case
from abuse.services import suspensions
from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account, User
from courrielleur.accounts.permissions import Role
from tests.worlds import make_account, make_reseller


@dataclass
class Platform:
    """`mine` is a client of the reseller the people belong to, `other` of a stranger."""

    mine: Account
    other: Account
    case: Case
    other_case: Case
    people: dict[str, User] = field(default_factory=dict)

    def browser(self, who: str, language: str = "en") -> Client:
        """Return a browser in which that person is logged in, reading *language*."""
        user = self.people[who]
        accounts.set_language(user, language)
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


@pytest.fixture
def platform(db: None) -> Platform:
    boreal, harbour = make_reseller("boreal"), make_reseller("harbour", language="en")
    mine, other = make_account("acme", reseller=boreal), make_account("zenith", reseller=harbour)
    now = timezone.now()
    cases = [suspensions.impose(account, now=now, reason="Deux listes achetées.").case for account in (mine, other)]
    invite: Callable[..., User] = accounts.invite
    people = {
        role.value: invite(email=f"{role}@example.com", name=role.value.title(), role=role)
        for role in (Role.AGENT, Role.SPECIALIST, Role.LEAD, Role.ADMIN)
    }
    people["owner"] = invite(email="owner@example.com", name="Owner", role=Role.RESELLER_OWNER, reseller=boreal)
    people["member"] = invite(email="member@example.com", name="Member", role=Role.RESELLER_MEMBER, reseller=boreal)
    people["client"] = invite(email="client@example.com", name="Client", role=Role.CLIENT, account=mine)
    people["nobody"] = User.objects.create_user("nobody@example.com", name="Nobody")
    return Platform(mine, other, *cases, people=people)
