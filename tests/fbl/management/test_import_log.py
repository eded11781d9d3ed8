"""`manage.py import_log`: a contract of last line and exit status, and never a traceback."""

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
import zstandard
from django.core.management import CommandError, call_command

from fbl.models import HourlyCount, LogImport
from tests import mta_logs
from tests.worlds import make_account

ROOT = Path(__file__).parents[3]
KEYS = ["lines", "delivered", "hard", "soft", "block", "complaints", "duplicate", "rejected"]


def import_log(*arguments, status=0):
    """Run the command here; return its last line."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_log", *map(str, arguments), stdout=out, stderr=err)
        ended = 0
    except SystemExit as exit_:
        ended = exit_.code
    assert ended == status, err.getvalue()
    return json.loads(out.getvalue().splitlines()[-1])


@pytest.mark.django_db
def test_the_last_line_counts_what_became_of_the_lines(tmp_path):
    make_account()
    file = tmp_path / "acct.csv"
    file.write_text(mta_logs.pmta_file(mta_logs.pmta(), mta_logs.pmta("b"), mta_logs.pmta(job="nobody")))

    told = import_log("--format", "pmta", file, "--rejects", tmp_path / "rejects.csv")

    assert list(told) == KEYS
    assert list(told.values()) == [3, 1, 1, 0, 0, 0, 0, 1]
    rejects = (tmp_path / "rejects.csv").read_text().splitlines()
    assert rejects[0] == "line,reason,text"
    assert rejects[1].startswith("4,unknown_account,")


@pytest.mark.django_db
def test_what_the_mta_called_the_bounces_is_told_beside_our_classes(tmp_path):
    make_account()
    file = tmp_path / "acct.csv"
    spam = mta_logs.pmta("b", "b@yahoo.ca", diag="smtp;554 5.7.1 spam", status="5.7.1", category="spam-related")
    full = mta_logs.pmta("b", "c@yahoo.ca", diag="smtp;552 5.2.2 full", status="5.2.2", category="bad-mailbox")
    odd = mta_logs.pmta("b", "d@yahoo.ca", diag="smtp;552 5.2.2 full", status="5.2.2", category="other")
    file.write_text(mta_logs.pmta_file(mta_logs.pmta("b"), mta_logs.pmta("b", "a@yahoo.ca"), spam, full, odd))
    out = StringIO()

    call_command("import_log", "--format", "pmta", "--categories", str(file), stdout=out)

    rows = [tuple(json.loads(line).values()) for line in out.getvalue().splitlines()[:-1]]
    assert rows == [
        ("bad-mailbox", "hard", "hard", True, 2),
        ("bad-mailbox", "hard", "soft", False, 1),
        ("other", None, "soft", None, 1),
        ("spam-related", "block", "block", True, 1),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("zst", zstandard.ZstdCompressor().compress)])
def test_a_rotated_and_compressed_file_goes_on_where_the_plain_one_stopped(tmp_path, suffix, compress):
    make_account()
    plain, packed = tmp_path / "k.log", tmp_path / f"k.log.1.{suffix}"
    plain.write_text(mta_logs.kumo(id="1"))
    import_log("--format", "kumo", plain)
    packed.write_bytes(
        compress((mta_logs.kumo(id="1") + mta_logs.kumo(id="2")).encode()) + compress(mta_logs.kumo().encode())
    )

    told = import_log("--format", "kumo", packed)

    assert (told["lines"], told["delivered"], told["duplicate"]) == (3, 2, 1)
    assert HourlyCount.objects.get().delivered == 3


@pytest.mark.django_db
def test_a_mapping_reads_any_csv(tmp_path):
    make_account()
    file = tmp_path / "any.csv"
    file.write_text("quoi,quand,qui\nok,2026-11-20 01:00:00,zoe@yahoo.ca\nsent,2026-11-20 01:00:00,zoe@yahoo.ca\n")
    arguments = ["--map", "quoi=type", "--map", "quand=at", "--map", "qui=recipient", "--map", "qui=account"]

    assert import_log("--format", "csv", *arguments, file)["rejected"] == 2
    assert {*LogImport.objects.get().rejected} == {"malformed", "unknown_account"}


@pytest.mark.django_db
def test_a_mail_still_open_when_postfix_rotates_its_log_goes_on_in_the_next(tmp_path):
    make_account()
    lines = (ROOT / "tests" / "samples" / "logs" / "maillog").read_text().replace("Dec 31", "Nov 19")
    lines = lines.replace("Jan  1", "Nov 20").replace("Jan  6", "Nov 21").splitlines(keepends=True)
    old, new = tmp_path / "mail.log.1", tmp_path / "mail.log"
    old.write_text("".join(lines[:6]))
    new.write_text("".join(lines[6:13]))

    import_log("--format", "postfix", old)
    told = import_log("--format", "postfix", new)

    assert (told["delivered"], told["rejected"]) == (1, 1)  # slow@ in the end; nobody knows who sent to who@


@pytest.mark.django_db
def test_what_is_missing_or_damaged_fails_and_the_rest_is_imported(tmp_path):
    make_account()
    good, cut = tmp_path / "good.csv", tmp_path / "cut.gz"
    good.write_text(mta_logs.pmta_file(mta_logs.pmta()))
    cut.write_bytes(gzip.compress(mta_logs.pmta_file(*[mta_logs.pmta()] * 100).encode())[:-30])

    assert import_log("--format", "pmta", tmp_path / "gone", cut, good, tmp_path, status=1)["delivered"] >= 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "pmta", "--timezone", "Mars/Olympus", "-"],
        ["--format", "csv", "--map", "nothing", "-"],
        ["--format", "kumo", "--map", "a=type", "-"],
        ["--format", "pmta", "--rejects", "/nowhere/at/all", "-"],
    ],
)
def test_wrong_usage_is_told_with_status_2(arguments):
    with pytest.raises(CommandError) as caught:
        call_command("import_log", *arguments)
    assert caught.value.returncode == 2


def start(database_url, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_log", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        **{"stderr": subprocess.PIPE, **options},
    )


@pytest.mark.slow
@pytest.mark.parametrize("following", [[], ["--follow"]])
def test_without_a_database_it_fails_in_words(tmp_path, following):
    file = tmp_path / "acct.csv"
    file.write_text(mta_logs.pmta_file(mta_logs.pmta()))
    process = start("postgres://nobody@127.0.0.1:1/none", "--format", "pmta", *following, file)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert b"Traceback" not in err
    assert json.loads(out)["lines"] == 0


@pytest.mark.slow
def test_a_person_who_watches_sees_a_bar(database_url, tmp_path):
    make_account()
    file = tmp_path / "acct.csv"
    file.write_text(mta_logs.pmta_file(*[mta_logs.pmta()] * 1000))
    ours, theirs = pty.openpty()
    process = start(database_url, "--format", "pmta", file, stderr=theirs)
    out, _ = process.communicate(timeout=60)
    os.close(theirs)

    assert json.loads(out)["delivered"] == 1000
    assert b"acct.csv" in os.read(ours, 65536)
    os.close(ours)


@pytest.mark.slow
def test_standard_input_is_read_once_too(database_url):
    make_account()
    log = mta_logs.pmta_file(mta_logs.pmta(), mta_logs.pmta("b")).encode()
    for expected in ([2, 1, 1, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 2, 0]):
        process = start(database_url, "--format", "pmta", "-", stdin=subprocess.PIPE)
        out, err = process.communicate(log, timeout=60)
        assert (process.returncode, err) == (0, b"")
        assert list(json.loads(out).values()) == expected


@pytest.mark.slow
def test_following_takes_what_comes_across_rotation_and_ends_when_told(database_url, tmp_path):
    make_account()
    file = tmp_path / "acct.csv"
    file.write_text(mta_logs.pmta_file(mta_logs.pmta()))
    process = start(database_url, "--format", "pmta", "--follow", file)
    try:
        wait_for(1)
        with file.open("a") as grown:
            grown.write(mta_logs.pmta() + mta_logs.pmta()[:50])
        wait_for(2)
        file.rename(tmp_path / "acct.csv.1")
        with (tmp_path / "acct.csv.1").open("a") as grown:
            grown.write(mta_logs.pmta()[50:])
        wait_for(3)
        file.write_text(mta_logs.pmta_file(mta_logs.pmta(recipient="new@yahoo.ca"), mta_logs.pmta()))
        wait_for(5)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["delivered"] == 5


def wait_for(delivered):
    deadline = time.monotonic() + 60
    while sum(HourlyCount.objects.values_list("delivered", flat=True)) != delivered:
        assert time.monotonic() < deadline, f"never came to {delivered}"
        time.sleep(0.05)
