"""The `explain` command."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from abuse.models import Assessment, Standing
from abuse.services import assessments
from courrielleur.accounts.models import Account
from tests.abuse.world import purchased_list
from tests.worlds import make_account

pytestmark = pytest.mark.django_db


def explain(*args: str) -> str:
    out = StringIO()
    call_command("explain", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


def test_each_figure_stands_beside_its_threshold(account: Account) -> None:
    purchased_list(account, at=timezone.now())
    text = explain("acme", "--language", "en")
    for words in ["72, a rate of 1.2%; limit 0.25%, so 15 tolerated", "780, a rate of 13%", "act from 5.0", "suspend"]:
        assert words in text


def test_as_json_it_has_everything(account: Account) -> None:
    purchased_list(account, at=timezone.now())
    assessments.assess_touched(timezone.now())
    told = json.loads(explain("acme", "--json"))
    assert (told["account"], told["reseller"], told["standing"]) == ("acme", "boreal", "suspended")
    assert told["verdict"]["complaints"] == 72
    assert told["thresholds"]["complaints_limit"] == 0.0025
    assert set(told["explanation"]) == {"fr", "en"}
    assert told["case"].startswith("C-")


def test_it_changes_nothing(account: Account) -> None:
    purchased_list(account, at=timezone.now())
    explain("acme")
    assert not Standing.objects.exists()
    assert not Assessment.objects.exists()


def test_an_account_without_mail_has_not_enough_data(account: Account) -> None:
    assert "not enough data yet" in explain("acme", "--language", "en")


def test_an_unknown_account_is_a_clear_message() -> None:
    with pytest.raises(CommandError, match="no account 'nobody'") as refused:
        explain("nobody")
    assert refused.value.returncode == 2


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_label_runs_into_its_value(account: Account, language: str) -> None:
    purchased_list(account, at=timezone.now())
    rows = [line for line in explain("acme", "--language", language).splitlines()[1:] if line.startswith("  ")]
    assert len(rows) > 10
    assert all("  " in row.strip() for row in rows)
