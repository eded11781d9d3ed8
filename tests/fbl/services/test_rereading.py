"""Reading again after a fix leaves what a first reading by the fixed reader would have left."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courrielleur.accounts import services as accounts
from courrielleur.demo import mails
from fbl.core import registry
from fbl.core.report import BounceClass, Kind, Report
from fbl.models import FeedbackEvent, HourlyCount, InboundReport, Suppression
from fbl.services import reading, reports, rereading
from tests.recount import differences
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db


def read() -> None:
    while reports.read_stored(reports.BATCH, NOON).read:
        pass


def counters() -> dict[str, int]:
    names = ("complaints", "hard_bounces", "soft_bounces", "block_bounces", "unsubscribes")
    rows = list(HourlyCount.objects.values(*names))
    return {name: total for name in names if (total := sum(row[name] for row in rows))}


def misread(monkeypatch, change) -> None:
    """Let the reader be wrong, as it was before the fix."""
    monkeypatch.setattr(reading, "read_report", lambda raw: change(registry.read_report(raw)))


def with_class(report: Report, bounce_class: BounceClass) -> Report:
    return replace(report, recipients=tuple(replace(one, bounce_class=bounce_class) for one in report.recipients))


def test_a_bounce_that_was_taken_for_hard_is_soft_and_its_recipient_mailed_again(monkeypatch):
    account = make_account()
    sent = Mailing(account.pk).to("plein@example.net")
    arrive(mails.dsn(sent, at=NOON, status="5.2.2", diagnostic="smtp; 552 5.2.2 Mailbox full"))
    misread(monkeypatch, lambda report: with_class(report, BounceClass.HARD))
    read()
    assert counters() == {"hard_bounces": 1}
    assert Suppression.objects.count() == 1

    monkeypatch.undo()
    rereading.reread(rereading.ids_to_reread(), NOON)

    assert counters() == {"soft_bounces": 1}
    assert not Suppression.objects.exists()
    assert differences() == []


def test_a_complaint_that_was_unreadable_counts_at_its_send_hour(monkeypatch):
    account = make_account()
    arrive(mails.arf(Mailing(account.pk).to("marie@yahoo.ca"), at=NOON))
    misread(monkeypatch, lambda _report: Report(kind=Kind.UNREADABLE, error="?"))
    read()
    assert counters() == {}

    monkeypatch.undo()
    rereading.reread(rereading.ids_to_reread("unreadable", NOON - timedelta(days=1)), NOON)

    assert counters() == {"complaints": 1}
    assert InboundReport.objects.get().state == "recorded"


def test_the_second_complaint_of_a_recipient_counts_when_the_first_was_none(monkeypatch):
    account = make_account()
    first, second = (Mailing(account.pk, name).to("marie@yahoo.ca") for name in ("lundi", "mardi"))
    arrive(mails.arf(first, at=NOON, feedback_type="virus"))
    misread(monkeypatch, lambda report: replace(report, kind=Kind.COMPLAINT))
    read()
    monkeypatch.undo()
    arrive(mails.arf(second, at=NOON))
    read()
    assert list(FeedbackEvent.objects.filter(is_counted=True).values_list("kind", flat=True)) == ["complaint"]

    rereading.reread(rereading.ids_to_reread(), NOON)

    assert counters() == {"complaints": 1}
    assert FeedbackEvent.objects.get(kind="complaint").is_counted
    assert Suppression.objects.get().reason == "complaint"
    assert differences() == []


def test_a_report_moves_to_the_account_that_owns_the_address_now():
    acme, bistro = make_account("acme"), make_account("bistro")
    accounts.add_asset(kind="ip", value="192.0.2.25", account=acme)
    bare = {"headers": {}, "return_path": "i@example.com"}
    arrive(mails.arf(mails.Sent(**{**vars(Mailing(0).to("marie@yahoo.ca")), **bare}), at=NOON))
    read()
    acme.assets.update(account=bistro)

    rereading.reread(rereading.ids_to_reread(), NOON)

    assert FeedbackEvent.objects.get().account_id == bistro.pk
    assert InboundReport.objects.get().account_id == bistro.pk


KINDS = ("complaint", "not_spam", "hard", "soft", "block")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.integers(0, 3),  # recipient
            st.integers(0, 1),  # campaign
            st.sampled_from([None, "hard", "unreadable"]),  # how the reader was wrong
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 5),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_was_misread_the_counters_are_a_recount(rows, batch):
    with transaction.atomic():
        _read_wrongly_and_again(rows, batch)
        transaction.set_rollback(True)


def _read_wrongly_and_again(rows: list[tuple[str, int, int, str | None]], batch: int) -> None:
    account = make_account()
    wrong: dict[bytes, str | None] = {}
    for number, (kind, recipient, campaign, error) in enumerate(rows):
        raw = _mail(kind, Mailing(account.pk, f"c{campaign}").to(f"r{recipient}@yahoo.ca"))
        wrong[raw] = error
        arrive(raw, at=NOON + timedelta(minutes=number))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_report", lambda raw: _wrongly(raw, wrong.get(raw)))
        while reports.read_stored(batch, NOON).read:
            pass
    assert differences() == []

    rereading.reread(rereading.ids_to_reread(), NOON + timedelta(hours=1))
    assert differences() == []
    once = counters()
    rereading.reread(rereading.ids_to_reread(), NOON + timedelta(hours=2))
    assert counters() == once
    bounces = {name: once.get(f"{name}_bounces", 0) for name in ("hard", "soft", "block")}
    assert bounces == {name: len({row[:3] for row in rows if row[0] == name}) for name in bounces}


def _mail(kind: str, sent: mails.Sent) -> bytes:
    if kind in ("complaint", "not_spam"):
        return mails.arf(sent, at=NOON, feedback_type={"complaint": "abuse", "not_spam": "not-spam"}[kind])
    status, text = {
        "hard": ("5.1.1", "smtp; 550 5.1.1 User unknown"),
        "soft": ("5.2.2", "smtp; 552 5.2.2 Mailbox full"),
        "block": ("5.7.1", "smtp; 550 5.7.1 Message blocked due to spam policy"),
    }[kind]
    return mails.dsn(sent, at=NOON, status=status, diagnostic=text)


def _wrongly(raw: bytes, error: str | None) -> Report:
    report = registry.read_report(raw)
    if error == "unreadable":
        return Report(kind=Kind.UNREADABLE, error="?")
    return with_class(report, BounceClass.HARD) if error == "hard" and report.kind is Kind.BOUNCE else report
