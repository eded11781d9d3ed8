"""Only a report that its feed signed, in whole and in time, has a witness. The keys come from a real DNS server."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from courrielleur.demo import mails
from fbl.adapters import dkim
from fbl.adapters.dkim import Keys
from fbl.core.authenticity import FeedRule, Outcome, Witness
from tests.dns_server import Zone, serving
from tests.signing import publish, signed

FEED = FeedRule(1, frozenset({"arf.mail.yahoo.com"}), frozenset(), frozenset({"arf.example.net"}), True, False)
SENT = mails.Sent(
    recipient="marie@example.net",
    return_path="b-1@bounce.courrielleur.example",
    headers={},
    sender="info@boutique.example.com",
    subject="Nouveautés",
    message_id="1@boutique.example.com",
    sent_at=datetime(2026, 11, 20, 6, tzinfo=UTC),
    source_ip="192.0.2.25",
)
REPORT = mails.arf(SENT, at=datetime(2026, 11, 20, 12, tzinfo=UTC), reporter="feedback@arf.example.net")


@pytest.fixture
def zone() -> Iterator[Zone]:
    with serving(Zone()) as zone:
        publish(zone, "arf.example.net")
        publish(zone, "attacker.example.org", name="attacker")
        yield zone


def ask(raw: bytes, zone: Zone, keys: Keys | None = None, **options: str) -> Witness:
    return dkim.witness(raw, FEED, keys or Keys([zone.address]), **options)


def test_a_report_its_feed_signed_has_a_witness(zone):
    assert ask(signed(REPORT, "arf.example.net"), zone) == Witness(Outcome.VERIFIED, "arf.example.net", "dkim")


def test_the_key_is_asked_for_once(zone):
    keys = Keys([zone.address])
    for _ in range(3):
        assert ask(signed(REPORT, "arf.example.net"), zone, keys).outcome is Outcome.VERIFIED
    assert zone.asked == ["s1._domainkey.arf.example.net"]


@pytest.mark.parametrize(
    ("forge", "outcome"),
    [
        (lambda: REPORT, Outcome.UNSIGNED),
        (lambda: signed(REPORT, "arf.example.net").replace(b"192.0.2.25", b"192.0.2.26"), Outcome.BAD_SIGNATURE),
        (lambda: signed(REPORT, "arf.example.net", name="attacker"), Outcome.BAD_SIGNATURE),
        (lambda: signed(REPORT, "arf.example.net", "nowhere"), Outcome.BAD_SIGNATURE),
        (lambda: signed(REPORT, "attacker.example.org", name="attacker"), Outcome.OTHER_SIGNER),
        (lambda: signed(REPORT, "arf.example.net", fields=(b"from", b"subject")), Outcome.PARTLY_SIGNED),
        (lambda: signed(REPORT, "arf.example.net", length=True) + b"--\r\nmore", Outcome.PARTLY_SIGNED),
        (lambda: b"From: someone@example.com\r\n" + signed(REPORT, "arf.example.net"), Outcome.PARTLY_SIGNED),
        (
            lambda: b'Content-Type: multipart/report; boundary="x"\r\n' + signed(REPORT, "arf.example.net"),
            Outcome.PARTLY_SIGNED,
        ),
        (lambda: b"\x00\xff" * 99, Outcome.UNSIGNED),
        (lambda: b"", Outcome.UNSIGNED),
    ],
    ids=[
        "unsigned",
        "altered",
        "another key",
        "no such key",
        "another domain",
        "type unsigned",
        "part of the body",
        "two From",
        "two types",
        "rubbish",
        "nothing",
    ],
)
def test_a_gap_in_the_signature_is_no_witness(zone, forge, outcome):
    found = ask(forge(), zone)
    assert (
        found.outcome in {outcome, Outcome.PARTLY_SIGNED} if outcome is Outcome.UNSIGNED else found.outcome is outcome
    )
    assert found.domain == ""


def test_a_line_that_two_readers_see_differently_is_no_witness(zone):
    """With a bare CR, one parser counts a signature of the feed where the other counts the attacker's."""
    attackers = signed(REPORT, "attacker.example.org", name="attacker")
    trick = b"X-A: 1\rDKIM-Signature: v=1; d=arf.example.net; h=from:content-type; s=s1; b=AA; bh=AA\r\n"
    assert ask(trick + attackers, zone).outcome is Outcome.PARTLY_SIGNED


def test_an_expired_signature_is_no_witness(zone):
    raw = signed(REPORT, "arf.example.net").replace(b"; s=s1", b"; x=1000000000; s=s1", 1)
    assert ask(raw, zone).outcome is Outcome.EXPIRED_SIGNATURE


def test_a_report_waits_while_dns_is_away(zone):
    zone.broken.add("s1._domainkey.arf.example.net")
    assert ask(signed(REPORT, "arf.example.net"), zone).outcome is Outcome.TRY_LATER


def test_forgers_do_not_choose_how_often_dns_is_asked(zone):
    keys = Keys([zone.address])
    outcomes = {ask(signed(REPORT, "arf.example.net", f"s{n}x"), zone, keys).outcome for n in range(40)}
    assert len(zone.asked) == dkim.MOST_QUESTIONS
    assert outcomes == {Outcome.BAD_SIGNATURE, Outcome.TRY_LATER}


def test_a_flood_of_forgeries_keeps_no_true_report_from_being_believed(zone, monkeypatch):
    keys, true = Keys([zone.address]), signed(REPORT, "arf.example.net")
    assert ask(true, zone, keys).outcome is Outcome.VERIFIED
    monkeypatch.setattr(dkim, "MOST_KEYS", 10)  # the forgeries push the key out of the memory
    for number in range(40):
        ask(signed(REPORT, "arf.example.net", f"s{number}x"), zone, keys)
    assert keys.questions_left == 0
    assert ask(true, zone, keys).outcome is Outcome.VERIFIED


def test_a_batch_does_not_wait_for_dns_again_and_again_while_it_is_away(zone):
    keys = Keys([zone.address])
    for number in range(40):
        zone.broken.add(f"s{number}x._domainkey.arf.example.net")
        assert ask(signed(REPORT, "arf.example.net", f"s{number}x"), zone, keys).outcome is Outcome.TRY_LATER
    assert len(set(zone.asked)) <= dkim.MOST_QUESTIONS // dkim.FAILURE_COST


@pytest.mark.parametrize("opening", [b" folded\r\n", b"\t\r\n", b"x\r\n", b":\r\n", b"\x00: y\r\n"])
def test_a_report_that_the_library_stumbles_over_has_no_witness(zone, opening):
    assert ask(opening + signed(REPORT, "arf.example.net"), zone).outcome is not Outcome.VERIFIED


def test_our_own_mta_may_bear_witness_when_it_is_named(zone):
    raw = b"Authentication-Results: mx.courrielleur.example; dkim=pass header.d=arf.example.net\r\n" + REPORT
    assert ask(raw, zone, authserv_id="mx.courrielleur.example") == Witness(Outcome.VERIFIED, "arf.example.net", "mta")
    assert ask(raw, zone, authserv_id="mx.example.com").outcome is Outcome.UNSIGNED
    assert ask(raw, zone).outcome is Outcome.UNSIGNED
