"""An mbox that grows: each mail once, through rotation, truncation, restarts and kills."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fbl.adapters import follow as door_module
from fbl.adapters.follow import MboxDoor, mails_from
from fbl.adapters.mailbox_list import Mbox
from fbl.models import InboundReport

FIRST = b"From mx@example.net Sat Nov 21 12:00:00 2026\n"


def mail(number: int) -> bytes:
    return FIRST + b"Subject: plainte %d\n\n>From here on\nBonjour\n\n" % number


def door_to(path: Path, *, settle_seconds: int = 0) -> MboxDoor:
    mbox = Mbox("fbl", str(path), settle_seconds=settle_seconds)
    return MboxDoor(mbox, path.parent / "state", max_bytes=10_000, stop=Event())


def count() -> int:
    return InboundReport.objects.count()


def add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@pytest.mark.django_db(transaction=True)
def test_what_is_added_is_taken_in_once_also_after_a_restart(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1) + mail(2))
    assert door_to(path).take_all()
    add(path, mail(3))
    door = door_to(path)
    assert door.take_all()
    assert not door.take_all()

    assert count() == 3
    assert set(InboundReport.objects.values_list("door", flat=True)) == {"mbox"}


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_being_written_is_left_until_it_is_whole(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1) + mail(2)[:60])
    door = door_to(path, settle_seconds=3600)
    door.take_all()
    assert count() == 1

    add(path, mail(2)[60:] + mail(3))
    door.take_all()
    assert count() == 2  # the third may still grow

    os.utime(path, (0, 0))
    door.take_all()
    assert count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_locked_file_is_in_somebodys_hands(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1))
    hold = (
        "import fcntl,sys; f=open(sys.argv[1],'r+b'); fcntl.lockf(f, fcntl.LOCK_EX); print('held',flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(path)], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert not door_to(path).take_all()
        holder.communicate(b"\n")

    assert door_to(path).take_all()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_rotated_away_is_read_to_its_end_first(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1))
    door_to(path).take_all()
    add(path, mail(2))
    path.rename(tmp_path / "mbox.1")
    door_to(path).take_all()  # nothing at the path yet
    add(path, mail(3))
    door_to(path).take_all()

    assert count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1) + mail(2))
    door_to(path).take_all()
    path.write_bytes(b"")
    door_to(path).take_all()
    add(path, mail(3))
    door_to(path).take_all()
    path.write_bytes(mail(4) + mail(5))  # cut and grown again between two looks
    door_to(path).take_all()

    assert count() == 5


@pytest.mark.django_db(transaction=True)
def test_killed_between_the_commit_and_the_note_of_it_no_mail_is_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "mbox"
    add(path, mail(1) + mail(2))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MboxDoor, "_save", killed)
        with pytest.raises(KeyboardInterrupt):
            door_to(path).take_all()
    assert count() == 2

    door_to(path).take_all()
    assert count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_damaged_note_of_the_place_costs_nothing_but_time(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1))
    door = door_to(path)
    door.take_all()
    door.state.write_text("{")
    door.take_all()

    assert count() == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 400), max_size=6), data=st.data())
def test_however_the_file_grows_each_mail_is_read_once_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cuts: list[int], data: st.DataObject
):
    mails = [mail(number) + b"x" * data.draw(st.integers(0, 40)) + b"\n\n" for number in range(4)]
    whole = b"".join(mails)
    path = tmp_path / "mbox"
    path.unlink(missing_ok=True)
    door = door_to(path, settle_seconds=3600)
    door.state.unlink(missing_ok=True)
    taken: list[bytes] = []
    monkeypatch.setattr(door_module, "take", lambda raws, *_: taken.extend(raws))
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    for start, end in itertools.pairwise(edges):
        add(path, whole[start:end])
        door.take_all()
    os.utime(path, (0, 0))
    door.take_all()

    assert taken == [one.removeprefix(FIRST).replace(b">From", b"From") for one in mails]


def test_the_offsets_lead_from_mail_to_mail(tmp_path: Path):
    path = tmp_path / "mbox"
    add(path, mail(1) + mail(2))
    with path.open("rb") as file:
        [(_, first), (_, second)] = mails_from(file, 0, max_bytes=1_000, is_whole=True)
        assert [end for _, end in mails_from(file, first, max_bytes=1_000, is_whole=True)] == [second]
    assert (first, second) == (len(mail(1)), len(mail(1) + mail(2)))
