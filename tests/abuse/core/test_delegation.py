"""What a policy request leads to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.delegation import Garbage, Key, Rule, StoppedNames, answer, read_request

STOP = "DEFER_IF_PERMIT 4.7.1 Stopped"
STOPPED = StoppedNames(
    {
        Key.SASL_USERNAME: frozenset({"acme", "zenith@smtp.example.com"}),
        Key.SENDER_DOMAIN: frozenset({"acme.example.com"}),
        Key.CLIENT_ADDRESS: frozenset({"192.0.2.7", "2001:db8::7"}),
    }
)


def rule(*keys: Key) -> Rule:
    return Rule(keys or tuple(Key), STOP, "DUNNO")


@pytest.mark.parametrize(
    ("attributes", "action"),
    [
        ({"sasl_username": "acme"}, STOP),
        ({"sasl_username": "ACME"}, STOP),
        ({"sasl_username": "Zenith@smtp.example.com"}, STOP),
        ({"sasl_username": "acme2"}, "DUNNO"),
        ({"sasl_username": ""}, "DUNNO"),
        ({"sender": "info@acme.example.com"}, STOP),
        ({"sender": "b-1@bounce.news.ACME.example.com."}, STOP),
        ({"sender": "info@notacme.example.com"}, "DUNNO"),
        ({"sender": "info@example.com"}, "DUNNO"),
        ({"sender": ""}, "DUNNO"),
        ({"sender": '"acme.example.com@"@example.net'}, "DUNNO"),
        ({"client_address": "192.0.2.7"}, STOP),
        ({"client_address": "2001:db8::7"}, STOP),
        ({"client_address": "192.0.2.70"}, "DUNNO"),
        ({}, "DUNNO"),
    ],
)
def test_a_name_of_a_stopped_account_stops(attributes: dict[str, str], action: str) -> None:
    assert answer(attributes, STOPPED, rule()) == action


def test_only_the_keys_that_are_set_are_looked_at() -> None:
    assert answer({"sasl_username": "acme"}, STOPPED, rule(Key.CLIENT_ADDRESS)) == "DUNNO"
    assert answer({"sasl_username": "acme"}, STOPPED, rule(Key.CLIENT_ADDRESS, Key.SASL_USERNAME)) == STOP


@pytest.mark.parametrize("without", ["DUNNO", "DEFER_IF_PERMIT 4.3.0 Later"])
def test_without_a_copy_the_fail_mode_decides(without: str) -> None:
    assert answer({"sasl_username": "acme"}, None, Rule((Key.SASL_USERNAME,), STOP, without)) == without


def test_unknown_attributes_are_kept_and_harmless() -> None:
    request = b"request=smtpd_access_policy\nsender=a@example.com\nnew_in_4=x=y\nempty="
    assert read_request(request) == {
        "request": "smtpd_access_policy",
        "sender": "a@example.com",
        "new_in_4": "x=y",
        "empty": "",
    }


@pytest.mark.parametrize(
    "data",
    [b"", b"GET / HTTP/1.1", b"request=other", b"sender=a@example.com", b"=x", b"request=smtpd_access_policy\nword"],
)
def test_garbage_is_told_apart(data: bytes) -> None:
    with pytest.raises(Garbage):
        read_request(data)


@given(st.binary(max_size=300))
def test_no_bytes_do_any_harm(data: bytes) -> None:
    try:
        attributes = read_request(b"request=smtpd_access_policy\n" + data)
    except Garbage:
        return
    assert answer(attributes, STOPPED, rule()) in {STOP, "DUNNO"}
