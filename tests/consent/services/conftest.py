"""A stopped account with its case, and the people who meet in it."""

import pytest

from abuse.models import Case
from abuse.services import suspensions
from courrielleur.accounts import services as accounts
from courrielleur.accounts.actors import Actor, for_user
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role
from tests.worlds import NOON, make_account

COMPLETE = {
    "last_used": {"date": "2026-03-21"},
    "sign_up": {"text": "Un formulaire et une case à cocher."},
    "expected": {"answer": "yes", "detail": "Une infolettre par mois leur est promise."},
    "sign_up_urls": {"urls": ["https://www.example.com/infolettre"]},
    "handling": {"text": "Marie les retire chaque matin."},
    "same_domain": {"answer": "yes"},
    "direct_relation": {"answer": "yes", "detail": "Chacun a acheté chez nous."},
    "methods": {"methods": ["single_opt_in"]},
}


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def case(account: Account) -> Case:
    """A case whose account was suspended by hand: it waits for the client."""
    suspensions.impose(account, now=NOON, reason="essai")
    return Case.objects.get()


@pytest.fixture
def anne(db: None) -> Actor:
    """Anne decides cases."""
    return _person("anne", Role.SPECIALIST)


@pytest.fixture
def luc(db: None) -> Actor:
    """Luc decides cases too."""
    return _person("luc", Role.SPECIALIST)


@pytest.fixture
def bob(db: None) -> Actor:
    """Bob works on cases, and decides none."""
    return _person("bob", Role.AGENT)


@pytest.fixture
def marie(account: Account) -> Actor:
    """Marie answers for the reseller."""
    return _person("marie", Role.RESELLER_MEMBER, reseller=account.reseller)


def _person(name: str, role: Role, **scope: object) -> Actor:
    user = accounts.invite(
        email=f"{name}@example.com",
        name=name.title(),
        language="fr",
        role=role,
        **scope,
    )
    return for_user(user)
