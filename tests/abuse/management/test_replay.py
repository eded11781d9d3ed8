"""The `replay` command."""

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from abuse.models import Assessment, Case
from abuse.services import assessments
from courrielleur.accounts.models import Account
from fbl.models import HourlyCount
from tests.abuse.world import purchased_list
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


def replay(*args: str) -> tuple[list[dict[str, object]], str]:
    out, err = StringIO(), StringIO()
    call_command("replay", *args, stdout=out, stderr=err)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_one_decision_is_printed_with_both_verdicts(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    [line], words = replay("--decision", str(Assessment.objects.get().pk))
    assert (line["account"], line["same"], line["intact"], line["differences"]) == ("acme", True, True, {})
    assert line["from_inputs"] == line["recorded"]
    assert "1 decisions repeated" in words


def test_since_prints_what_would_differ_and_repairs_when_told_to(account: Account) -> None:
    purchased_list(account)  # counters that no report stands behind: read today, nobody complained
    assessments.assess_touched(NOON)
    lines, words = replay("--since", "2020-01-01")
    assert [line["from_reports"]["state"] for line in lines] == ["ok"]
    assert "1 stops would not have happened, 0 repair cases opened" in words
    assert "--repair" in words
    lines, words = replay("--since", "2020-01-01", "--repair")
    assert lines[0]["repair_case"] == Case.objects.get().key
    assert "1 repair cases opened" in words


def test_before_the_first_decision_there_is_nothing_to_say(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    lines, words = replay("--since", (NOON + timedelta(days=1)).isoformat())
    assert lines == []
    assert "0 decisions repeated" in words


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--since", "yesterday"), "is no date"),
        (("--decision", "7"), "is no id"),
        (("--decision", str(uuid4())), "There is no decision"),
    ],
)
def test_a_wrong_argument_is_a_clear_message(db: None, args: tuple[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        replay(*args)
    assert refused.value.returncode == 2


def test_a_changed_database_ends_with_an_error(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires
        cursor.execute("UPDATE abuse_assessment SET state = 'ok'")
    HourlyCount.objects.all().delete()
    with pytest.raises(CommandError, match="not what was written"):
        replay("--since", "2020-01-01")
