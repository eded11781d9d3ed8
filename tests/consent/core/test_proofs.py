"""The answer for one sampled recipient: what is enough, what is wrong, and what a file is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.proofs import check_proof, file_type, tidy_proof

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("given_", "has_file", "wrong"),
    [
        ({"consented_on": "2024-02-29"}, False, {}),
        ({"text": "Carte d’affaires remise au salon."}, False, {}),
        ({}, True, {}),
        ({}, False, {"text": "proof_needed"}),
        ({"method": "single_opt_in"}, False, {"text": "proof_needed"}),
        ({"consented_on": "2023-02-29"}, False, {"consented_on": "date_bad"}),
        ({"consented_on": "2026-11-21"}, False, {"consented_on": "date_in_future"}),
        ({"text": "x", "ip": "192.0.2.300"}, False, {"ip": "ip_bad"}),
        ({"text": "x", "url": "javascript:alert(1)"}, False, {"url": "url_bad"}),
        ({"text": "x", "method": "telepathy"}, False, {"method": "method_unknown"}),
        ({"text": "x" * 2001}, False, {"text": "too_long"}),
    ],
)
def test_what_is_wrong_is_told_by_field(given_, has_file, wrong):
    assert check_proof(tidy_proof(given_), has_file=has_file, today=TODAY) == wrong


def test_unknown_fields_and_spaces_are_dropped():
    assert tidy_proof({"text": "  oui ", "ip": " ", "colour": "red", "url": None}) == {"text": "oui"}


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"From: a@example.com\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\n\r\nBonjour", "message/rfc822"),
        (b"Received: by mx.example.com\n\tfor <a@example.com>\nSubject: x\n\n", "message/rfc822"),
        (b"Title: x\r\nColour: red\r\n\r\n", ""),
        (b"MZ\x90\x00", ""),
        (b"PK\x03\x04", ""),
        (b"<html><script>", ""),
        (b"<svg xmlns=", ""),
        (b"", ""),
    ],
)
def test_a_file_is_what_its_bytes_say(data, media_type):
    assert file_type(data) == media_type


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data):
    assert file_type(data) in {"", "application/pdf", "image/png", "image/jpeg", "message/rfc822"}
