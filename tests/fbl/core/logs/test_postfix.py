"""Postfix's mail log: lines joined by queue id."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fbl.core.logs import postfix
from fbl.core.logs.postfix import PostfixReader
from fbl.core.logs.record import Tally
from fbl.core.report import BounceClass

MAILLOG = (Path(__file__).parents[3] / "samples" / "logs" / "maillog").read_bytes()
UNTIL = datetime(2027, 1, 7, tzinfo=UTC)
LAST_HOUR = int(datetime(2026, 12, 31, 23, tzinfo=UTC).timestamp() // 3600)


def new_reader(attribution, **options):
    return PostfixReader(attribution, until=UNTIL, zone=UTC, **options)


def told(tally):
    return (
        {(account_id, provider, hour): number for (account_id, _, provider, hour), number in tally.delivered.items()},
        [(one.recipient, one.bounce_class, one.reason, one.send_hour) for one in tally.records],
        [(one.line, one.reason.value) for one in tally.rejects],
    )


EXPECTED = (
    {(5, "yahoo", LAST_HOUR): 2},
    [
        ("gone@yahoo.ca", BounceClass.HARD, "unknown_user", LAST_HOUR),
        ("late@yahoo.ca", BounceClass.SOFT, "expired", LAST_HOUR),
    ],
    [(8, "no_account")],  # nothing told who sent it
)


def test_a_mail_is_followed_from_its_login_to_its_end(attribution):
    tally = Tally()
    assert new_reader(attribution).feed(MAILLOG, tally, final=True) == len(MAILLOG)
    assert told(tally) == EXPECTED


@pytest.mark.parametrize("at", range(1, MAILLOG.count(b"\n")))
def test_open_mails_are_carried_over_wherever_a_run_ends(attribution, at):
    lines = MAILLOG.splitlines(keepends=True)
    tally, first, then = Tally(), new_reader(attribution), new_reader(attribution)
    first.feed(b"".join(lines[:at]), tally, final=True)
    then.restore(first.state())
    then.feed(b"".join(lines[at:]), tally, final=True)

    assert told(tally) == EXPECTED


def test_open_mails_go_on_in_the_next_file_of_the_host(attribution):
    lines = MAILLOG.splitlines(keepends=True)
    tally, first, then = Tally(), new_reader(attribution), new_reader(attribution)
    first.feed(b"".join(lines[:6]), tally, final=True)
    assert first.stream(lines[0]) == then.stream(lines[6]) == "mx1"
    then.follow_on(first.state())
    then.feed(b"".join(lines[6:]), tally, final=True)

    assert told(tally)[:2] == EXPECTED[:2]


def test_the_sender_domain_may_name_the_account(attribution):
    attribution.know({"boutique.example.com": 9})
    tally = Tally()
    new_reader(attribution, account_from="sender_domain").feed(MAILLOG, tally, final=True)

    assert {cell[0] for cell in tally.delivered} == {9}


def test_a_reference_in_the_return_path_wins(attribution, return_path):
    log = MAILLOG.replace(b"news@boutique.example.com", return_path.encode()).replace(b"=acme", b"=boutique")
    log = (
        log.replace(b"Dec 31", b"Nov 20").replace(b"23:59:5", b"06:00:0").replace(b"Jan  1 00:00:0", b"Nov 20 06:00:1")
    )
    tally = Tally()
    PostfixReader(attribution, until=datetime(2026, 11, 27, tzinfo=UTC), zone=UTC).feed(log, tally, final=True)

    assert {cell[0] for cell in tally.delivered} == {5}


def test_the_memory_for_open_mails_is_bounded(attribution, monkeypatch):
    monkeypatch.setattr(postfix, "MAX_OPEN", 10)
    reader = new_reader(attribution)
    for number in range(100):
        line = f"Jan  1 00:00:00 mx1 postfix/qmgr[1]: 4Fq1{number:06}: from=<a@example.com>, size=1 (queue active)\n"
        reader.feed(line.encode(), Tally(), final=False)

    assert len(reader.state()["open"]) == 10
