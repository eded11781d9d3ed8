"""KumoMTA's JSON lines."""

import pytest

from fbl.core.identify import campaign_digest
from fbl.core.logs.kumo import KumoReader
from fbl.core.logs.record import Tally
from fbl.core.report import BounceClass, Kind
from tests.mta_logs import QUEUED_AT, kumo
from tests.worlds import hour

SIX = hour(QUEUED_AT)
INFOLETTRE = campaign_digest("infolettre")


def read(attribution, *lines, **options):
    tally = Tally()
    KumoReader(attribution, **options).feed("".join(lines).encode(), tally, final=True)
    return tally


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({}, (5, INFOLETTRE)),
        ({"queue": "acme@yahoo.ca"}, (5, bytes(5))),
        ({"queue": "noel:acme@yahoo.ca!relay.example.net"}, (5, campaign_digest("noel"))),
        ({"queue": "yahoo.ca", "meta": {"tenant": "boutique"}}, (6, bytes(5))),
        ({"meta": {"tenant": "boutique", "campaign": "noel"}}, (6, campaign_digest("noel"))),
    ],
)
def test_metadata_names_the_account_else_the_queue(attribution, changes, cell):
    assert list(read(attribution, kumo(**changes)).delivered) == [(*cell, "yahoo", SIX)]


def test_a_record_of_several_recipients_is_several_mails(attribution):
    tally = read(attribution, kumo(recipient=["zoe@yahoo.ca", "luc@yahoo.ca", "eva@example.org"]))

    assert tally.lines == 1
    assert sum(tally.delivered.values()) == 3


def test_a_logged_header_of_ours_wins(attribution, return_path):
    tally = read(attribution, kumo(headers={"x-courrielleur-ref": return_path[2:62]}, queue="noel:boutique@yahoo.ca"))

    assert list(tally.delivered) == [(5, INFOLETTRE, "yahoo", SIX - 1)]


def test_bounces_have_their_class_and_given_up_mails_are_soft(attribution):
    refused = kumo("Bounce", response={"code": 550, "content": "blocked using zen.spamhaus.org", "command": None})
    tally = read(attribution, kumo("Bounce"), kumo("Expiration"), refused, kumo("TransientFailure"), kumo("Whatever"))

    assert tally.lines == 5
    assert [(one.bounce_class, one.takes_back) for one in tally.records] == [
        (BounceClass.HARD, False),
        (BounceClass.SOFT, False),
        (BounceClass.BLOCK, False),
    ]


def test_a_returned_mail_is_known_by_the_return_path_it_came_to(attribution, return_path):
    out_of_band = {"queue": "bounce.courrielleur.example", "sender": "", "timestamp": int(QUEUED_AT.timestamp()) + 9000}
    tally = read(attribution, kumo("OOB", headers={"To": return_path}, **out_of_band), kumo("OOB", **out_of_band))

    record = tally.records[0]
    assert (record.send_hour, record.bounce_class, record.takes_back) == (SIX - 1, BounceClass.HARD, True)
    assert [(one.line, one.reason.value) for one in tally.rejects] == [(2, "no_account")]


@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_complaint_needs_our_reference_in_the_header_of_the_mail(attribution, return_path, as_bytes):
    token = return_path[2:62]
    sealed = f"Subject: x\r\nX-Courrielleur-Ref: {token[:30]}\r\n {token[30:]}\r\n\r\nbody"
    in_body_only = f"Subject: x\r\n\r\nX-Courrielleur-Ref: {token}"

    def report(original):
        message = list(original.encode()) if as_bytes else original
        return kumo("Feedback", feedback_report={"feedback_type": "abuse", "original_message": message})

    tally = read(attribution, report(sealed), report(in_body_only))

    assert [(one.kind, one.account_id, one.send_hour) for one in tally.records] == [(Kind.COMPLAINT, 5, SIX - 1)]
    assert [one.reason.value for one in tally.rejects] == ["unidentified"]


@pytest.mark.parametrize("line", ["{", "[]", '"x"', "7", '{"type": []}', "{}", '{"type": "Delivery", "recipient": 7}'])
def test_what_is_no_record_is_refused_with_its_line(attribution, line):
    tally = read(attribution, kumo(), line + "\n")

    assert [one.line for one in tally.rejects] == [2]


def test_a_last_record_without_line_end_is_taken_when_it_is_whole(attribution):
    data, tally = (kumo() + kumo()).encode(), Tally()
    assert KumoReader(attribution).feed(data[:-1], tally, final=True) == len(data) - 1
    assert KumoReader(attribution).feed(data[:-9], tally, final=True) == len(data) // 2
