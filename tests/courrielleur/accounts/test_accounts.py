"""Who sees whom, and which key opens what."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from courrielleur.accounts import actors, selectors, services
from courrielleur.accounts.models import Account, ApiKey, Membership, Reseller, SendingAsset
from courrielleur.accounts.permissions import PERMISSIONS, Permission, Role, Scope
from tests.worlds import make_account, make_reseller

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    boreal, austral = make_reseller("boreal"), make_reseller("austral", language="en")
    return {
        "boreal": boreal,
        "austral": austral,
        "acme": make_account("acme", reseller=boreal),
        "bolt": make_account("bolt", reseller=boreal),
        "coda": make_account("coda", reseller=austral),
    }


def seen_by(actor: actors.Actor) -> set[str]:
    return {account.key for account in selectors.accounts_for(actor)}


def test_staff_sees_all_a_reseller_its_own_a_client_itself(world):
    agent = services.invite(email="a@desk.example", name="A", role=Role.AGENT)
    owner = services.invite(email="o@boreal.example", name="O", role=Role.RESELLER_OWNER, reseller=world["boreal"])
    client = services.invite(email="c@acme.example", name="C", role=Role.CLIENT, account=world["acme"])
    nobody = services.invite(email="n@example.net", name="N", role=Role.CLIENT, account=world["coda"])
    nobody.memberships.all().delete()

    assert seen_by(actors.for_user(agent)) == {"acme", "bolt", "coda"}
    assert seen_by(actors.for_user(owner)) == {"acme", "bolt"}
    assert seen_by(actors.for_user(client)) == {"acme"}
    assert seen_by(actors.for_user(nobody)) == set()


def test_an_inactive_person_sees_and_may_nothing(world):
    agent = services.invite(email="a@desk.example", name="A", role=Role.ADMIN)
    agent.is_active = False
    actor = actors.for_user(agent)

    assert seen_by(actor) == set()
    assert actor.permissions == frozenset()


def test_a_stranger_is_told_that_the_account_does_not_exist(world):
    owner = services.invite(email="o@boreal.example", name="O", role=Role.RESELLER_OWNER, reseller=world["boreal"])
    with pytest.raises(Account.DoesNotExist):
        selectors.account_for(actors.for_user(owner), "coda")
    with pytest.raises(Reseller.DoesNotExist):
        selectors.reseller_for(actors.for_user(owner), "austral")


def test_every_role_has_a_row_in_the_permission_table():
    assert set(PERMISSIONS) == set(Role)
    assert not any(Permission.SEE_DESK in PERMISSIONS[role] for role in Role if not role.is_staff)


def test_a_role_needs_its_scope(world):
    user = services.invite(email="a@desk.example", name="A", role=Role.AGENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, role=Role.AGENT, reseller=world["boreal"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, role=Role.CLIENT)


def test_a_key_opens_what_its_owner_sees(world):
    for owner, expected in [
        ({}, {"acme", "bolt", "coda"}),
        ({"reseller": world["boreal"]}, {"acme", "bolt"}),
        ({"account": world["coda"]}, {"coda"}),
    ]:
        key, _ = services.issue_key(label="k", scopes=[Scope.STANDING_READ], **owner)
        assert seen_by(actors.for_key(key)) == expected


def test_the_secret_is_shown_once_and_only_its_digest_is_kept(world):
    key, secret = services.issue_key(label="k", scopes=[Scope.STANDING_READ], account=world["acme"])

    found = services.key_for(secret, ip="192.0.2.1", now=timezone.now())

    assert found == key
    stored = ApiKey.objects.get()
    assert secret not in str(vars(stored))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda key, secret: secret + "x",
        lambda key, secret: "ck_nothing",
        lambda key, secret: "",
        lambda key, secret: secret[:-1],
    ],
)
def test_a_wrong_secret_is_refused(break_it):
    key, secret = services.issue_key(label="k", scopes=[Scope.STANDING_READ])
    with pytest.raises(services.KeyRefused):
        services.key_for(break_it(key, secret), ip="192.0.2.1", now=timezone.now())


def test_expired_revoked_and_foreign_calls_are_refused():
    now = timezone.now()
    _, expired = services.issue_key(label="e", scopes=[Scope.STANDING_READ], expires_at=now - timedelta(seconds=1))
    revoked_key, revoked = services.issue_key(label="r", scopes=[Scope.STANDING_READ])
    services.revoke_key(revoked_key)
    _, inside = services.issue_key(label="n", scopes=[Scope.STANDING_READ], allowed_networks=["192.0.2.0/24"])

    for secret, ip in [(expired, "192.0.2.1"), (revoked, "192.0.2.1"), (inside, "198.51.100.1")]:
        with pytest.raises(services.KeyRefused):
            services.key_for(secret, ip=ip, now=now)
    assert services.key_for(inside, ip="192.0.2.77", now=now).label == "n"


def test_a_client_key_never_gets_a_scope_of_the_platform(world):
    with pytest.raises(ValidationError, match="reports:write"):
        services.issue_key(label="k", scopes=[Scope.REPORTS_WRITE], account=world["acme"])


def test_an_address_in_use_belongs_to_one_account_and_a_retired_one_to_the_next(world):
    asset = services.add_asset(account=world["acme"], kind="ip", value=" 192.0.2.25 ")
    with pytest.raises(ValidationError):
        services.add_asset(account=world["bolt"], kind="ip", value="192.0.2.25")
    asset.retired_at = timezone.now()
    asset.save(update_fields=["retired_at"])
    services.add_asset(account=world["bolt"], kind="ip", value="192.0.2.25")

    assert selectors.dedicated_addresses() == {"192.0.2.25": world["bolt"].pk}


def test_an_asset_is_dedicated_or_of_a_pool_never_both():
    with pytest.raises(IntegrityError), transaction.atomic():
        SendingAsset.objects.create(kind="ip", value="192.0.2.30")


def test_a_word_is_no_ip_address(world):
    with pytest.raises(ValidationError, match="n’importe"):
        services.add_asset(account=world["acme"], kind="ip", value="n’importe")


def test_the_first_person_of_an_installation_is_an_administrator(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "coquelicot-9-tiroirs")
    call_command("createsuperuser", "--noinput", "--email", "Anne@example.com", "--name", "Anne Roy", stdout=StringIO())
    member = Membership.objects.select_related("user").get()
    assert (member.user.email, member.role, member.reseller, member.account) == (
        "anne@example.com",
        Role.ADMIN,
        None,
        None,
    )
    assert member.user.check_password("coquelicot-9-tiroirs")
