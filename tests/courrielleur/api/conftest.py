"""Callers of the API: the platform's key, a reseller's, an account's; and a stranger's."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from abuse.models import Case
from abuse.services import assessments, letters
from courrielleur.accounts import services
from courrielleur.accounts.models import Account, Reseller
from courrielleur.accounts.permissions import PLATFORM_ONLY_SCOPES, Scope
from fbl.models import HourlyCount

TENANT_SCOPES = frozenset(Scope) - PLATFORM_ONLY_SCOPES


@dataclass(frozen=True)
class House:
    """Boréal answers for Acme and Bistro; Austral for Cactus, which the others must never see."""

    boreal: Reseller
    austral: Reseller
    acme: Account
    bistro: Account
    cactus: Account


@pytest.fixture(autouse=True)
def _fresh_throttles(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        cache.clear()


@pytest.fixture
def house(db: None) -> House:
    boreal = services.create_reseller(key="boreal", name="Boréal", language="fr", notice_address="abus@example.net")
    austral = services.create_reseller(key="austral", name="Austral", language="en", notice_address="abuse@example.org")
    return House(
        boreal=boreal,
        austral=austral,
        acme=services.create_account(reseller=boreal, key="acme", name="Acme", language="fr"),
        bistro=services.create_account(reseller=boreal, key="bistro", name="Bistro", language="fr"),
        cactus=services.create_account(reseller=austral, key="cactus", name="Cactus", language="en"),
    )


Caller = Callable[..., APIClient]


@pytest.fixture
def caller(db: None) -> Caller:
    """Return a maker of clients: `caller(*scopes, reseller=…, account=…, language="en")`; no scope gives them all."""

    def make(*scopes: Scope, language: str = "en", **owner: Reseller | Account) -> APIClient:
        everything = TENANT_SCOPES if owner else frozenset(Scope)
        _key, secret = services.issue_key(label="test", scopes=scopes or everything, **owner)
        client = APIClient(raise_request_exception=True)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}", HTTP_ACCEPT_LANGUAGE=language)
        return client

    return make


@pytest.fixture
def platform(caller: Caller) -> APIClient:
    return caller()


@pytest.fixture
def case(house: House) -> Case:
    """Acme was stopped by the rule: ten days with 2 % of complaints, and its reseller was told."""
    now = timezone.now()
    this_hour = int(now.timestamp() // 3600)
    for day in range(2, 12):
        HourlyCount.objects.create(
            account_id=house.acme.pk,
            send_hour=this_hour - 24 * day,
            provider="yahoo",
            campaign="solde",
            delivered=5_000,
            complaints=100,
            hard_bounces=50,
        )
    assessments.assess([house.acme.pk], now)
    letters.send_due(now)
    return Case.objects.select_related("suspension").get(account=house.acme)
