"""Every mail of the demo is read as what it is meant to be, and identified by the references it carries."""

import hashlib

import pytest

from courrielleur.demo.cast import the_cast
from courrielleur.demo.compose import Carriers, Mail, compose
from courrielleur.demo.live import MOOD_HOURS, MOODY, everyday
from courrielleur.demo.traffic import Incident, What, history
from fbl.core.addresses import digest, domain_of
from fbl.core.authenticity import trusted_results
from fbl.core.identify import Reference, campaign_digest, carriers
from fbl.core.providers import provider_of
from fbl.core.registry import read_report
from fbl.core.report import BounceClass, Kind
from fbl.core.sorting import Arrived, House, Lane, sort

CAST = the_cast()
KEYS = {1: bytes(32)}
DIGEST_KEY = b"d" * 32
REPORT_DOMAIN = "bounce.courrielleur.example"
CARRIERS = Carriers("b-x@bounce.courrielleur.example", {})
START = 29_801_420
READ_AS = {
    What.COMPLAINT: (Kind.COMPLAINT, Lane.RECORDED),
    What.HARD: (Kind.BOUNCE, Lane.RECORDED),
    What.SOFT: (Kind.BOUNCE, Lane.RECORDED),
    What.BLOCK: (Kind.BOUNCE, Lane.RECORDED),
    What.DELAYED: (Kind.DELIVERY_NOTICE, Lane.IGNORED),
    What.VACATION: (Kind.AUTO_REPLY, Lane.IGNORED),
    What.UNSUBSCRIBE: (Kind.UNSUBSCRIBE, Lane.RECORDED),
    What.NOT_SPAM: (Kind.NOT_SPAM, Lane.UNVERIFIED),  # here nobody bears witness; it is recorded when its feed does
    What.STRAY: (Kind.COMPLAINT, Lane.UNIDENTIFIED),
    What.BROKEN: (Kind.UNREADABLE, Lane.UNREADABLE),
    What.UNSIGNED: (Kind.COMPLAINT, Lane.UNIDENTIFIED),
    What.PLUGIN: (Kind.COMPLAINT, Lane.RECORDED),
}
BOUNCES = {What.HARD: BounceClass.HARD, What.SOFT: BounceClass.SOFT, What.BLOCK: BounceClass.BLOCK}
ACCOUNT_IDS = {account.key: number for number, account in enumerate(CAST.accounts, start=1)}


def mail_of(incident: Incident) -> Mail:
    reference = Reference(
        key_id=1,
        account_id=ACCOUNT_IDS[incident.account],
        campaign=campaign_digest(incident.campaign),
        send_hour=incident.send_hour,
        recipient=digest(incident.recipient, DIGEST_KEY),
    )
    minted = carriers(reference, KEYS[1], report_domain=REPORT_DOMAIN, unsubscribe_url="https://example.com/u/")
    account = CAST.account(incident.account)
    return compose(incident, account, Carriers(minted.return_path, minted.headers), report_domain=REPORT_DOMAIN)


def of_each_kind() -> list[Incident]:
    played = list(history(CAST, 7, start=START, days=60).incidents)
    for number in range(400):
        at = START + number % 4 * MOOD_HOURS * 60
        played += everyday(CAST, 7, number, at=at, stopped=()).traffic.incidents
    return [one for what in What for one in [one for one in played if one.what is what][:40]]


@pytest.fixture(scope="module")
def incidents() -> list[Incident]:
    return of_each_kind()


def test_every_mail_is_read_as_what_it_is_meant_to_be(incidents):
    for incident in incidents:
        mail = mail_of(incident)
        report = read_report(mail.raw)
        found = sort(report, Arrived(mail.envelope_to), House(KEYS, DIGEST_KEY, dedicated={}))
        assert (report.kind, found.lane) == READ_AS[incident.what], incident
        if incident.what in BOUNCES:
            assert report.recipients[0].bounce_class is BOUNCES[incident.what]
        for event in found.events:
            assert event.may_count == (found.lane is Lane.RECORDED)
            assert event.account_id == ACCOUNT_IDS[incident.account]
            assert event.send_hour == incident.send_hour
            assert event.recipient_digest == digest(incident.recipient, DIGEST_KEY)


def test_of_the_complaints_without_a_reference_some_name_an_address_of_ours_and_count_nothing():
    dedicated = {account.source_ip: ACCOUNT_IDS[account.key] for account in CAST.accounts if account.has_own_address}
    strays = [one for one in history(CAST, 7, start=START, days=60).incidents if one.what is What.STRAY]
    sorted_ = [sort(read_report(mail_of(one).raw), Arrived(), House(KEYS, DIGEST_KEY, dedicated)) for one in strays]
    assert {one.lane for one in sorted_} == {Lane.UNIDENTIFIED, Lane.UNVERIFIED}
    assert not any(event.may_count for one in sorted_ for event in one.events)


def test_microsoft_complains_in_both_forms_and_yahoo_in_its_own(incidents):
    formats = {
        read_report(mail_of(one).raw).format
        for one in incidents
        if one.what is What.COMPLAINT and provider_of(domain_of(one.recipient)) == "microsoft"
    }
    assert formats == {"arf", "jmrp"}


def test_the_same_incident_makes_the_same_mail_and_no_two_incidents_the_same(incidents):
    digests = [hashlib.sha256(mail_of(one).raw).digest() for one in incidents]
    assert digests == [hashlib.sha256(mail_of(one).raw).digest() for one in incidents]
    assert len(set(digests)) == len(digests)


def test_every_kind_of_incident_is_played(incidents):
    assert {one.what for one in incidents} == set(What)


def test_our_own_mta_vouches_for_complaints_of_feeds_that_sign_and_for_no_others(incidents):
    named = {What.COMPLAINT: True, What.STRAY: True, What.UNSIGNED: False, What.PLUGIN: False, What.HARD: False}
    for one in (one for one in incidents if one.what in named):
        account = CAST.account(one.account)
        raw = compose(one, account, CARRIERS, report_domain=REPORT_DOMAIN, authserv_id="mx.example.net").raw
        head = raw.decode().partition("\r\n\r\n")[0]
        fields = [(line.partition(": ")[0], line.partition(": ")[2]) for line in head.split("\r\n")]
        found = trusted_results(fields, "mx.example.net")
        assert bool(found) is named[one.what], one
        assert set(found) <= {"arf.mail.yahoo.com", "hotmail.com"}


def test_one_feed_is_silent_for_hours_and_comes_back():
    heard = {
        hour
        for hour in range(4 * MOOD_HOURS)
        for number in range(12)
        for one in everyday(CAST, 7, number, at=START + hour * 60, stopped=()).traffic.incidents
        if one.what is MOODY
    }
    assert len(heard) == 2 * MOOD_HOURS


def test_a_bounce_comes_from_nobody_to_the_signed_return_path(incidents):
    for incident in incidents:
        if incident.what in BOUNCES:
            mail = mail_of(incident)
            assert mail.envelope_from == ""
            assert mail.envelope_to.startswith("b-")
