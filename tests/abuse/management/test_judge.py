"""`manage.py judge`: JSON lines on stdout, words on stderr, and no traceback."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from abuse.core.judging import COLUMNS

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


@pytest.mark.parametrize(
    ("lines", "options", "status", "words"),
    [
        (["9,sent"], {}, 1, "Line 2 is not an event"),
        (["9,sent,a,,c,p,9,1,,live,", "8,sent,a,,c,p,8,1,,live,"], {}, 1, "sort by seen_hour"),
        ([], {"heading": "hour,what"}, 2, "The first line must be"),
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
