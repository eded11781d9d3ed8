"""Nothing forged counts: not by the thousand, and not when every byte of it was thought about."""

import dataclasses
import random
from datetime import timedelta

import pytest
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
from fbl.core.registry import read_report
from fbl.core.sorting import Arrived, House, Lane, sort
from fbl.models import FeedbackEvent, HourlyCount, InboundReport, Suppression
from fbl.services import feeds, volumes
from fbl.services.reports import BATCH, read_stored
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


def forgeries(account: Account, number: int) -> list[tuple[bytes, str]]:
    """What somebody writes who has a mail of ours at hand, knows our formats, and has not our keys."""
    chance = random.Random(7)
    real = Mailing(account.pk).to("marie@yahoo.ca")
    found = []
    for at in range(number):
        fake = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(60))
        headers = {
            name: value.replace(real.headers["X-Courrielleur-Ref"], fake) for name, value in real.headers.items()
        }
        if at % 3 == 0:
            headers = {}
        sent = dataclasses.replace(
            real,
            recipient=f"r{at}@yahoo.ca",
            return_path=f"b-{fake}@bounce.courrielleur.example",
            headers={name: value for name, value in headers.items() if name != "Feedback-ID"},
            message_id=f"{at}@example.com",
        )
        found.append((mails.arf(sent, at=NOON), "fbl@bounce.courrielleur.example"))
        found.append((mails.dsn(sent, at=NOON), sent.return_path if at % 2 else "info@courrielleur.example"))
    return found


def verdict_of(account: Account) -> dict[str, object]:
    (judged,) = verdicts.of(
        Standing.objects.filter(account=account).select_related("account"), in_force([account]), NOON
    )
    return {"state": judged.verdict.state, **judged.verdict.figures()}


@pytest.mark.django_db
def test_ten_thousand_forged_complaints_and_bounces_change_no_score(settings):
    settings.DNS_SERVERS = ["127.0.0.1:9"]  # nobody signed anything: nobody is asked
    account = good_sender()
    assessments.assess([account.pk], NOON)
    before, counted = verdict_of(account), list(HourlyCount.objects.order_by("pk").values())

    fakes = forgeries(account, MANY)
    for start in range(0, len(fakes), 1_000):
        for raw, envelope_to in fakes[start : start + 1_000]:
            arrive(raw, envelope_to=envelope_to)
    while read_stored(BATCH, NOON, dkim.verifier()).read:
        pass
    assessments.assess_touched(NOON)

    assert InboundReport.objects.filter(state__in=("unidentified", "unverified")).count() == 2 * MANY
    assert not FeedbackEvent.objects.filter(is_counted=True).exists()
    assert not Suppression.objects.exists()
    assert list(HourlyCount.objects.order_by("pk").values()) == counted
    assert verdict_of(account) == before
    assert Standing.objects.get(account=account).level == "ok"


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
