"""Maildir: new/ is emptied into cur/ after the commit, and only then."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import DatabaseError

from fbl.adapters import maildir as door_module
from fbl.adapters.mailbox_list import Maildir
from fbl.adapters.maildir import MaildirDoor
from fbl.models import InboundReport

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    for number in range(3):
        (tmp_path / "new" / f"17000000{number}.M{number}.mx").write_bytes(b"Subject: %d\n\nBonjour\n" % number)
    return tmp_path


def door_to(folder: Path) -> MaildirDoor:
    return MaildirDoor(Maildir("fbl", str(folder)), max_bytes=1_000, stop=Event())


def test_new_mails_are_stored_and_go_to_cur(folder: Path):
    assert door_to(folder).take_all()

    assert set(InboundReport.objects.values_list("door", flat=True)) == {"maildir"}
    assert InboundReport.objects.count() == 3
    assert list((folder / "new").iterdir()) == []
    assert sorted(path.name for path in (folder / "cur").iterdir())[0] == "170000000.M0.mx:2,S"
    assert not door_to(folder).take_all()


def test_killed_between_the_commit_and_the_move_no_mail_is_twice(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MaildirDoor, "_put_aside", killed)
        with pytest.raises(KeyboardInterrupt):
            door_to(folder).take_all()
    assert len(list((folder / "new").iterdir())) == 3

    door_to(folder).take_all()
    assert (InboundReport.objects.count(), len(list((folder / "cur").iterdir()))) == (3, 3)


def test_what_is_not_stored_stays_in_new(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any) -> None:
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(door_module, "take", fails)
        with pytest.raises(DatabaseError):
            door_to(folder).take_all()

    assert len(list((folder / "new").iterdir())) == 3


def test_a_mail_beyond_the_limit_is_put_aside_for_a_person(folder: Path):
    (folder / "new" / "large").write_bytes(b"x" * 5_000)
    door_to(folder).take_all()

    assert InboundReport.objects.count() == 3
    assert (folder / "cur" / "large:2,FS").exists()
