"""`manage.py parse`: a line per mail, exit status as documented, and never a traceback."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fbl.core.registry import read_report

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "samples"
KEYS = [
    "source",
    "kind",
    "format",
    "feedback_type",
    "reporter",
    "source_ip",
    "arrived_at",
    "recipients",
    "references",
    "error",
]
RECIPIENT_KEYS = ["address", "class", "reason", "status", "reply_code", "action", "diagnostic", "blocklists"]
REFERENCE_KEYS = ["message_id", "envelope_id", "return_path", "feedback_id", "cfbl_feedback_id", "list_unsubscribe"]


def parse(*paths, **options):
    out = StringIO()
    call_command("parse", *map(str, paths), stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def run(*arguments, stdin=b""):
    """Run the command as an operator does, in its own process and without any database."""
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    return subprocess.run(
        [sys.executable, "manage.py", "parse", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_folder_gives_a_line_per_mail_in_order():
    lines = parse(SAMPLES / "dsn")
    assert [Path(line["source"]).name for line in lines] == sorted(file.name for file in (SAMPLES / "dsn").glob("*"))


def test_the_keys_are_those_of_the_contract():
    (line,) = parse(SAMPLES / "dsn" / "02-two-verdicts.eml")
    assert list(line) == KEYS
    assert [list(one) for one in line["recipients"]] == [RECIPIENT_KEYS] * 2
    assert list(line["references"]) == REFERENCE_KEYS
    assert [one["class"] for one in line["recipients"]] == ["soft", "block"]


def test_why_names_the_rule_or_code_that_decided():
    (line,) = parse(SAMPLES / "dsn" / "02-two-verdicts.eml", why=True)
    assert [list(one) for one in line["recipients"]] == [[*RECIPIENT_KEYS, "why"]] * 2
    full, blocked = (one["why"] for one in line["recipients"])
    assert full == {"basis": "generic text", "rule": "generic/1", "file": "fbl/data/rules/generic.toml"}
    assert blocked == {"basis": "generic text", "rule": "blocklists", "file": ""}


@pytest.mark.parametrize("sample", ["arf/03-trap-operator.eml", "xarf/03-spamtrap.eml"])
def test_whom_a_trap_belongs_to_is_not_printed(sample):
    raw = (SAMPLES / sample).read_text()
    (line,) = parse(SAMPLES / sample, why=True)
    assert line["kind"] == "trap"
    report = read_report(raw.encode())
    assert "@" not in json.dumps(line["recipients"])
    assert "secret-trap" not in json.dumps(line)
    assert "secret-trap" not in repr(report)


def test_an_mbox_gives_a_line_per_mail(tmp_path):
    mails = [
        (SAMPLES / "dsn" / "01-user-unknown.eml").read_bytes(),
        (SAMPLES / "arf" / "01-yahoo-like.eml").read_bytes(),
    ]
    box = tmp_path / "box"
    box.write_bytes(
        b"".join(b"From x Mon Jan  1 00:00:00 2026\n" + mail.replace(b"\nFrom ", b"\n>From ") + b"\n" for mail in mails)
    )
    lines = parse(box)
    assert [(line["source"], line["kind"]) for line in lines] == [(f"{box}#1", "bounce"), (f"{box}#2", "complaint")]


def test_hidden_files_are_left_out_and_empty_ones_told(tmp_path):
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "empty").write_bytes(b"")
    (line,) = parse(tmp_path)
    assert (line["kind"], line["error"]) == ("unreadable", "This is not a mail: it has no header fields.")


def test_a_path_that_is_not_there_is_told_after_the_others_are_read(tmp_path):
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as told:
        call_command(
            "parse", str(tmp_path / "gone"), str(SAMPLES / "jmrp" / "01-original-recipient.eml"), stdout=out, stderr=err
        )
    assert told.value.returncode == 1
    assert "gone: cannot be read: No such file" in err.getvalue()
    assert len(out.getvalue().splitlines()) == 1


def test_standard_input_is_read_and_no_database_is_asked():
    done = run("-", stdin=(SAMPLES / "arf" / "01-yahoo-like.eml").read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["kind"] == "complaint"


@pytest.mark.parametrize(("arguments", "status"), [(["/no/such/file"], 1), ([], 2), (["--no-such-option", "-"], 2)])
def test_the_exit_status_says_what_went_wrong(arguments, status):
    done = run(*arguments)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert done.stderr


def test_bytes_of_any_kind_give_a_line_and_no_traceback():
    done = run("-", stdin=bytes(range(256)) * 50)
    assert done.returncode == 0
    assert json.loads(done.stdout)["kind"] == "unreadable"


def test_a_folder_that_can_not_be_opened_is_told_and_the_others_are_read(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "mail").write_bytes((SAMPLES / "jmrp" / "01-original-recipient.eml").read_bytes())
    scandir = os.scandir  # not by its mode: the tests may run as root

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError):
        call_command("parse", str(tmp_path), stdout=out, stderr=err)
    assert "closed: cannot be read: Permission denied" in err.getvalue()
    assert len(out.getvalue().splitlines()) == 1
