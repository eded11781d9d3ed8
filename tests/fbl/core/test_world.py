"""Mails of the world's systems (tests/samples/world/*.toml) are read as a postmaster would read them."""

import tomllib
from pathlib import Path

import pytest

from fbl.core.registry import read_report

FOLDER = Path(__file__).parents[2] / "samples" / "world"
MAILS = [
    pytest.param(mail, id=f"{file.stem}: {mail['what']}")
    for file in sorted(FOLDER.glob("*.toml"))
    for mail in tomllib.loads(file.read_text(encoding="utf-8"))["mail"]
]


@pytest.mark.parametrize("mail", MAILS)
def test_a_mail_is_read_as_a_postmaster_would(mail):
    """`to` has a line for each recipient: its address or "-", the class, and mostly the reason."""
    report = read_report(mail["raw"].lstrip("\n").encode())
    wanted = [line.split() for line in mail["to"]]
    read = [[one.address or "-", str(one.bounce_class), one.reason] for one in report.recipients]
    assert (report.kind, [one[: len(line)] for one, line in zip(read, wanted, strict=False)]) == (mail["kind"], wanted)
    assert len(read) == len(wanted)
