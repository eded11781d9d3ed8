"""`manage.py mta`: JSON on stdout, words on stderr, 2 for what can't be used."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from abuse.models import Endpoint
from abuse.services import enforcement, suspensions
from tests.kumomta import Node, node
from tests.worlds import NOON, make_account, make_reseller

pytestmark = pytest.mark.django_db


@pytest.fixture
def kumo() -> Iterator[Node]:
    with node() as found:
        yield found


def run(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict]:
    call_command("mta", *words)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_mta_is_added_told_asked_and_removed(kumo: Node, capsys, tmp_path: Path) -> None:
    kumo.password = "us:s3cret"
    (tmp_path / "secret").write_text("us:s3cret\n")
    suspensions.impose(make_account(), now=NOON, reason="x")
    settings = ["--set", "tenant=acct-{account}", "--set", "hours=6", "--secret-file", str(tmp_path / "secret")]
    (line,) = run(capsys, "add", "kumomta", "kumo-1", "--url", kumo.url, *settings)
    assert (line["condition"], line["waiting"], line["holds"]) == ("new", 1, None)
    assert enforcement.deliver_due(NOON) == 0  # the order was given now, which is later
    Endpoint.objects.get().orders.update(next_attempt_at=NOON)
    assert enforcement.deliver_due(NOON) == 1
    assert [one.tenant for one in kumo.entries] == ["acct-acme"]
    (line,) = run(capsys, "ask")
    assert (line["condition"], line["waiting"], line["holds"], line["differences"]) == ("fine", 0, 1, [])
    assert run(capsys, "remove", "kumo-1") == []
    assert run(capsys, "list") == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "kumomta", "kumo-1"], "url: "),
        (["add", "kumomta", "kumo-1", "--url", "http://192.0.2.10", "--set", "tenant=all"], "tenant: "),
        (["add", "kumomta", "kumo-1", "--url", "http://192.0.2.10", "--set", "tenant"], "NAME=VALUE"),
        (["add", "kumomta", "kumo-1", "--url", "http://192.0.2.10", "--set", "hours=x"], "hours: "),
        (["add", "pull", "mx-a", "--reseller", "nobody"], "There is no reseller nobody."),
        (["add", "pull", "mx-a", "--secret-file", "/nowhere"], "/nowhere: can't be read"),
        (["add", "pull", "mx-a", "--set", "x=y"], "x: "),
        (["remove", "nobody"], "There are 0 MTAs"),
    ],
)
def test_what_can_not_be_used_is_told(words: list[str], told: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("mta", *words)
    assert told in str(refused.value)
    assert refused.value.returncode == 2
    assert not Endpoint.objects.exists()


def test_an_mta_of_a_reseller_is_its_own(capsys) -> None:
    make_reseller("austral")
    run(capsys, "add", "pull", "mx-a", "--reseller", "austral")
    assert Endpoint.objects.get().reseller.key == "austral"
