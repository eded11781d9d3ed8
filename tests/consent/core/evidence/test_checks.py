"""Each check of evidence, and the honest case beside it."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from consent.core.evidence.browsers import earliest
from consent.core.evidence.moments import host_of
from consent.core.evidence.networks import is_unreachable
from consent.core.evidence.reader import examine
from consent.core.evidence.recipients import is_unspeakable
from consent.core.evidence.rows import AddressFacts, Context, DomainFacts
from tests.consent.people import DAY, NOW, UPLOADED_AT, honest, ip

CONTEXT = Context(UPLOADED_AT)


def people(rows=600):
    return honest(Random("checks"), rows)


def found(rows, context=CONTEXT):
    return {finding.code: finding for finding in examine(rows, context)}


def changed(change, every, rows=600):
    """An honest list in which each row whose place is a multiple of *every* is changed."""
    return [change(row) if place % every == 0 else row for place, row in enumerate(people(rows))]


def seconds(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.3.4", "192.0.2.1", "198.51.100.7", "203.0.113.9",
     "127.0.0.1", "0.1.2.3", "224.0.0.1", "255.255.255.255", "fc00::1", "fe80::1", "2001:db8::1", "ff02::1", "::1",
     "::ffff:10.0.0.1"],
)  # fmt: skip
def test_nobody_can_come_from_such_an_address(address):
    assert is_unreachable(address)


@pytest.mark.parametrize(
    "address",
    [
        "100.63.0.1",
        "172.15.0.1",
        "192.1.2.3",
        "198.50.1.1",
        "203.0.112.9",
        "24.48.0.1",
        "2607:f8b0::1",
        "::ffff:24.48.0.1",
        "2002:1830:1::1",
        "2001::1830:1",
    ],
)
def test_anybody_may_come_from_such_an_address(address):
    assert not is_unreachable(address)


def test_impossible_addresses_are_shown_by_line():
    finding = found(changed(lambda row: row._replace(ip=f"203.0.113.{row.line % 250}"), 10))["unreachable_addresses"]
    assert (finding.count, finding.rows) == (60, 600)
    assert finding.examples[:2] == (2, 12)
    assert len(finding.examples) == 20
    assert "unreachable_addresses" not in found(people())


def test_one_private_address_is_a_proxy():
    codes = found(changed(lambda row: row._replace(ip="10.0.0.7"), 2))
    assert "proxy_addresses" in codes
    assert "unreachable_addresses" not in codes


def test_a_consent_after_the_upload_is_told():
    finding = found(changed(lambda row: row._replace(consented_at=NOW + 3 * DAY), 20))["after_upload"]
    assert finding.count == 30
    assert "after_upload" not in found(changed(lambda row: row._replace(consented_at=NOW + 3600), 20))  # a zone misread
    assert "few_after_upload" in found(changed(lambda row: row._replace(consented_at=NOW + 3 * DAY), 200))


def test_a_few_may_sign_up_again_after_the_first_mail():
    def mailed_before(row):
        return row._replace(first_send_hour=int(row.consented_at // 3600) - 300)

    assert "after_send" in found(changed(mailed_before, 5))
    assert "after_send" not in found(changed(mailed_before, 30))


def test_a_consent_in_the_hour_of_the_mail_is_not_called_later():
    def mailed_then(row):
        return row._replace(first_send_hour=int(row.consented_at // 3600))

    assert "after_send" not in found(changed(mailed_then, 1))


def test_a_form_can_not_be_filled_in_before_it_exists():
    rows = [row._replace(form_url="https://www.example.com/infolettre") for row in people()]
    middle = datetime.fromtimestamp(rows[300].consented_at, UTC).date()
    finding = found(rows, Context(UPLOADED_AT, forms={"example.com": middle}))["before_form"]
    assert finding.count == pytest.approx(300, abs=20)
    assert "before_form" not in found(rows, Context(UPLOADED_AT, forms={"example.com": date(2020, 1, 1)}))
    assert "before_form" not in found(rows, Context(UPLOADED_AT, forms={"example.net": middle}))


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://www.example.com/a", "example.com"), ("example.com/a", "example.com"), ("", ""), ("http://[", "")],
)
def test_the_host_of_a_form(url, host):
    assert host_of(url) == host


def test_dates_that_no_calendar_has_are_told():
    assert found(people(), Context(UPLOADED_AT, impossible_dates=30))["impossible_dates"].count == 30
    assert "impossible_dates" not in found(people(), Context(UPLOADED_AT, impossible_dates=1))


def test_a_browser_can_not_be_younger_than_the_consent():
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"

    def dated(day):
        return [row._replace(user_agent=agent, consented_at=seconds(day) + row.line * 91.7) for row in people(120)]

    assert "unborn_browsers" in found(dated("2023-05-01"))
    assert "unborn_browsers" not in found(dated("2024-11-01"))
    assert "few_unborn_browsers" in found(people() + dated("2023-05-01")[:3])


@pytest.mark.parametrize(
    ("agent", "day"),
    [
        ("Chrome/120.0.0.0", "2023-09-21"),
        ("Chrome/122.0.0.0", "2023-09-21"),  # between two that are known: the older one counts
        ("Firefox/115.0", "2022-12-01"),
        ("Version/17.1 Mobile/15E148 Safari/604.1", "2023-07-05"),
        ("Version/4.0 Chrome/30.0.0.0", "1970-01-01"),
        ("curl/8.5", "1970-01-01"),
    ],
)
def test_when_a_browser_came_out(agent, day):
    assert earliest(agent) == seconds(day)


@pytest.mark.parametrize("local", ["xkqvzrtp", "3f9a0c77e1", "bcdfgh", "a1b2c3d4e5f6"])
def test_an_address_that_nobody_would_choose(local):
    assert is_unspeakable(local)


@pytest.mark.parametrize(
    "local", ["marie.tremblay", "jsmith", "info", "kmrtv", "20260914", "zoé", "a", "schmidt", "deadbeef"]
)
def test_an_address_that_somebody_may_have(local):
    assert not is_unspeakable(local)


def test_what_is_known_of_domains_is_used():
    rows = [row._replace(domain="shop.example") if row.line % 5 == 0 else row for row in people()]
    middle = datetime.fromtimestamp(rows[300].consented_at, UTC).date()
    facts = {"shop.example": DomainFacts(accepts_mail=False, registered_on=middle, is_disposable=True)}
    codes = found(rows, Context(UPLOADED_AT, domains=facts))
    assert codes["dead_domains"].count == codes["disposable_domains"].count == 120
    assert codes["young_domains"].count == pytest.approx(60, abs=10)
    harmless = {"shop.example": DomainFacts(accepts_mail=True, registered_on=date(2001, 1, 1))}
    assert not {"dead_domains", "disposable_domains", "young_domains"} & set(
        found(rows, Context(UPLOADED_AT, domains=harmless))
    )


def test_what_is_known_of_networks_is_used():
    rows = [row._replace(country="CA") for row in people()]
    codes = found(rows, Context(UPLOADED_AT, address_facts=lambda _: AddressFacts("FR", is_hosting=True)))
    assert {"hosting_addresses", "other_country"} <= set(codes)
    at_home = found(rows, Context(UPLOADED_AT, address_facts=lambda _: AddressFacts("CA")))
    assert not {"hosting_addresses", "other_country"} & set(at_home)
    unknown = found(rows, Context(UPLOADED_AT, address_facts=lambda _: None))
    assert not {"hosting_addresses", "other_country"} & set(unknown)


def test_confirmations_need_the_time_of_a_click():
    def confirmed(delay):
        return [row._replace(confirmed_at=row.consented_at + delay(row)) for row in people()]

    assert "instant_confirmations" in found(confirmed(lambda row: 0.4))
    assert "constant_confirmations" in found(confirmed(lambda row: 37.0))
    assert "confirmed_before" in found(confirmed(lambda row: -60.0 if row.line % 20 == 0 else 300 + row.line * 7))
    honest_delays = found(confirmed(lambda row: 9.0 + (row.line * 7919) % 4000))
    assert not {"instant_confirmations", "constant_confirmations", "confirmed_before"} & set(honest_delays)


def test_addresses_that_rise_with_time_are_seen_between_others():
    rising = iter(range(1, 250))
    rows = [row._replace(ip=f"24.48.3.{next(rising)}") if row.line % 5 == 0 else row for row in people()]
    assert found(rows)["rising_ips"].value == "24.48"
    random = Random("campus")
    campus = [row._replace(ip=f"24.48.3.{random.randint(1, 250)}") if row.line % 5 == 0 else row for row in people()]
    assert "rising_ips" not in found(campus)


def test_a_shared_address_is_judged_by_how_it_is_used():
    gate = ip(Random("gate"))
    everybody = [row._replace(ip=gate) for row in people()]
    assert set(found(everybody)) == {"relay_address"}
    assert "crowded_address" in found(changed(lambda row: row._replace(ip=gate), 2))
    assert "network_address" in found(changed(lambda row: row._replace(ip=gate), 10))
    assert "station_address" in found(changed(lambda row: row._replace(ip=gate, user_agent="Mozilla/5.0 Kiosk"), 2))


def test_a_list_of_nothing_has_no_findings():
    assert examine([], CONTEXT) == ()
    bare = [row._replace(consented_at=None, ip="", user_agent="", first_send_hour=None) for row in people()]
    assert examine(bare, CONTEXT) == ()


def test_one_step_is_seen_whatever_the_clock_of_the_file():
    start = people()[0].consented_at // 900 * 900
    steps = [row._replace(consented_at=start + place * 900) for place, row in enumerate(people())]
    assert found(steps)["constant_gaps"].value == "900 s"
    imported = [row._replace(consented_at=row.consented_at // 900 * 900) for row in people()]
    assert "constant_gaps" not in found(imported)
    daily = [row._replace(consented_at=start + place * DAY) for place, row in enumerate(people(120))]
    assert "constant_gaps" not in found(daily)  # dates without a time


@pytest.mark.parametrize(("depth", "is_found"), [(0.0, True), (0.35, False)])  # dice; readers of all continents
def test_what_was_put_behind_a_list_is_held_against_the_rest_of_it(depth, is_found):
    added = honest(Random("added"), 300, depth=0.35)
    if not depth:
        dice = Random("dice")
        added = [row._replace(consented_at=NOW - 540 * DAY + dice.random() * 500 * DAY) for row in added]
    rows = people(2_000) + added
    findings = found([row._replace(line=line) for line, row in enumerate(rows, start=2)])
    assert ("part_without_rhythm" in findings) is is_found
    assert not is_found or findings["part_without_rhythm"].value.endswith("–2301")
