"""Any bytes are read without an error, and no structure makes the reader run away."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fbl.core.mime import MAX_DEPTH
from fbl.core.registry import MAX_VALUE, READER_FAILED, read_report
from fbl.core.report import Kind, as_json

SAMPLES = [file.read_bytes() for file in sorted((Path(__file__).parents[2] / "samples").glob("*/*.eml"))]
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = st.sampled_from(
    [
        b"\n\n",
        b"\r",
        b"\x00",
        b"\x1b$B",
        b"=?utf-8?B?",
        b"--D/1",
        b"Content-Type: message/delivery-status\n\n",
        b"@",
        b"<",
        b">",
        b"Final-Recipient: rfc822;",
        b"Content-Transfer-Encoding: base64\n",
        b"charset=punycode",
        b"charset=utf-7",
        b"boundary*0*=''%",
        b"\xff\xfe",
        b'{"notificationType":',
        b"[" * 5000,
        b"Action: ",
        b"550 5.1.1 ",
        b"From MAILER-DAEMON",
        b"Feedback-Type: abuse\n",
        b"\xed\xa0\x80",
        b"Incidents: 9999999999999\n",
        b"X-XARF: PLAIN\n",
        b'{"xarf_version":"4","payload":"%%%"}',
        b"Report-Type: spam\n",
        b"\nA :",
    ]
)


def check(raw: bytes) -> None:
    report = read_report(raw)
    assert not report.error.startswith(READER_FAILED), report.error
    assert (report.kind is Kind.UNREADABLE) == bool(report.error)
    for value in strings(as_json(report, "x")):
        assert len(value) <= MAX_VALUE
        assert value.isprintable()
        value.encode("utf-8")


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@FUZZ
@given(st.binary(max_size=2000))
def test_random_bytes_are_read(raw):
    check(raw)


@FUZZ
@given(st.sampled_from(SAMPLES), st.integers(0, 5000), st.integers(0, 400), PIECES | st.binary(max_size=40))
def test_a_sample_with_a_piece_torn_out_or_put_in_is_read(raw, at, length, piece):
    at %= len(raw)
    check(raw[:at] + piece + raw[at + length :])


@FUZZ
@given(st.lists(PIECES | st.sampled_from([sample[:600] for sample in SAMPLES]), max_size=12))
def test_pieces_of_reports_in_any_order_are_read(pieces):
    check(b"".join(pieces))


HEAD = b"From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail Returned to Sender\n"
DSN = (
    HEAD + b"Content-Type: multipart/report; boundary=b\n\n--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\n"
)


ARF = (
    b"From: fbl@example.net\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
    b"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
)


@pytest.mark.parametrize(
    "raw",
    [
        b"X: " + b"a" * 5_000_000 + b"\n\nbody",
        b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\n",
        HEAD + b"\n" + b"a" * 3_000_000,
        HEAD + b"\n" + b"a@" * 500_000,
        HEAD + b"\n" + b"<" * 1_000_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<style>" * 100_000,
        HEAD + b"\n" + b"could not be delivered to " * 40_000,
        HEAD + b"\n" + b"Received: x\n\ty\n" * 60_000,
        HEAD + b"\n" + b"   -----   " * 90_000,
        HEAD + b"\n...RCPT TO:" + b" " * 400_000,
        HEAD + b"\n..." + b"\n" * 400_000 + b"550 x",
        HEAD + b"\n... could not be delivered" + b"-" * 400_000,
        HEAD + b"\n550 " + b"a...@ " * 60_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 300_000,
        HEAD + b"\n" + b"Final-Recipient: x\n" * 50_000,
        HEAD + b"\n" + b"\n \n \n" * 200_000,
        b"Subject: " + b"=?" * 300_000 + b"\n\n",
        b"Content-Type: multipart/mixed; " + b"boundary*0*=x;" * 50_000 + b"\n\n",
        HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-\xe9" * 200_000,
        b'Subject: s\n\n{"notificationType":' + b"[" * 2_000_000,
        b'X-XARF: PLAIN\nContent-Type: application/json\n\n{"Report":' + b'{"a":' * 100_000,
        HEAD + b"X-Long: " + b"a b " * 2_500_000 + b"\n\nbody",
        HEAD + b"X-Long: a\n" + b"\tab\n" * 2_500_000 + b"\n\nbody",
        b"A :b\n" * 2_000_000 + b"\n",
        HEAD + b"\n" + b'"@' * 1_000_000,
        HEAD + b"\n" + b"could not be delivered\n" + b"<a@b.example> <" * 200_000,
        HEAD + b"\n" + b"could not be delivered to " + b"mailbox" * 500_000 + b"@example.com",
        b"From x\n" * 2_000_000 + HEAD + b"\nbody",
        ARF + b"a_" * 1_000_000 + b"\n" + b"a b c d e\n" * 100_000,
    ],
    ids=lambda raw: raw[-12:].hex(),
)
def test_a_bomb_is_read_to_an_end(raw):
    check(raw)


def test_a_hundred_thousand_recipients_are_all_read():
    raw = DSN + b"\n".join(
        b"Final-Recipient: rfc822; r%d@example.com\nAction: failed\nStatus: 5.1.1\n" % n for n in range(100_000)
    )
    report = read_report(raw)
    assert {one.address for one in report.recipients} == {f"r{n}@example.com" for n in range(100_000)}
    raw = ARF + b"".join(b"Original-Rcpt-To: r%d@example.com\n" % n for n in range(100_000))
    assert len(read_report(raw).recipients) == 100_000


def test_twenty_megabytes_of_nested_mails_take_no_more_than_their_depth():
    levels = range(500_000)
    raw = HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in levels)
    assert len(raw) > 20_000_000
    tracemalloc.start()
    try:
        check(raw)
        assert tracemalloc.get_traced_memory()[1] < (MAX_DEPTH + 6) * 2 * len(raw)
    finally:
        tracemalloc.stop()


def test_nested_mails_do_not_recurse():
    raw = b""
    for number in range(3000):
        raw = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n" % (number, number, raw[:2_000_000])
    check(raw)
