"""Feeds are enrolled by people, vouch for their reports by signing them, and are missed when they fall silent."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account
from courrielleur.demo import mails
from fbl import selectors
from fbl.adapters import dkim
from fbl.core.providers import all_providers
from fbl.models import Feed, FeedbackEvent, FeedHour, HourlyCount, InboundReport
from fbl.services import feeds, rereading
from fbl.services.feeds import FeedRefused, NewFeed
from fbl.services.reports import BATCH, read_stored
from tests.dns_server import Zone, serving
from tests.recount import differences
from tests.signing import publish, signed
from tests.worlds import NOON, Mailing, arrive, hour, make_account

pytestmark = pytest.mark.django_db

YAHOO = NewFeed(
    key="yahoo",
    name="Yahoo",
    kind="arf",
    senders=("feedback@arf.mail.yahoo.com",),
    providers=("yahoo",),
    signers=("arf.mail.yahoo.com",),
    is_trusted=True,
)


@pytest.fixture
def zone(settings) -> Iterator[Zone]:
    with serving(Zone()) as zone:
        publish(zone, "arf.mail.yahoo.com")
        settings.DNS_SERVERS = [zone.address]
        yield zone


@pytest.fixture
def acme() -> Account:
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    return account


def enrol(**changes: object) -> Feed:
    feed = feeds.enrol(NewFeed(**{**vars(YAHOO), **changes}))
    Feed.objects.filter(pk=feed.pk).update(created_at=NOON - timedelta(days=60))
    return feed


def read() -> None:
    read_stored(BATCH, NOON, dkim.verifier())


def bare(
    recipient: str = "marie@yahoo.ca", number: int = 1, headers: dict[str, str] | None = None, **more: str
) -> bytes:
    sent = vars(Mailing(0).to(recipient)) | {
        "headers": headers or {},
        "return_path": "i@example.com",
        "message_id": f"{number}@a.example",
        **more,
    }
    return mails.arf(mails.Sent(**sent), at=NOON)


def test_a_complaint_its_feed_signed_counts_for_the_account_of_the_dedicated_address(acme, zone):
    feed = enrol()
    arrive(signed(bare(), "arf.mail.yahoo.com"))

    read()

    report = InboundReport.objects.get()
    assert (report.state, report.witness, report.feed_id) == ("recorded", "dkim arf.mail.yahoo.com", feed.pk)
    row = HourlyCount.objects.get()
    assert (row.account_id, row.provider, row.complaints) == (acme.pk, "yahoo", 1)
    assert row.send_hour == hour(Mailing(0).sent_at)
    assert FeedbackEvent.objects.get().method == "signed_feed"
    assert differences() == []


@pytest.mark.parametrize(
    ("change", "raw", "reason"),
    [
        ({}, lambda: bare(), "unsigned"),
        ({}, lambda: signed(bare(), "arf.mail.yahoo.com", name="attacker"), "bad_signature"),
        ({"is_trusted": False}, lambda: signed(bare(), "arf.mail.yahoo.com"), "not_trusted"),
        ({"signers": ("other.example.net",)}, lambda: signed(bare(), "arf.mail.yahoo.com"), "other_signer"),
        ({"senders": ("other.example.net",)}, lambda: signed(bare(), "arf.mail.yahoo.com"), "not_enrolled"),
    ],
)
def test_without_a_witness_it_waits(acme, zone, change, raw, reason):
    enrol(**change)
    arrive(raw())
    read()
    assert (InboundReport.objects.get().state, InboundReport.objects.get().reason) == ("unverified", reason)
    assert not HourlyCount.objects.exists()


def test_a_feedback_id_counts_only_for_mail_that_left_from_our_addresses(acme, zone):
    """Whoever gets a mail of ours can copy its Feedback-ID into a mail of their own, and complain about that."""
    enrol()
    headers = {"Feedback-ID": Mailing(acme.pk).to("x@yahoo.ca").headers["Feedback-ID"]}
    accounts.add_asset(kind="ip", value="192.0.2.99", pool="commun")
    arrive(
        signed(bare("luc@yahoo.ca", 2, headers, source_ip="192.0.2.99"), "arf.mail.yahoo.com"),
        signed(bare("zoe@yahoo.ca", 3, headers, source_ip="203.0.113.7"), "arf.mail.yahoo.com"),
    )
    read()
    assert sorted(InboundReport.objects.values_list("state", "reason")) == [
        ("recorded", ""),
        ("unverified", "not_our_address"),
    ]
    assert HourlyCount.objects.get().complaints == 1


def test_the_reference_of_one_account_from_the_address_of_another_waits(acme):
    bistro = make_account("bistro")
    arrive(mails.arf(Mailing(bistro.pk, source_ip="192.0.2.25").to("marie@yahoo.ca"), at=NOON))
    read()
    assert InboundReport.objects.get().reason == "cross_account"
    assert not HourlyCount.objects.exists()


def test_a_report_whose_key_could_not_be_asked_for_counts_once_dns_answers(acme, zone):
    enrol()
    zone.broken.add("s1._domainkey.arf.mail.yahoo.com")
    arrive(signed(bare(), "arf.mail.yahoo.com"))
    read()
    assert InboundReport.objects.get().reason == "try_later"

    zone.broken.clear()
    dkim._shared_keys.cache_clear()
    rereading.reread(rereading.ids_without_answer(NOON), NOON, dkim.verifier())

    assert HourlyCount.objects.get().complaints == 1
    assert InboundReport.objects.get().state == "recorded"


def test_a_key_that_is_withdrawn_later_takes_no_testimony_back(acme, zone):
    enrol()
    arrive(signed(bare(), "arf.mail.yahoo.com"))
    read()
    zone.records.clear()
    dkim._shared_keys.cache_clear()

    rereading.reread(rereading.ids_to_reread(), NOON, dkim.verifier())

    assert HourlyCount.objects.get().complaints == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "Yahoo!"}, "bad_key"),
        ({"key": "b", "senders": ()}, "no_sender"),
        ({"key": "b", "senders": ("nowhere",)}, "bad_domain"),
        ({"key": "b", "senders": ("b.example",), "recipients": ("nowhere",)}, "bad_recipient"),
        ({"key": "b", "senders": ("b.example",), "signers": ("nowhere",)}, "bad_signer"),
        (
            {"key": "b", "senders": ("b.example",), "kind": "trap", "signers": (), "is_trusted": False},
            "trap_without_signer",
        ),
        ({"key": "b", "senders": ("x.example.net",), "signers": ()}, "trusted_without_signer"),
        ({"key": "b", "senders": ("x.example.net",), "providers": ("nobody",)}, "unknown_provider"),
        ({"key": "b", "senders": ("x.example.net",), "kind": "x"}, "bad_kind"),
        ({"key": "b"}, "sender_taken"),
        ({"senders": ("x.example.net",)}, "key_taken"),
    ],
)
def test_a_feed_that_can_not_be_is_refused(changes, code):
    enrol()
    with pytest.raises(FeedRefused) as refused:
        feeds.enrol(NewFeed(**{**vars(YAHOO), **changes}))
    assert refused.value.code == code


def test_a_retired_feed_vouches_for_nobody_and_frees_its_senders(acme, zone):
    enrol()
    feeds.retire("yahoo", NOON)
    arrive(signed(bare(), "arf.mail.yahoo.com"))
    read()
    assert InboundReport.objects.get().reason == "not_enrolled"
    feeds.enrol(NewFeed(**{**vars(YAHOO), "key": "yahoo-2"}))


def test_every_suggestion_can_be_enrolled():
    for one in selectors.suggestions():
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
        assert values.pop("source").startswith("https://")
        if values["kind"] == "trap" and not values["signers"]:  # a person reads it off the first reports
            values["signers"] = ("traps.example.org",)
        feeds.enrol(NewFeed(**values))
    assert set().union(*(feed.providers for feed in Feed.objects.all())) <= set(all_providers())


def test_what_a_feed_brings_is_counted_by_lane_with_its_lag(acme):
    enrol()
    mailing = Mailing(acme.pk)
    arrive(
        *(mails.arf(mailing.to(f"r{n}@yahoo.ca"), at=NOON - timedelta(minutes=10)) for n in range(30)),
        *(bare(number=n, source_ip="203.0.113.7") for n in range(20)),
    )
    read()

    (figures,) = selectors.feed_figures(NOON)
    assert (figures.reports, figures.unidentified, figures.unverified) == (50, 20, 0)
    assert figures.unidentified_share == 0.4
    assert figures.lag_seconds == pytest.approx(360)
    assert figures.alarms == ["unidentified"]
    rereading.reread(rereading.ids_to_reread(), NOON)
    assert selectors.feed_figures(NOON) == [figures]


def test_a_silent_feed_leaves_its_hours_dark_until_it_is_back(acme):
    feed = enrol(expected_per_day=480)
    now_hour = hour(NOON)
    FeedHour.objects.bulk_create(
        FeedHour(feed_id=feed.pk, hour=one, reports=20, heard=20) for one in range(now_hour - 72, now_hour - 8)
    )
    assert feeds.watch_all(NOON) == ["yahoo"]
    dark = selectors.dark_hours(NOON)
    assert set(dark) == {("yahoo", one) for one in range(now_hour - 8, now_hour + 1)}
    assert [one.feed.key for one in selectors.feed_alarms(NOON)] == ["yahoo"]

    FeedHour.objects.create(feed_id=feed.pk, hour=now_hour, reports=160, heard=160)
    assert feeds.watch_all(NOON + timedelta(hours=1)) == []
    assert not selectors.dark_hours(NOON)


def test_forgeries_do_not_pass_for_a_living_feed(acme):
    """Nor for one that brought more than it does: then the true reports would seem silence, and its hours be dark."""
    enrol(expected_per_day=480)
    sent = Mailing(acme.pk).to("marie@yahoo.ca")  # one mail of ours that somebody has
    automatic = b"From: feedback@arf.mail.yahoo.com\r\nAuto-Submitted: auto-replied\r\nSubject: %d\r\n\r\nabsente"
    for back in range(72):
        at = NOON - timedelta(hours=back)
        arrive(
            *(mails.arf(sent, at=at + timedelta(seconds=n)) for n in range(20)),
            *(bare(number=100 * back + n) for n in range(5)),
            *(bare(number=100 * back + n, source_ip="203.0.113.7") for n in range(5)),
            *(automatic % (100 * back + n) for n in range(5)),
            at=at,
        )
    while read_stored(BATCH, NOON, dkim.verifier()).read:
        pass

    assert sum(FeedHour.objects.values_list("reports", flat=True)) > 2_000
    assert sum(FeedHour.objects.values_list("heard", flat=True)) == 1
    assert feeds.watch_all(NOON) == ["yahoo"]


def test_a_provider_with_another_feed_that_speaks_is_not_dark():
    silent, _living = enrol(), enrol(key="b", senders=("x.example.net",))
    Feed.objects.filter(pk=silent.pk).update(silent_since=NOON - timedelta(hours=9))
    assert not selectors.dark_hours(NOON)


TRAPS = NewFeed(key="traps", name="Traps", kind="trap", senders=("traps.example.org",), signers=("traps.example.org",))


def trap_hit(account: Account, agent: bytes = b"abusix-py") -> bytes:
    sent = Mailing(account.pk).to("piege@example.org")
    return mails.arf(sent, at=NOON, reporter="reports@traps.example.org").replace(b"ExampleFBL", agent)


def test_a_trap_hit_counts_from_an_enrolled_operator_only_and_is_never_shown(acme, zone):
    publish(zone, "traps.example.org")
    arrive(signed(trap_hit(acme), "traps.example.org"))
    read()
    assert InboundReport.objects.values_list("kind", "state", "reason").get() == ("trap", "unverified", "not_enrolled")

    feeds.enrol(TRAPS)
    rereading.reread(rereading.ids_to_reread(), NOON, dkim.verifier())

    report = InboundReport.objects.get()
    assert (report.kind, report.state) == ("trap", "recorded")
    event = FeedbackEvent.objects.get()
    assert (event.recipient, event.recipient_digest is None) == (None, False)
    assert selectors.report_source(report.pk) is None
    assert not selectors.recent_events(acme.pk)


@pytest.mark.parametrize(("signers", "reason"), [((), "not_trusted"), (("traps.example.org",), "unsigned")])
def test_whoever_has_a_mail_of_ours_can_not_play_the_operator_of_traps(acme, zone, signers, reason):
    feeds.enrol(TRAPS)
    Feed.objects.update(signers=list(signers))  # without any: enrolled before that was refused
    arrive(trap_hit(acme))
    read()
    assert InboundReport.objects.values_list("state", "reason").get() == ("unverified", reason)


def test_what_an_operator_of_traps_calls_a_complaint_is_a_trap_hit(acme, zone):
    publish(zone, "traps.example.org")
    feeds.enrol(TRAPS)
    arrive(signed(trap_hit(acme, b"ExampleFBL"), "traps.example.org"))
    read()
    event = FeedbackEvent.objects.get()
    assert (event.kind, event.recipient) == ("trap", None)
    assert not HourlyCount.objects.filter(complaints__gt=0).exists()


NOT_SPAM = {"feedback_type": "not-spam"}


def test_not_spam_withdraws_the_complaint_of_the_same_recipient_and_campaign_only(acme, zone):
    enrol()
    lundi, mardi = Mailing(acme.pk, "lundi"), Mailing(acme.pk, "mardi")
    arrive(*(mails.arf(one, at=NOON) for one in (lundi.to("marie@yahoo.ca"), lundi.to("luc@yahoo.ca"))))
    arrive(mails.arf(mardi.to("zoe@yahoo.ca"), at=NOON))
    read()
    for name in ("marie", "zoe"):
        arrive(signed(mails.arf(lundi.to(f"{name}@yahoo.ca"), at=NOON, **NOT_SPAM), "arf.mail.yahoo.com"))
    read()

    assert sum(HourlyCount.objects.values_list("complaints", flat=True)) == 2
    assert differences() == []


@pytest.mark.parametrize("signer", ["", "attacker.example.org"])
def test_nobody_but_its_feed_takes_a_complaint_back(acme, zone, signer):
    """Whoever has the mail could: the client too, with addresses of their own on the list."""
    enrol()
    publish(zone, "attacker.example.org", name="attacker")
    sent = Mailing(acme.pk).to("marie@yahoo.ca")
    praise = mails.arf(sent, at=NOON, **NOT_SPAM)
    arrive(mails.arf(sent, at=NOON), signed(praise, signer, name="attacker") if signer else praise)
    read()

    assert sum(HourlyCount.objects.values_list("complaints", flat=True)) == 1
    assert InboundReport.objects.get(kind="not_spam").state == "unverified"


def test_a_feed_known_by_the_address_it_writes_to_vouches_for_nobody(acme, zone):
    """hotmail.com signs the mail of all its users, and any of them may write to the address of its feed."""
    enrol(senders=("staff@hotmail.com",), signers=("hotmail.com",), recipients=("fbl@bounce.courrielleur.example",))
    publish(zone, "hotmail.com")
    raw = bare().replace(b"feedback@arf.mail.yahoo.com", b"concurrent@hotmail.com")
    arrive(signed(raw, "hotmail.com"), envelope_to="fbl@bounce.courrielleur.example")
    read()

    report = InboundReport.objects.get()
    assert (report.state, report.reason) == ("unverified", "not_trusted")
    assert not HourlyCount.objects.exists()


def test_a_report_that_nobody_vouches_for_does_not_fill_the_database(acme):
    many = b"".join(b"Original-Rcpt-To: <r%d@yahoo.ca>\r\n" % n for n in range(5_000))
    arrive(bare().replace(b"Original-Rcpt-To: <marie@yahoo.ca>\r\n", many))
    read()
    assert InboundReport.objects.get().state == "unverified"
    assert FeedbackEvent.objects.count() == 100
