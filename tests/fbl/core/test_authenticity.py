"""Who may be believed: feeds, our own MTA, references in their time, tokens that are no addresses."""

from dataclasses import replace

import pytest

from fbl.core.authenticity import (
    FeedRule,
    Sighting,
    Why,
    age_problem,
    default_validity,
    feed_of,
    is_replay,
    is_token,
    token_digest,
    trusted_results,
)

VALIDITY = default_validity()
YAHOO = FeedRule(
    1, frozenset({"feedback@arf.mail.yahoo.com"}), frozenset(), frozenset({"arf.mail.yahoo.com"}), True, False
)
VALIDITY_FEED = FeedRule(
    2, frozenset({"fastmailfbl.senderscore.net"}), frozenset({"fbl@b.example"}), frozenset(), False, False
)


@pytest.mark.parametrize(
    ("sender", "envelope_to", "feed"),
    [
        ("feedback@arf.mail.yahoo.com", "", YAHOO),
        ("Feedback@ARF.mail.yahoo.com", "", YAHOO),
        ("other@arf.mail.yahoo.com", "", None),  # an address is not its domain
        ("feedbackloop@fastmailfbl.senderscore.net", "", VALIDITY_FEED),
        ("x@evil.fastmailfbl.senderscore.net", "", None),
        ("someone@example.com", "FBL@b.example", replace(VALIDITY_FEED, is_trusted=False, signers=frozenset())),
        ("feedback@arf.mail.yahoo.com", "fbl@b.example", YAHOO),
        ("", "", None),
    ],
)
def test_a_report_belongs_to_the_feed_it_comes_from_or_else_arrives_at(sender, envelope_to, feed):
    assert feed_of(sender, envelope_to, (YAHOO, VALIDITY_FEED)) == feed


OURS = "mx.courrielleur.example"
PASSED = f"{OURS}; spf=pass; dkim=pass (2048-bit key) header.d=Feed.example.net header.s=s1"


@pytest.mark.parametrize(
    ("fields", "domains"),
    [
        ([("Authentication-Results", PASSED)], ("feed.example.net",)),
        ([("Received", "by us"), ("authentication-results", PASSED)], ("feed.example.net",)),
        ([("Received", "by us"), ("Received", "by them"), ("Authentication-Results", PASSED)], ()),
        ([("Authentication-Results", f"{OURS}; dkim=fail"), ("Authentication-Results", PASSED)], ()),
        ([("Authentication-Results", PASSED.replace(OURS, "mx.example.com"))], ()),
        ([("Authentication-Results", f"{OURS}.evil.example.com; dkim=pass header.d=feed.example.net")], ()),
        (
            [("Authentication-Results", f"{OURS} 1; dkim=pass header.d=a.example; dkim=fail header.d=b.example")],
            ("a.example",),
        ),
        ([("Authentication-Results", f"{OURS}; dkim=pass (header.d=evil.example)")], ()),
        ([("Authentication-Results", f"{OURS}; none")], ()),
        ([("Authentication-Results", "")], ()),
        ([], ()),
    ],
)
def test_only_the_topmost_result_of_our_own_mta_is_believed(fields, domains):
    assert trusted_results(fields, OURS) == domains


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("redacted-9f2c@mp.example.net", True),
        ("hashed@example.com", True),
        ("undisclosed", True),
        ("d41d8cd98f00b204e9800998ecf8427e@example.com", True),
        ("x@redacted.invalid", True),
        ("xxxx@example.com", True),
        ("****@example.com", True),
        ("marie@example.com", False),
        ("redactrice@example.com", False),
        ("jean.pierre+nouvelles@example.com", False),
        ("a1b2c3@example.com", False),
    ],
)
def test_a_token_is_told_from_an_address(address, token):
    assert is_token(address) is token


def test_a_token_stands_for_one_person_of_one_feed_and_for_no_address():
    key = b"k" * 32
    assert token_digest("t1", "feed.example.net", key) == token_digest("t1", "Feed.example.net", key)
    assert token_digest("t1", "feed.example.net", key) != token_digest("t1", "other.example.net", key)
    assert len(token_digest("t1", "feed.example.net", key)) == 16


@pytest.mark.parametrize(
    ("sent", "received", "is_bounce", "why"),
    [
        (0, 19 * 24, True, None),
        (0, 19 * 24 + 1, True, Why.EXPIRED),
        (0, 19 * 24 + 1, False, None),
        (0, 180 * 24 + 1, False, Why.EXPIRED),
        (24, 0, True, None),  # minted ahead
        (25, 0, True, Why.TOO_EARLY),
        (None, 0, True, None),
        (0, None, True, None),
    ],
)
def test_a_reference_is_believed_in_its_time(sent, received, is_bounce, why):
    assert age_problem(sent=sent, received=received, is_bounce=is_bounce, validity=VALIDITY) is why


@pytest.mark.parametrize(
    ("again", "replay"),
    [
        (Sighting("yahoo.com", 100 + 24), False),
        (Sighting("yahoo.com", 100 + 14 * 24), False),
        (Sighting("yahoo.com", 101 + 14 * 24), True),
        (Sighting("comcast.net", 101), True),
        (Sighting("", 101), False),
    ],
)
def test_the_same_again_is_a_replay_much_later_or_from_another_feed(again, replay):
    assert is_replay(Sighting("yahoo.com", 100), again, VALIDITY) is replay
