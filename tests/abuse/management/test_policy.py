"""The `policy` command, as a person at a terminal uses it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from abuse.core.policy import DEFAULT_FILE
from abuse.models import PolicyVersion
from abuse.services import policies
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role
from tests.abuse.services.test_policies import MILD
from tests.abuse.world import account, person
from tests.worlds import NOON

__all__ = ["account"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    policies.install_shipped(NOON)
    person("lea", Role.LEAD)
    person("lou", Role.LEAD)
    person("bob", Role.AGENT)


def run(*words: object) -> list[dict]:
    out = StringIO()
    call_command("policy", *map(str, words), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def told(*words: object) -> str:
    with pytest.raises(CommandError) as failed:
        run(*words)
    return str(failed.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mild.toml"
    path.write_text(MILD)
    return path


def test_a_draft_is_written_compared_and_put_in_force_by_somebody_else(account: Account, file: Path) -> None:
    (draft,) = run("draft", file, "--account", "acme", "--by", "lea@example.com", "--reason", "Des factures.")
    assert (draft["number"], draft["state"], draft["account"]) == (2, "draft", "acme")
    (change,) = run("diff", 2)
    assert (change["constant"], change["before"], change["after"]) == ("complaints.limit", "0.25 %", "0.4 %")
    assert "vous-même" not in told("activate", 2, "--by", "bob@example.com")
    assert PolicyVersion.objects.get(number=2).state == "draft"
    assert told("--language", "en", "activate", 2, "--by", "lea@example.com").startswith("You wrote this version")
    (active,) = run("activate", 2, "--by", "lou@example.com")
    assert (active["state"], active["author"], active["activated_by"]) == (
        "active",
        "lea@example.com",
        "lou@example.com",
    )
    assert [line["number"] for line in run("list")] == [2, 1]
    limits = {line["name"]: (line["value"], line["number"]) for line in run("show", "--account", "acme")}
    assert limits["complaints.limit"] == ("0.4 %", 2)
    assert limits["bounces.limit"] == ("5 %", 1)


def test_the_text_of_a_version_is_shown_as_it_was_written() -> None:
    out = StringIO()
    call_command("policy", "show", "1", stdout=out)
    assert out.getvalue() == DEFAULT_FILE.read_text(encoding="utf-8")


def test_mistakes_are_told_with_their_line_in_the_language_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(DEFAULT_FILE.read_text(encoding="utf-8").replace('value = "5 %"', 'value = "80 %"', 1))
    line = path.read_text().split("\n").index('value = "80 %"') + 1
    assert told("--language", "en", "check", path).startswith(f"Line {line}: [bounces.limit] must lie between")
    assert told("check", path).startswith(f"Ligne {line}\u00a0: [bounces.limit] doit être compris entre")


def test_a_draft_is_withdrawn(file: Path, account: Account) -> None:
    run("draft", file, "--reseller", "boreal", "--stream", "transactional", "--by", "lea@example.com", "--reason", "x")
    (withdrawn,) = run("withdraw", 2, "--by", "lou@example.com")
    assert (withdrawn["state"], withdrawn["stream"]) == ("withdrawn", "transactional")


def test_an_account_is_said_to_send_one_stream(account: Account) -> None:
    assert run("stream", "acme", "transactional", "--by", "lea@example.com") == [
        {"account": "acme", "stream": "transactional"}
    ]
    assert run("stream", "acme", "none", "--by", "lea@example.com") == [{"account": "acme", "stream": None}]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("show", 7), "no such version"),
        (("check", "/nowhere.toml"), "nowhere.toml"),
        (("show", "--account", "nobody"), "no account"),
        (("show", "--reseller", "nobody"), "no reseller"),
        (("withdraw", 1, "--by", "noe@example.com"), "nobody who may"),
    ],
)
def test_wrong_usage_says_what_is_wrong(words: tuple, why: str) -> None:
    assert why in told(*words)
