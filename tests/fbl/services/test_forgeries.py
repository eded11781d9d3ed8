"""Nothing forged counts: not by the thousand, and not when every byte of it was thought about."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

import pytest
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abuse.models import Standing
from abuse.selectors.policies_in_force import in_force
from abuse.services import assessments, verdicts
from courrielleur import vault
from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account
from courrielleur.demo import mails
from fbl.adapters import dkim
from fbl.core.addresses import digest
from fbl.core.registry import read_report
from fbl.core.sorting import Arrived, House, Lane, sort
from fbl.models import FeedbackEvent, HourlyCount, InboundReport, Suppression
from fbl.services import feeds, volumes
from fbl.services.inbox import Arrival, store
from fbl.services.reports import BATCH, read_stored
from tests.dns_server import Zone, serving
from tests.forgeries import ATTACKER, BOUNCES, COMPLAINTS, FBL, FEED, SIGNED, Forger
from tests.signing import publish, signed
from tests.worlds import NOON, Mailing, arrive, hour, make_account

MANY = 10_000
HOURS = range(24, 24 * 8)


def good_sender() -> Account:
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    rows = [volumes.VolumeRow(account.pk, "infolettre", "yahoo", hour(NOON) - back, 500) for back in HOURS]
    volumes.add("a week", rows, NOON)
    feeds.enrol(
        feeds.NewFeed(
            key="yahoo",
            name="Yahoo",
            kind="arf",
            senders=("feedback@arf.mail.yahoo.com",),
            providers=("yahoo",),
            signers=("arf.mail.yahoo.com",),
            is_trusted=True,
        )
    )
    return account


def verdict_of(account: Account) -> dict[str, object]:
    (judged,) = verdicts.of(
        Standing.objects.filter(account=account).select_related("account"), in_force([account]), NOON
    )
    return {"state": judged.verdict.state, **judged.verdict.figures()}


@pytest.fixture
def zone(settings) -> Iterator[Zone]:
    with serving(Zone()) as zone:
        publish(zone, FEED)
        publish(zone, ATTACKER, name="attacker")
        settings.DNS_SERVERS = [zone.address]
        yield zone


def read_all() -> None:
    while read_stored(BATCH, NOON, dkim.verifier()).read:
        pass


@pytest.mark.django_db
def test_ten_thousand_forged_complaints_and_bounces_change_no_score(zone):
    account = good_sender()
    assessments.assess([account.pk], NOON)
    before, counted = verdict_of(account), list(HourlyCount.objects.order_by("pk").values())

    forger = Forger(account.pk, make_account("autre").pk)
    for kinds in (COMPLAINTS, BOUNCES):
        for start in range(0, MANY, 1_000):
            # To sign takes longer than all the rest: a thousand of those will do.
            makers = cycle(make for name, make in kinds.items() if start == 0 or name not in SIGNED)
            written = [make(forger, number) for number, make in zip(range(start, start + 1_000), makers, strict=False)]
            store([Arrival(raw, "smtp", NOON, envelope_to=envelope_to) for raw, envelope_to in written])
    read_all()
    assessments.assess_touched(NOON)

    assert InboundReport.objects.filter(state__in=("unidentified", "unverified")).count() == 2 * MANY
    assert not FeedbackEvent.objects.filter(is_counted=True).exists()
    assert not Suppression.objects.exists()
    assert list(HourlyCount.objects.order_by("pk").values()) == counted
    assert verdict_of(account) == before
    assert Standing.objects.get(account=account).level == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*COMPLAINTS, *BOUNCES])
def test_each_kind_of_forgery_waits(zone, name):
    account = good_sender()
    raw, envelope_to = (COMPLAINTS | BOUNCES)[name](Forger(account.pk, make_account("autre").pk), 1)
    arrive(raw, envelope_to=envelope_to)
    read_all()
    report = InboundReport.objects.get()
    assert report.state in ("unidentified", "unverified"), (report.state, report.kind)
    assert report.reason
    assert not FeedbackEvent.objects.filter(may_count=True).exists()


@pytest.mark.django_db
def test_the_same_without_the_forgery_counts(zone):
    """What the forgeries imitate: else all of them might wait for another reason than theirs."""
    account = good_sender()
    forger = Forger(account.pk, make_account("autre").pk)
    arrive(forger.arf(forger.sent(1)), signed(forger.arf(forger.bare(2)), FEED), envelope_to=FBL)
    arrive(forger.dsn(forger.sent(3)), envelope_to=forger.sent(3).return_path)
    read_all()
    assert set(InboundReport.objects.values_list("state", flat=True)) == {"recorded"}
    assert FeedbackEvent.objects.filter(account_id=account.pk, is_counted=True).count() == 3


@pytest.mark.django_db
def test_one_true_mail_in_the_wrong_hands_is_one_complaint_and_one_bounce(zone):
    """A true reference counts for its recipient, once, whatever names, times and words are put to it."""
    account = good_sender()
    sent = Forger(account.pk, 0).sent(1)
    for number in range(200):
        other = dataclasses.replace(sent, recipient=f"victime{number}@yahoo.ca", message_id=f"{number}@example.com")
        reporter = "feedback@arf.mail.yahoo.com" if number % 2 else f"fbl{number}@example{number}.net"
        at = NOON + timedelta(minutes=number)
        arrive(mails.arf(other, at=at, reporter=reporter), at=at, envelope_to=FBL)
        arrive(mails.dsn(other, at=at), at=at, envelope_to=sent.return_path)
    arrive(mails.arf(sent, at=NOON + timedelta(days=20)), at=NOON + timedelta(days=20), envelope_to=FBL)
    read_all()

    assert dict(FeedbackEvent.objects.filter(is_counted=True).values_list("kind").annotate(n=Count("pk"))) == {
        "bounce": 1,
        "complaint": 1,
    }
    assert {bytes(one.recipient_digest) for one in Suppression.objects.all()} == {
        digest("r1@yahoo.ca", vault.digest_key())
    }
    assert InboundReport.objects.filter(reason="replayed").count() >= 100


REAL = Mailing(1).to("marie@yahoo.ca")
TOKEN = REAL.headers["X-Courrielleur-Ref"].encode()
HOUSE_KEYS = dict(vault.reference_keys())
HOUSE = House(HOUSE_KEYS, vault.digest_key(), dedicated={"192.0.2.25": 1})


@given(
    st.sampled_from(["arf", "jmrp", "jmrp_legacy", "dsn"]),
    st.integers(0, len(TOKEN) - 1),
    st.sampled_from(b"abcdefghijklmnopqrstuvwxyz234567"),
    st.booleans(),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
def test_a_token_with_one_sign_changed_never_counts(form, place, sign, is_everywhere):
    changed = TOKEN[:place] + bytes([sign]) + TOKEN[place + 1 :]
    if changed == TOKEN:
        return
    raw = _plain(form).replace(TOKEN, changed)
    envelope = f"b-{changed.decode()}@bounce.courrielleur.example" if is_everywhere else ""
    assert not _counts(raw, envelope)


@given(st.binary(max_size=300), st.integers(0, 4_000), st.sampled_from(["arf", "jmrp", "jmrp_legacy", "dsn"]))
@settings(max_examples=300, deadline=None)
def test_a_report_without_our_seal_never_counts_whatever_bytes_it_has(noise, place, form):
    raw = _plain(form).replace(TOKEN, b"x" * 60)
    assert not _counts(raw[:place] + noise + raw[place:], "info@courrielleur.example")


@pytest.mark.parametrize("form", ["arf", "jmrp", "jmrp_legacy", "dsn"])
def test_the_same_reports_count_with_our_seal(form):
    assert _counts(_plain(form), REAL.return_path)


@pytest.mark.parametrize("days", [20, 400])
def test_a_bounce_long_after_its_mail_does_not_count(days):
    late = hour(REAL.sent_at + timedelta(days=days))
    assert not _counts(_plain("dsn"), REAL.return_path, received=late)


def _plain(form: str) -> bytes:
    headers = {name: value for name, value in REAL.headers.items() if name != "Feedback-ID"}
    return getattr(mails, form)(dataclasses.replace(REAL, headers=headers), at=NOON)


def _counts(raw: bytes, envelope_to: str, received: int | None = None) -> bool:
    found = sort(read_report(raw), Arrived(envelope_to, received), HOUSE)
    return found.lane is Lane.RECORDED or any(event.may_count for event in found.events)
