"""Facts from outside: asked once and only when allowed, kept, and put off when nobody answers."""

import os
from datetime import date, timedelta

import pytest

from consent.adapters.domains import NoAnswer
from consent.core.evidence.rows import DomainFacts, EvidenceRow
from consent.models import OutsideFact
from consent.services import examinations, facts, uploads
from tests.worlds import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.OUTSIDE_FACTS = frozenset({"dns", "rdap"})


def row(domain="example.com", form_url=""):
    return EvidenceRow(1, "marie", domain, form_url=form_url)


def wanted(*rows):
    known = facts.KnownDomains()
    known.learn(rows)
    return known.wanted()


def mail(name):
    return ("mail", name)


def registration(name):
    return ("registration", name)


def never(name):
    raise AssertionError(name)


def test_domains_are_asked_of_dns_and_only_shared_ones_and_forms_of_a_registry():
    rows = [row("boutique.example.com")] * 3 + [row("marie.example.org"), *[row("yahoo.ca")] * 9]
    found = wanted(*rows, row("boutique.example.com", "https://www.form.example.net/inscription"))
    assert set(found) == {
        mail("boutique.example.com"),
        mail("marie.example.org"),
        mail("yahoo.ca"),
        registration("boutique.example.com"),
        registration("form.example.net"),
    }


@pytest.mark.parametrize("name", ["localhost", "[192.0.2.1]", "192.0.2.1", "é.example.com", "x" * 300 + ".com"])
def test_what_is_no_domain_is_not_asked_about(name):
    assert wanted(row(name)) == []


def test_nothing_is_wanted_nor_asked_unless_the_operator_allows_it(settings):
    facts.want([mail("example.com")], NOON)
    settings.OUTSIDE_FACTS = frozenset()
    assert wanted(row("example.org")) == []
    assert not facts.is_due(NOON)
    assert facts.ask_due(never, never, NOON) == 0


def test_an_answer_is_kept_and_asked_for_once():
    names = [mail("example.com"), registration("example.com"), mail("gone.example.com")]
    facts.want(names, NOON)
    assert facts.seal_of(names) == ""
    assert facts.ask_due(lambda name: name == "example.com", lambda name: date(2020, 1, 2), NOON) == 3
    facts.want(names, NOON)
    assert not facts.is_due(NOON)
    known = facts.KnownDomains()
    known.learn([row("example.com"), row("gone.example.com"), row("unknown.example.com")])
    assert known == {
        "example.com": DomainFacts(accepts_mail=True, registered_on=date(2020, 1, 2)),
        "gone.example.com": DomainFacts(accepts_mail=False),
    }
    assert facts.form_days([*names, registration("form.example.net")]) == {"example.com": date(2020, 1, 2)}
    assert facts.seal_of(names) != ""


def test_a_disposable_mailbox_is_known_without_asking_anybody(settings):
    settings.OUTSIDE_FACTS = frozenset()
    known = facts.KnownDomains()
    known.learn([row("yopmail.com"), row("example.com")])
    assert known == {"yopmail.com": DomainFacts(is_disposable=True)}


def test_an_old_answer_is_asked_for_again():
    facts.want([mail("example.com")], NOON)
    facts.ask_due(lambda name: True, never, NOON)
    later = NOON + timedelta(days=31)
    facts.want([mail("example.com")], later)
    assert facts.is_due(later)


def test_who_does_not_answer_is_asked_again_later_and_at_last_given_up():
    def silent(name):
        raise NoAnswer("timeout")

    facts.want([mail("example.com")], NOON)
    at = NOON
    for _attempt in range(facts.MOST_ATTEMPTS):
        assert facts.is_due(at)
        assert facts.ask_due(silent, never, at) == 0
        assert not facts.is_due(at)
        at += facts.AGAIN_AFTER
    assert not facts.is_due(at)
    known = facts.KnownDomains()
    known.learn([row()])
    assert known["example.com"] == DomainFacts(), "nothing is known, and nothing more asked"


def test_a_server_that_is_away_is_left_alone_for_the_turn():
    asked = []

    def silent(name):
        asked.append(name)
        raise NoAnswer("timeout")

    facts.want([mail(f"d{number}.example.com") for number in range(10)], NOON)
    facts.ask_due(silent, never, NOON)
    assert len(asked) == facts.MOST_FAILURES
    assert OutsideFact.objects.filter(attempts=0).count() == 10 - facts.MOST_FAILURES


def test_ranges_of_data_centres_are_read_from_the_operators_file(settings, tmp_path):
    assert facts.address_facts() is None
    path = tmp_path / "ranges.txt"
    path.write_text("198.51.100.0/24 # cloud\n")
    settings.HOSTING_RANGES = str(path)
    known = facts.address_facts()
    assert (known("198.51.100.9").is_hosting, known("192.0.2.9").is_hosting) == (True, False)
    path.write_text("no network\n")
    os.utime(path, (1, 1))
    assert facts.address_facts() is None


def test_an_examination_wants_facts_and_is_made_again_with_them(case, settings, tmp_path):
    (ranges := tmp_path / "ranges.txt").write_text("198.51.100.0/24\n")
    settings.HOSTING_RANGES = str(ranges)
    rows = "".join(
        f"r{number}@dead.example.com;2026-03-{1 + number % 28:02d} 10:{number % 60:02d} UTC;198.51.100.{number % 250};"
        f"https://www.form.example.net/\r\n"
        for number in range(60)
    )
    stored, _is_new = uploads.store(
        case.account, f"Courriel;DateHeure;IP;Site\r\n{rows}".encode(), "preuves.csv", "Anne", NOON
    )
    uploads.read(stored, NOON)
    first = examinations.examine(case, NOON)
    codes = set(first.findings.values_list("code", flat=True))
    assert "hosting_addresses" in codes
    assert not {"dead_domains", "young_domains", "before_form"} & codes
    assert examinations.examine(case, NOON) == first
    assert not examinations.has_waiting()

    assert facts.ask_due(lambda name: False, lambda name: date(2026, 11, 1), NOON) == 3
    assert examinations.has_waiting()
    assert examinations.examine_waiting(NOON) == 1
    second = case.examinations.order_by("-version").first()
    assert {"dead_domains", "young_domains", "before_form"} <= set(second.findings.values_list("code", flat=True))
    assert not examinations.has_waiting()
    assert examinations.examine(case, NOON) == second
