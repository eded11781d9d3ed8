"""The rules read texts as they say they do, and every rule has an example that only it explains."""

import re
from pathlib import Path

import pytest

from fbl.core.classify import classify, codes
from fbl.core.classify.rules import GENERIC, rule_book
from fbl.core.classify.verdict import CLASS_OF, Basis, Reason
from fbl.core.report import BounceClass

FAMILIES = rule_book().families
RULES = [(family, rule) for family in FAMILIES for rule in family.rules]


@pytest.mark.parametrize(("family", "rule"), RULES, ids=[rule.name for _family, rule in RULES])
def test_the_example_of_a_rule_is_decided_by_that_rule(family, rule):
    verdict = classify(rule.example)
    assert (verdict.rule, verdict.reason) == (rule.name, rule.reason)
    if rule.example[:1] != "4":  # a temporary answer softens a hard rule
        assert verdict.bounce_class is rule.bounce_class


@pytest.mark.parametrize(("family", "rule"), RULES, ids=[rule.name for _family, rule in RULES])
def test_a_rule_is_well_formed(family, rule):
    assert rule.source
    assert rule.texts
    assert all(text == text.lower() and len(text) >= 3 for text in rule.texts)


def test_only_the_generic_rules_speak_for_everybody():
    assert [family.name for family in FAMILIES if not family.marks] == [GENERIC]
    assert FAMILIES[-1].name == GENERIC


def test_every_reason_has_one_class_and_is_documented():
    assert set(CLASS_OF) == set(Reason)
    table = (Path(__file__).parents[3] / "docs" / "reading.md").read_text(encoding="utf-8")
    told = {row[1]: re.findall(r"`(\w+)`", row[2]) for row in re.finditer(r"^\| (\w+) \| (`\w+` .*) \|$", table, re.M)}
    for bounce_class in BounceClass:
        assert set(told[bounce_class]) == {reason for reason in Reason if CLASS_OF[reason] is bounce_class}


@pytest.mark.parametrize(
    ("diagnostic", "bounce_class", "reason"),
    [
        ("550 5.1.1 <a@example.com>... User unknown", BounceClass.HARD, Reason.UNKNOWN_USER),
        ("552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417", BounceClass.SOFT, Reason.MAILBOX_FULL),
        ("550 5.2.2 <a@example.com>... Mailbox Full", BounceClass.SOFT, Reason.MAILBOX_FULL),
        ("550 5.1.1 <a@example.com> has sent to too many recipients this hour", BounceClass.SOFT, Reason.RATE),
        ("554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", BounceClass.BLOCK, Reason.BLOCKLISTED),
        (
            "550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy",
            BounceClass.BLOCK,
            Reason.AUTHENTICATION,
        ),
        ("550 5.7.1 no such user here", BounceClass.HARD, Reason.UNKNOWN_USER),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", BounceClass.BLOCK, Reason.REPUTATION),
        ("554 5.4.14 Hop count exceeded - possible mail loop", BounceClass.SOFT, Reason.NETWORK),
        ("", BounceClass.OTHER, Reason.UNCLASSIFIED),
        ("550 xyzzy", BounceClass.OTHER, Reason.UNCLASSIFIED),
    ],
)
def test_the_text_is_believed_before_the_code(diagnostic, bounce_class, reason):
    verdict = classify(diagnostic)
    assert (verdict.bounce_class, verdict.reason) == (bounce_class, reason)


@pytest.mark.parametrize(
    "diagnostic",
    [
        "450 4.1.1 <a@example.com>: Recipient address rejected: User unknown",  # temporary
        "452 no such user here",
        "550 5.7.0 xyzzy",
        "550 5.7.26 xyzzy",
        "550 5.1.8 xyzzy",
        "550 5.2.2 xyzzy",
        "host mx.example.com said: 550 shop@example.org does not exist (in reply to MAIL FROM command)",
        "SMTP error from remote mail server after initial connection: 554 no mailbox here for 192.0.2.1",
        "connect to mx.example.com: Connection timed out",
    ],
)
def test_what_is_temporary_or_not_about_the_recipient_is_never_hard(diagnostic):
    assert classify(diagnostic).bounce_class is not BounceClass.HARD


def test_the_same_text_is_hard_when_it_is_final_and_about_the_recipient():
    said = "host mx.example.com said: 550 a@example.net does not exist (in reply to RCPT TO command)"
    assert classify(said).bounce_class is BounceClass.HARD


def test_without_words_the_enhanced_code_decides_and_then_the_reply():
    assert classify("550 5.1.1 xyzzy").basis is Basis.ENHANCED_CODE
    assert classify("521 xyzzy").reason is Reason.NO_MAIL
    assert classify("xyzzy", status="5.1.1").bounce_class is BounceClass.HARD


def test_a_code_that_contradicts_its_reply_is_not_believed():
    assert classify("450 5.1.1 xyzzy").bounce_class is BounceClass.SOFT


def test_blocklists_are_named_once_each():
    verdict = classify("554 listed by zen.spamhaus.org, see https://www.spamhaus.org/query; also bl.spamcop.net")
    assert verdict.blocklists == ("zen.spamhaus.org", "bl.spamcop.net")


@pytest.mark.parametrize(
    ("text", "status", "reply"),
    [
        ("550 5.1.1 unknown", "5.1.1", "550"),
        ("550-5.1.1 a 550 5.1.1 b", "5.1.1", "550"),
        ("host mx[192.0.2.1] said: 552 full", "", "552"),
        ("(#5.1.1)", "5.1.1", ""),
        ("192.0.2.5 with 4.9.1.2", "", ""),
        ("port 25, 550 recipients", "", ""),
    ],
)
def test_codes_are_found_where_they_stand_and_nowhere_else(text, status, reply):
    assert (codes.status_in(text), codes.reply_in(text)) == (status, reply)
