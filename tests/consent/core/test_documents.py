"""Documents are told by what they hold, never by what they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.documents import Recognised, recognise, safe_name

MAIL = b"From: shop@example.com\r\nTo: anne@example.com\r\nSubject: Welcome\r\n\r\nHello."


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\r\n%PDF-1.4\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"\xff\xd8\xff\xe0JFIF", "image/jpeg"),
        (b"GIF89a\x01", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (MAIL, "message/rfc822"),
        (b"\xef\xbb\xbf" + MAIL, "message/rfc822"),
        (b"Received: from a.example.com\r\n by b.example.com\r\nFrom: x@example.com\r\n\r\n", "message/rfc822"),
        (b"From: only@example.com\r\n\r\n", None),
        (b"", None),
        (b"<html><script>alert(1)</script></html>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"MZ\x90\x00", None),
        (b"PK\x03\x04", None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"Courriel;Date\r\nanne@example.com;2026-03-21\r\n", None),
        (b"From: a@example.com\r\nDate: today\x00\r\n\r\n", None),
        (b"x" * 1020 + b"%PDF-1.4", None),
    ],
)
def test_a_document_is_told_by_its_content(data, media_type):
    found = recognise(data)
    assert (found.media_type if found else None) == media_type


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("preuve.pdf", "application/pdf", "preuve.pdf"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\scans\\écran.JPEG", "image/jpeg", "écran.JPEG"),
        ("page.html", "image/png", "page.html.png"),
        ('a"b\r\nSet-Cookie: x.eml', "message/rfc822", "abSet-Cookie x.eml"),
        ("...", "image/gif", "document.gif"),
        ("", "message/rfc822", "document.eml"),
    ],
)
def test_a_name_leads_nowhere_and_ends_as_its_content_says(name, media_type, kept):
    kind = next(
        found.kind for data in (b"%PDF-", b"GIF89a", MAIL) if (found := recognise(data)) and _fits(found, media_type)
    )
    assert safe_name(name, Recognised(kind, media_type)) == kept


def _fits(found, media_type):
    return found.media_type == media_type or (media_type.startswith("image/") and found.media_type.startswith("image/"))


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(data):
    found = recognise(data)
    assert found is None or found.media_type
