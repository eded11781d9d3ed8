"""IMAP: what is on disk here is moved aside there; whatever is killed in between, no mail is lost and none is twice."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError

from fbl.adapters import mailbox as door_module
from fbl.adapters.mailbox import ImapDoor
from fbl.adapters.mailbox_list import ImapMailbox
from fbl.adapters.taking import keep_on
from fbl.models import InboundReport
from tests.fbl.adapters.conftest import USER, ImapServer

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = [b"Delivered-To: b-%d@bounce.example\r\nSubject: rebond %d\r\n\r\nBonjour\r\n" % (n, n) for n in range(3)]


def mailbox_on(imap: ImapServer, **changes: Any) -> ImapMailbox:
    box = ImapMailbox("fbl", "127.0.0.1", USER, imap.password_file, port=imap.port, encryption="none")
    return replace(box, **changes)


def door_to(imap: ImapServer, *, max_bytes: int = 10_000, **changes: Any) -> ImapDoor:
    return ImapDoor(mailbox_on(imap, **changes), max_bytes=max_bytes, stop=threading.Event())


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_mails_are_stored_byte_for_byte_and_moved_aside(imap: ImapServer):
    imap.deliver(*MAILS)
    door = door_to(imap)
    assert door.take_all()

    assert {(row.door, row.size) for row in InboundReport.objects.all()} == {("imap", len(MAILS[0]))}
    assert (imap.count("INBOX"), imap.count("Courrielleur", "SEEN")) == (0, 3)
    assert not door.take_all()


def test_without_a_folder_for_them_mails_stay_and_are_marked_as_seen(imap: ImapServer):
    imap.deliver(*MAILS)
    door = door_to(imap, done_folder="")
    assert door.take_all()
    assert not door.take_all()

    assert (imap.count("INBOX"), imap.count("INBOX", "UNSEEN"), InboundReport.objects.count()) == (3, 0, 3)


def test_the_recipient_is_read_from_the_field_the_own_mta_writes_only_where_one_is_named(imap: ImapServer):
    imap.deliver(MAILS[0])
    door_to(imap, recipient_header="delivered-to").take_all()
    imap.deliver(MAILS[1])
    door_to(imap).take_all()

    assert sorted(InboundReport.objects.values_list("envelope_to", flat=True)) == ["", "b-0@bounce.example"]


def test_killed_between_the_commit_and_the_move_no_mail_is_lost_and_none_is_twice(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch
):
    imap.deliver(*MAILS)
    door = door_to(imap)
    with monkeypatch.context() as patch:
        patch.setattr(ImapDoor, "_put_aside", _killed)
        with pytest.raises(KeyboardInterrupt):
            door.take_all()
    assert (InboundReport.objects.count(), imap.count("INBOX")) == (3, 3)

    door.take_all()  # on a new connection

    assert (InboundReport.objects.count(), imap.count("INBOX"), imap.count("Courrielleur")) == (3, 0, 3)


def test_what_the_database_does_not_take_stays_in_the_mailbox(imap: ImapServer, monkeypatch: pytest.MonkeyPatch):
    imap.deliver(*MAILS)
    door = door_to(imap)
    with monkeypatch.context() as patch:
        patch.setattr(door_module, "take", _fails)
        with pytest.raises(DatabaseError):
            door.take_all()

    assert imap.count("INBOX", "UNSEEN") == 3
    door.take_all()
    assert InboundReport.objects.count() == 3


def test_a_mail_beyond_the_limit_is_put_aside_for_a_person_and_stops_nobody(imap: ImapServer):
    imap.deliver(b"Subject: x\r\n\r\n" + b"x" * 20_000, *MAILS)
    door_to(imap).take_all()

    assert InboundReport.objects.count() == 3
    assert (imap.count("INBOX"), imap.count("Courrielleur", "FLAGGED")) == (0, 1)


def test_a_mail_that_arrives_meanwhile_is_taken_in_by_idle(imap: ImapServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_module, "IDLE_SECONDS", 2.0)
    door = door_to(imap)
    thread = threading.Thread(target=keep_on, args=("fbl", door.turn, door.stop), daemon=True)
    thread.start()
    try:
        imap.deliver(MAILS[0])
        wait_for(lambda: InboundReport.objects.count() == 1)
        imap.deliver(MAILS[1])
        wait_for(lambda: InboundReport.objects.count() == 2)
        wait_for(lambda: imap.count("INBOX") == 0)
    finally:
        door.stop.set()
        thread.join(30)


def test_a_server_that_went_away_is_asked_again(imap: ImapServer):
    door = door_to(imap)
    door.take_all()
    connection = door._connection
    assert connection is not None
    connection.client.sock.shutdown(socket.SHUT_RDWR)
    tries = []

    def turn() -> bool:
        tries.append(1)
        imap.deliver(MAILS[0])
        found = door.take_all()
        door.stop.set()
        return found

    keep_on("fbl", turn, door.stop, first_pause=0.01)

    assert len(tries) == 2
    assert InboundReport.objects.count() == 1


def test_a_wrong_password_is_no_crash_and_is_not_written_anywhere(imap: ImapServer, caplog: pytest.LogCaptureFixture):
    door = door_to(imap, user="nobody")
    tries = []

    def turn() -> bool:
        tries.append(1)
        if len(tries) == 3:
            door.stop.set()
        return door.turn()

    keep_on("fbl", turn, door.stop, first_pause=0.01)

    assert len(tries) == 3
    assert "coquelicot" not in caplog.text


def _killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def _fails(*_: Any, **__: Any) -> None:
    raise DatabaseError("the disk is full")
