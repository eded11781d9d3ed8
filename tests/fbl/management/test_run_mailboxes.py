"""`run_mailboxes`: takes in what its list names; a mistake in the list is a sentence."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fbl.models import InboundReport


@pytest.mark.django_db(transaction=True)
def test_once_takes_in_what_is_there_and_one_bad_mailbox_stops_no_other(tmp_path: Path, settings):
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1").write_bytes(b"Subject: a\n\nBonjour\n")
    boxes = tmp_path / "boxes.toml"
    boxes.write_text(
        f'[lost]\nkind = "maildir"\npath = "{tmp_path}/nowhere"\n\n[fbl]\nkind = "maildir"\npath = "{tmp_path}"\n'
    )
    settings.MAILBOXES = str(boxes)

    with pytest.raises(SystemExit) as caught:
        call_command("run_mailboxes", "--once")

    assert caught.value.code == 1
    assert InboundReport.objects.count() == 1


def test_without_a_list_the_command_says_what_to_set(settings):
    settings.MAILBOXES = ""
    with pytest.raises(CommandError, match="COURRIELLEUR_MAILBOXES"):
        call_command("run_mailboxes")


def test_a_mistake_in_the_list_is_told(settings):
    settings.MAILBOXES = "/nowhere/boxes.toml"
    with pytest.raises(CommandError, match=r"boxes\.toml: No such file"):
        call_command("run_mailboxes")
