"""The policy server's copy: what is in it, what is kept of it on disk, and how long it is believed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from abuse.core.delegation import Key, StoppedNames
from abuse.models import Endpoint, EnforcementOrder
from abuse.services import mtas, policy_copy, suspensions
from abuse.services.policy_copy import Copy
from abuse.services.policy_server import Keeper, Plan, rule_of
from courrielleur.accounts.models import SendingAsset
from tests.worlds import NOON, make_account, make_reseller

Kind = SendingAsset.Kind
ALL = (Key.SASL_USERNAME, Key.SENDER_DOMAIN, Key.CLIENT_ADDRESS)
STOPPED = {"sasl_username": "acme"}


def keeper(path: Path, *, is_open: bool = True) -> Keeper:
    rule = rule_of((Key.SASL_USERNAME,), "REJECT Stopped", is_open=is_open)
    return Keeper(Plan("mx1", rule, "{account}", path, 30.0, timedelta(minutes=60)), lambda text: None)


def saved(path: Path, *, age: timedelta) -> Path:
    names = StoppedNames({Key.SASL_USERNAME: frozenset({"acme"})})
    policy_copy.save(Copy(datetime.now(UTC) - age, names), path)
    return path


@pytest.mark.django_db(transaction=True)
def test_a_stopped_account_is_known_by_its_user_name_and_by_what_it_sends_from() -> None:
    acme, zenith = make_account(), make_account("zenith")
    for account, kind, value, retired in (
        (acme, Kind.DOMAIN, "Acme.example.com", None),
        (acme, Kind.DOMAIN, "old.example.com", NOON),
        (acme, Kind.IP, "192.0.2.7", None),
        (zenith, Kind.IP, "192.0.2.8", None),
    ):
        SendingAsset.objects.create(kind=kind, value=value, account=account, retired_at=retired)
    endpoint = mtas.add("postfix", name="mx1", now=NOON)
    suspensions.impose(acme, now=NOON, reason="x")

    copy = policy_copy.read(endpoint, ALL, "{account}@smtp.example.com", NOON)

    assert copy.stopped.names == {
        Key.SASL_USERNAME: {"acme@smtp.example.com"},
        Key.SENDER_DOMAIN: {"acme.example.com"},
        Key.CLIENT_ADDRESS: {"192.0.2.7"},
    }
    assert list(copy.orders) == list(EnforcementOrder.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_the_account_of_another_reseller_is_not_in_the_copy_of_this_ones_server() -> None:
    acme = make_account()
    suspensions.impose(acme, now=NOON, reason="x")
    endpoint = mtas.add("postfix", name="mx1", now=NOON)
    assert len(policy_copy.read(endpoint, ALL, "{account}", NOON).stopped) == 1
    Endpoint.objects.filter(pk=endpoint.pk).update(reseller=make_reseller("austral"))
    assert len(policy_copy.read(Endpoint.objects.get(), ALL, "{account}", NOON).stopped) == 0


def test_what_is_kept_is_what_is_loaded_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "deep" / "mx1.json", age=timedelta(0))
    kept = policy_copy.load(path)
    assert kept is not None
    assert kept.stopped.names == {Key.SASL_USERNAME: {"acme"}}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["mx1.json"]


def test_a_kept_copy_answers_at_once(tmp_path: Path) -> None:
    found = keeper(saved(tmp_path / "mx1.json", age=timedelta(minutes=59)))
    assert found.respond(STOPPED) == "REJECT Stopped"
    assert found.respond({"sasl_username": "zenith"}) == "DUNNO"


@pytest.mark.parametrize(("is_open", "action"), [(True, "DUNNO"), (False, "DEFER_IF_PERMIT 4.3.0")])
def test_a_copy_grown_too_old_leaves_the_answer_to_the_fail_mode(tmp_path: Path, is_open: bool, action: str) -> None:
    found = keeper(saved(tmp_path / "mx1.json", age=timedelta(minutes=61)), is_open=is_open)
    for name in ("acme", "zenith"):
        assert found.respond({"sasl_username": name}).startswith(action)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"version": 2, "as_of": "2026-11-20T12:00:00+00:00", "names": {}}',
        b'{"version": 1, "as_of": "yesterday", "names": {}}',
        b'{"version": 1, "as_of": "2026-11-20T12:00:00+00:00", "names": {"unknown": []}}',
        b'{"version": 1, "as_of": "2026-11-20T12:00:00+00:00", "names": {"sasl_u',
        b"\xff\xfe",
    ],
)
def test_what_can_not_be_read_is_no_copy(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mx1.json").write_bytes(data)
    assert policy_copy.load(tmp_path / "mx1.json") is None
    assert keeper(tmp_path / "mx1.json").respond(STOPPED) == "DUNNO"


@pytest.mark.django_db(transaction=True)
def test_a_refresh_keeps_the_copy_before_it_confirms_an_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = mtas.add("postfix", name="mx1", now=NOON)
    suspensions.impose(make_account(), now=timezone.now(), reason="x")
    found = keeper(tmp_path / "mx1.json")

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(policy_copy, "confirm", killed)
        with pytest.raises(KeyboardInterrupt):
            found.refresh(endpoint)
    assert found.respond(STOPPED) == "REJECT Stopped"
    assert keeper(tmp_path / "mx1.json").respond(STOPPED) == "REJECT Stopped"
    assert EnforcementOrder.objects.get().state == "pending"

    found.refresh(endpoint)
    assert EnforcementOrder.objects.get().state == "delivered"
