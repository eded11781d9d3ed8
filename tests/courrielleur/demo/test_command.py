"""The command leaves other people's data alone, and its testimony answers every question."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from consent.core.questionnaire import missing
from consent.core.records import read_records
from courrielleur.accounts.models import ApiKey
from courrielleur.demo.cast import the_cast
from courrielleur.demo.evidence import answers, consent_file
from courrielleur.demo.traffic import What, history
from courrielleur.management.commands.demo import _platform_key
from tests.installation import PATIENCE_SECONDS, ROOT
from tests.worlds import make_account

START = 29_801_420


@pytest.mark.django_db
def test_the_demo_refuses_a_database_that_holds_anything_of_others():
    make_account()
    with pytest.raises(CommandError, match="leaves it alone"):
        call_command("demo", "--once")
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_the_demo_starts_again_where_it_started_first_with_a_new_key():
    first_secret, first_start = _platform_key()
    make_account()  # what a visitor adds to a demo is no reason to end it
    second_secret, second_start = _platform_key()
    assert second_secret != first_secret
    assert second_start == first_start
    assert ApiKey.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize("wrong", [["--days", "3"], ["--speed", "0"], ["--speed", "21"]])
def test_a_wrong_option_is_told(wrong):
    with pytest.raises(CommandError, match="--days"):
        call_command("demo", *wrong)


def test_the_testimony_answers_every_question():
    given = answers(the_cast().testimony, start=START)
    assert missing(given, today=date(2026, 8, 30)) == []


def test_the_consent_file_is_read_whole_and_covers_most_complainers():
    cast = the_cast()
    account = cast.of_story("returning")
    past = history(cast, 7, start=START, days=60)
    lines = list(consent_file(account, past.incidents, 7, start=START))
    rows = list(read_records("\r\n".join(lines).encode()).rows)
    assert len(rows) == len(lines) - 1
    assert not [row.errors for row in rows if row.errors]
    complainers = {one.recipient for one in past.incidents if one.account == account.key and one.what is What.COMPLAINT}
    on_record = complainers & {row.record.email for row in rows if row.record}
    assert 0.7 <= len(on_record) / len(complainers) < 1


@pytest.mark.slow
def test_the_demo_ends_at_once_when_told_to_while_nothing_answers_yet(database_url, free_port):
    settings = {
        "DATABASE_URL": database_url,
        "COURRIELLEUR_LISTEN": f"127.0.0.1:{free_port}",
        "COURRIELLEUR_EMAIL_URL": "smtp://mail.example.com:25",
    }
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "demo"], cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.PIPE
    )
    said = demo.stderr.readline()  # it listens to signals by then
    demo.send_signal(signal.SIGTERM)
    rest = demo.communicate(timeout=PATIENCE_SECONDS)[1]
    assert b"the demo keeps none" in said
    assert b"The demo has ended." in rest
    assert demo.returncode == 0
