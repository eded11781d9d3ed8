"""`manage.py judge`: JSON lines on stdout, words on stderr, and no traceback."""

import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from abuse.core.event_file import COLUMNS

HEADING = ",".join(COLUMNS)
BAD_DAY = [
    "9,sent,acme,,c1,north,9,1000,,live,",
    "9,sent,acme,,c1,open,9,1000,,live,",
    "9,hard_bounce,acme,,c1,,9,260,,live,",
    "9,hard_bounce,acme,,c1,,,900,,import,",
]


@pytest.fixture
def judge(tmp_path):
    def run(*lines, heading=HEADING, **options):
        path = tmp_path / "events.csv"
        path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        out = io.StringIO()
        call_command("judge", str(path), stdout=out, **options)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return run


def test_changes_are_json_lines_with_their_figures(judge):
    (change,) = judge(*BAD_DAY, providers="north=fbl,open=none")
    assert (change["account"], change["hour"], change["state"]) == ("acme", 9, "suspend")
    assert change["reasons"] == ["bounces_constant", "bounce_burst"]
    assert (change["delivered"], change["reporting"], change["bounces"]) == (2000, 1000, 260)


def test_a_policy_file_can_be_tried(judge, tmp_path):
    from abuse.core.policy import DEFAULT_FILE

    lax = tmp_path / "lax.toml"
    lax.write_text(
        DEFAULT_FILE.read_text(encoding="utf-8").replace('value = "5 %"\nunit = "hard', 'value = "30 %"\nunit = "hard')
    )
    assert judge(*BAD_DAY, policy=str(lax)) == []


def shuffled(lines):
    """Return the lines with their columns turned round, and one nobody knows."""
    return [",".join(["note", *reversed(line.split(","))]) for line in lines]


def without(column, lines):
    place = COLUMNS.index(column)
    return [",".join(value for at, value in enumerate(line.split(",")) if at != place) for line in lines]


@pytest.mark.parametrize(
    ("heading", "lines"),
    [
        ("\ufeff" + HEADING, BAD_DAY),
        (HEADING + "\r", [line + "\r" for line in BAD_DAY]),
        (HEADING, [*BAD_DAY, "", ""]),
        (HEADING, [line.replace(",9,", ",9.0,") for line in BAD_DAY]),
        (shuffled([HEADING])[0], shuffled(BAD_DAY)),
        (without("parent", [HEADING])[0], without("parent", BAD_DAY)),
        (without("recipient", [HEADING])[0], [*without("recipient", BAD_DAY), ""]),
        (without("source", [HEADING])[0], without("source", BAD_DAY[:3])),
    ],
    ids=["mark", "crlf", "blank lines", "decimals", "order", "no parent", "no recipient", "no source"],
)
def test_a_file_as_other_programs_write_it_is_judged_alike(judge, heading, lines):
    options = {"providers": "north=fbl,open=none"}
    assert judge(*lines, heading=heading, **options) == judge(*BAD_DAY, **options)


def test_a_gzipped_file_is_judged_alike(judge, tmp_path):
    plain = judge(*BAD_DAY)
    packed = tmp_path / "events.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "events.csv").read_bytes()))
    out = io.StringIO()
    call_command("judge", str(packed), stdout=out)
    assert [json.loads(line) for line in out.getvalue().splitlines()] == plain
    packed.write_bytes(packed.read_bytes()[:-30])
    with pytest.raises(CommandError, match=r"events\.csv\.gz") as caught:
        call_command("judge", str(packed), stdout=out)
    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    ("lines", "options", "status", "words"),
    [
        (["9,sent"], {}, 1, "Line 2 is not an event"),
        (["9,sent,a,,c,p,9,1,,live,", "8,sent,a,,c,p,8,1,,live,"], {}, 1, "sort by seen_hour"),
        ([], {"heading": "hour,what"}, 2, "missing: seen_hour, kind, account, send_hour, n"),
        ([], {"heading": ""}, 2, "The first line must name the columns"),
        ([], {"heading": HEADING + ",kind"}, 2, "twice: kind"),
        (["9,sent,a,9"], {"heading": "seen_hour,kind,account,send_hour,n"}, 1, "Line 2 .* 4 values under 5 names"),
        (["9,sent,a,,c,p,9.5,1,,live,"], {}, 1, "'9.5' is not a whole number"),
        ([], {"providers": "north"}, 2, "name=fbl or name=none"),
        ([], {"policy": "/nowhere/policy.toml"}, 2, "policy.toml"),
    ],
)
def test_bad_input_is_named_with_its_exit_status(judge, lines, options, status, words):
    with pytest.raises(CommandError, match=words) as caught:
        judge(*lines, **options)
    assert caught.value.returncode == status


def test_a_missing_file_is_wrong_usage(tmp_path):
    with pytest.raises(CommandError, match="No such file") as caught:
        call_command("judge", str(tmp_path / "none.csv"))
    assert caught.value.returncode == 2
