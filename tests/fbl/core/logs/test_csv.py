"""PowerMTA's CSV, and any other with a mapping."""

import pytest

from fbl.core.identify import campaign_digest
from fbl.core.logs import generic_csv, pmta
from fbl.core.logs.record import Tally
from fbl.core.report import BounceClass
from tests import mta_logs
from tests.worlds import hour

SIX = hour(mta_logs.QUEUED_AT)


def read(reader, text, *, piece=1 << 20):
    """Feed *text* in pieces, as a file is read."""
    tally, rest, data = Tally(), b"", text.encode()
    for start in range(0, len(data) + piece, piece):
        rest += data[start : start + piece]
        rest = rest[reader.feed(rest, tally, final=start >= len(data)) :]
    return tally


@pytest.mark.parametrize("piece", [1, 7, 100, 1 << 20])
def test_pieces_of_any_size_give_the_same(attribution, piece):
    odd = mta_logs.pmta("b", diag='smtp;550 5.1.1 said "no\nsuch\nuser", twice')
    log = mta_logs.pmta_file(mta_logs.pmta(), odd, mta_logs.pmta("t"), mta_logs.pmta()).rstrip("\n")

    tally = read(pmta.reader(attribution), log, piece=piece)

    assert (tally.lines, tally.delivered, tally.rejects) == (4, {(5, bytes(5), "yahoo", SIX): 2}, [])
    assert [record.bounce_class for record in tally.records] == [BounceClass.HARD]


def test_a_heading_may_come_again_with_other_columns(attribution):
    log = mta_logs.pmta_file(mta_logs.pmta()) + "type,rcpt,timeQueued,jobId\nd,zoe@yahoo.ca,2026-11-20 06:00:00Z,acme\n"

    assert read(pmta.reader(attribution), "\ufeff" + log).delivered == {(5, bytes(5), "yahoo", SIX): 2}


def test_lines_before_any_heading_are_refused(attribution):
    tally = read(pmta.reader(attribution), mta_logs.pmta() + mta_logs.pmta_file(mta_logs.pmta()))

    assert [(one.line, one.reason.value) for one in tally.rejects] == [(1, "no_heading")]
    assert sum(tally.delivered.values()) == 1


def test_a_lost_quote_costs_its_own_line_only(attribution):
    broken = mta_logs.pmta("b", diag="plain").replace("plain", '"plain')
    tally = read(pmta.reader(attribution), mta_logs.pmta_file(broken, *[mta_logs.pmta()] * 40))

    assert sum(tally.delivered.values()) == 40
    assert [(one.line, one.reason.value) for one in tally.rejects] == [(2, "malformed")]


def test_state_carries_heading_and_line_numbers_over(attribution):
    first = pmta.reader(attribution)
    read(first, mta_logs.pmta_file(mta_logs.pmta()))
    then = pmta.reader(attribution)
    then.restore(first.state())

    tally = read(then, mta_logs.pmta() + mta_logs.pmta(job="nobody"))

    assert sum(tally.delivered.values()) == 1
    assert [one.line for one in tally.rejects] == [4]


@pytest.mark.parametrize(
    ("job", "account_id", "campaign"),
    [
        ("acme", 5, ""),
        ("ACME", 5, ""),
        ("acme/noel", 5, "noel"),
        ("acme:noel:2", 5, "noel:2"),
        ("boutique/#1", 6, "1"),
    ],
)
def test_the_job_names_the_account_and_perhaps_the_campaign(attribution, job, account_id, campaign):
    tally = read(pmta.reader(attribution), mta_logs.pmta_file(mta_logs.pmta(job=job)))

    assert list(tally.delivered) == [(account_id, campaign_digest(campaign), "yahoo", SIX)]


def test_a_reference_gives_account_campaign_and_hour(attribution, return_path):
    log = mta_logs.pmta_file(mta_logs.pmta(orig=return_path, job="boutique"))

    assert list(read(pmta.reader(attribution), log).delivered) == [(5, campaign_digest("infolettre"), "yahoo", SIX - 1)]


def test_an_old_reference_taken_from_another_mail_moves_nothing_into_the_past(attribution, return_path):
    later = mta_logs.QUEUED_AT.replace(month=12)
    log = mta_logs.pmta_file(mta_logs.pmta(orig=return_path, queued_at=later, at=later))

    assert list(read(pmta.reader(attribution), log).delivered) == [
        (5, campaign_digest("infolettre"), "yahoo", hour(later))
    ]


@pytest.mark.parametrize(
    ("diag", "status", "category", "expected"),
    [
        ("smtp;550 5.1.1 User unknown", "5.1.1", "other", (BounceClass.HARD, "unknown_user")),
        ("smtp;552 5.2.2 Mailbox full", "5.2.2", "bad-mailbox", (BounceClass.SOFT, "mailbox_full")),
        ("", "5.0.0", "bad-mailbox", (BounceClass.HARD, "unknown_user")),
        ("", "4.0.0", "bad-mailbox", (BounceClass.SOFT, "unknown_user")),
        ("", "", "spam-related", (BounceClass.BLOCK, "spam")),
    ],
)
def test_the_words_decide_and_the_category_where_there_are_none(attribution, diag, status, category, expected):
    line = mta_logs.pmta("b", diag=diag or "-", status=status, category=category)
    record = read(pmta.reader(attribution), mta_logs.pmta_file(line)).records[0]

    assert (record.bounce_class, record.reason) == expected


def test_any_csv_is_read_by_its_mapping(attribution):
    columns = generic_csv.mapping(["Résultat=type", "quand=at", "à=recipient", "client=account", "envoi=campaign"])
    log = (
        "quand,client,envoi,à,Résultat,response\n"
        "2026-11-20T06:00:05Z,acme,noel,zoe@yahoo.ca,Delivered,ok\n"
        "2026-11-20T06:00:06Z,acme,noel,luc@yahoo.ca,bounce,550 5.1.1 user unknown\n"
        "2026-11-20T06:00:06Z,acme,noel,max@yahoo.ca,soft,whatever\n"
        "2026-11-20T06:00:06Z,acme,noel,eva@yahoo.ca,deferred,later\n"
        "2026-11-20T06:00:06Z,acme,noel,eva@yahoo.ca,exploded,bang\n"
    )

    tally = read(generic_csv.reader(attribution, columns=columns), log)

    assert tally.delivered == {(5, campaign_digest("noel"), "yahoo", SIX): 1}
    assert [record.bounce_class for record in tally.records] == [BounceClass.HARD, BounceClass.SOFT]
    assert [(one.line, one.reason.value) for one in tally.rejects] == [(6, "malformed")]


@pytest.mark.parametrize("pair", ["type", "=type", "column=nothing"])
def test_a_mapping_that_means_nothing_is_refused(pair):
    with pytest.raises(generic_csv.BadMapping):
        generic_csv.mapping([pair])
