"""Reported mail is shown as inert text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrielleur.portal.defang import MOST_CHARACTERS, defanged, headers_of

MAIL = (
    b"From: abuse@isp.example.net\r\nX-Link: <https://login.example.com/a?b>\r\nSubject: one\r\n two\r\n"
    b'Content-Type: multipart/report; boundary="b"\r\n\r\nHello, see https://bad.example.com\r\n'
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <x@example.org>\r\nSubject: inner\r\n\r\n"
    b"body words\r\n--b--\r\n"
)


def test_headers_of_all_parts_are_shown_and_no_body():
    text = headers_of(MAIL)
    for line in ("From: abuse@isp[.]example[.]net", "Subject: one", " two", "Return-Path: <x@example[.]org>"):
        assert line in text
    assert "body words" not in text
    assert "Hello" not in text


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("HTTPS://EXAMPLE.COM/x", "hxxps://EXAMPLE[.]COM/x"),
        ("ftp://a.example.org", "fxp://a[.]example[.]org"),
        ("at 10.5 %", "at 10.5 %"),
        ("left\u202eright", "left\ufffdright"),
    ],
)
def test_links_are_broken(text, harmless):
    assert defanged(text) == harmless


@given(st.binary(max_size=2000))
def test_any_bytes_give_short_inert_text(raw):
    text = headers_of(raw)
    assert len(text) <= MOST_CHARACTERS
    assert "http://" not in text.lower()
    assert "\x00" not in text
