"""A report is read once, counted once, and lands where people see it."""

from datetime import timedelta

import pytest
from django.db import connection

from courrielleur.demo import mails
from fbl import selectors
from fbl.models import FeedbackEvent, HourlyCount, InboundReport, Suppression, TouchedAccount
from fbl.services import references, reports, rereading, touches
from tests.worlds import NOON, Mailing, arrive, hour, make_account

pytestmark = pytest.mark.django_db


def read_all() -> reports.ReadResult:
    return reports.read_stored(reports.BATCH, NOON)


def counters(account_id: int) -> dict[str, int]:
    fields = ("complaints", "hard_bounces", "soft_bounces", "block_bounces", "unsubscribes")
    rows = HourlyCount.objects.filter(account_id=account_id).values(*fields)
    return {field: total for field in fields if (total := sum(row[field] for row in rows))}


def test_a_complaint_is_counted_at_its_send_hour_and_suppresses_the_complainer():
    account = make_account()
    sent = Mailing(account.pk).to("marie@yahoo.ca")
    arrive(mails.arf(sent, at=NOON))

    result = read_all()

    assert (result.read, result.events, result.recorded) == (1, 1, 1)
    row = HourlyCount.objects.get()
    assert (row.account_id, row.send_hour, row.provider, row.complaints) == (
        account.pk,
        hour(sent.sent_at),
        "yahoo",
        1,
    )
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.tag) == ("complaint", "pourriel")
    assert TouchedAccount.objects.get().account_id == account.pk


def test_a_report_keeps_its_own_date_whoever_sent_it():
    """No feed is enrolled here: what was brought in from years of mail is still dated by itself."""
    written = NOON - timedelta(days=40)
    arrive(mails.arf(Mailing(make_account().pk).to("marie@yahoo.ca"), at=written))
    read_all()
    assert InboundReport.objects.get().reported_at == written


@pytest.mark.parametrize("make", [mails.jmrp, mails.jmrp_legacy], ids=["since June 2026", "until June 2026"])
def test_both_forms_of_outlook_complaints_count_for_outlook(make):
    account = make_account()
    arrive(make(Mailing(account.pk).to("luc@hotmail.com"), at=NOON))

    read_all()

    row = HourlyCount.objects.get()
    assert (row.provider, row.complaints) == ("microsoft", 1)
    assert Suppression.objects.count() == 1


def test_a_redacted_report_suppresses_the_recipient_and_keeps_no_made_up_address():
    account = make_account()
    arrive(mails.arf(Mailing(account.pk).to("marie@yahoo.ca"), at=NOON, redacted=True))

    read_all()

    event = FeedbackEvent.objects.get()
    assert event.recipient is None
    assert bytes(event.recipient_digest) == bytes(Suppression.objects.get().recipient_digest)


def test_the_same_complaint_in_other_bytes_is_one_event():
    account = make_account()
    sent = Mailing(account.pk).to("marie@yahoo.ca")
    arrive(mails.arf(sent, at=NOON), mails.arf(sent, at=NOON + timedelta(hours=3)))
    read_all()
    arrive(mails.arf(sent, at=NOON + timedelta(hours=5)))
    read_all()

    assert counters(account.pk) == {"complaints": 1}
    assert FeedbackEvent.objects.count() == 1


def test_a_recipient_complains_once_in_thirty_days_however_many_mails_they_report():
    account = make_account()
    first, second = Mailing(account.pk, "lundi").to("marie@yahoo.ca"), Mailing(account.pk, "mardi").to("marie@yahoo.ca")
    other = Mailing(account.pk, "mardi").to("luc@yahoo.ca")
    arrive(mails.arf(first, at=NOON), mails.arf(second, at=NOON), mails.arf(other, at=NOON))

    read_all()

    assert counters(account.pk) == {"complaints": 2}
    assert FeedbackEvent.objects.filter(is_counted=False).count() == 1


def test_a_hard_bounce_at_our_return_path_counts_and_suppresses():
    account = make_account()
    arrive(mails.dsn(Mailing(account.pk).to("parti@example.net"), at=NOON))

    read_all()

    assert counters(account.pk) == {"hard_bounces": 1}
    assert Suppression.objects.get().reason == "hard_bounce"


def test_a_bounce_that_came_elsewhere_counts_nothing_and_waits_in_the_unverified_lane():
    account = make_account()
    arrive(mails.dsn(Mailing(account.pk).to("parti@example.net"), at=NOON), envelope_to="info@courrielleur.example")

    read_all()

    assert counters(account.pk) == {}
    assert not Suppression.objects.exists()
    assert InboundReport.objects.get().state in {"unverified", "unidentified"}


def test_a_soft_bounce_counts_as_soft_and_suppresses_nobody():
    account = make_account()
    sent = Mailing(account.pk).to("plein@example.net")
    arrive(mails.dsn(sent, at=NOON, status="5.2.2", diagnostic="smtp; 552 5.2.2 Mailbox full"))

    read_all()

    assert counters(account.pk) == {"soft_bounces": 1}
    assert not Suppression.objects.exists()


def test_a_forged_reference_counts_nothing_and_names_nobody():
    make_account()
    sent = Mailing(1).to("marie@yahoo.ca")
    forged = {name: value.replace("a", "b", 3) for name, value in sent.headers.items()}
    arrive(mails.arf(mails.Sent(**{**vars(sent), "headers": forged, "return_path": "info@example.com"}), at=NOON))

    read_all()

    report = InboundReport.objects.get()
    assert report.state == "unidentified"
    assert "forged" in report.reason
    assert not FeedbackEvent.objects.exists()


def test_a_reference_of_an_account_that_is_not_here_is_unidentified():
    arrive(mails.arf(Mailing(4_000_000).to("marie@yahoo.ca"), at=NOON))

    assert read_all().unidentified == 1


def test_vacation_answers_are_read_and_ignored():
    account = make_account()
    arrive(mails.vacation(Mailing(account.pk).to("marie@example.net"), at=NOON))

    assert read_all().ignored == 1
    assert not FeedbackEvent.objects.exists()


def test_rubbish_waits_in_the_unreadable_tray_with_its_bytes():
    arrive(b"\x00\xff" * 100)

    assert read_all().unreadable == 1
    report = InboundReport.objects.get()
    assert selectors.report_source(report.pk) == b"\x00\xff" * 100


def test_reading_again_changes_no_counter():
    account = make_account()
    mailing = Mailing(account.pk)
    arrive(*(mails.arf(mailing.to(f"r{n}@yahoo.ca"), at=NOON) for n in range(5)))
    read_all()
    before = counters(account.pk)

    rereading.reread(list(InboundReport.objects.values_list("pk", flat=True)), NOON)

    assert counters(account.pk) == before == {"complaints": 5}


def test_a_campaign_is_shown_by_name_once_the_name_is_told():
    account = make_account()
    arrive(mails.arf(Mailing(account.pk, "soldes").to("marie@yahoo.ca"), at=NOON))
    read_all()
    assert HourlyCount.objects.get().campaign.startswith("#")

    references.mint_many(account.pk, [references.ReferenceRow("luc@yahoo.ca", "soldes", hour(NOON))], NOON)

    assert HourlyCount.objects.get().campaign == "soldes"
    assert FeedbackEvent.objects.get().campaign == "soldes"


def test_a_settled_touch_is_gone_and_a_new_one_comes_with_the_next_event():
    account = make_account()
    arrive(mails.arf(Mailing(account.pk).to("marie@yahoo.ca"), at=NOON))
    read_all()
    touches.settle(touches.take(10))
    assert not TouchedAccount.objects.exists()

    arrive(mails.arf(Mailing(account.pk).to("luc@yahoo.ca"), at=NOON))
    read_all()
    assert TouchedAccount.objects.count() == 1


def test_old_bytes_are_forgotten_and_the_figures_stay():
    account = make_account()
    arrive(mails.arf(Mailing(account.pk).to("marie@yahoo.ca"), at=NOON))
    read_all()

    assert reports.purge(NOON + timedelta(days=31)) == 1
    assert selectors.report_source(InboundReport.objects.get().pk) is None
    assert counters(account.pk) == {"complaints": 1}


def test_stored_bytes_are_encrypted():
    arrive(b"Subject: bonjour marie\r\n\r\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw FROM fbl_inboundreport")
        assert b"marie" not in bytes(cursor.fetchone()[0])


def test_what_is_set_aside_is_told_by_why_as_it_was_then():
    account = make_account()
    old = Mailing(account.pk, "lundi", sent_at=NOON - timedelta(days=9))
    arrive(mails.arf(old.to("marie@yahoo.ca"), at=NOON), at=NOON - timedelta(minutes=1))
    arrive(
        mails.arf(Mailing(account.pk, "mardi").to("marie@yahoo.ca"), at=NOON),
        mails.arf(Mailing(account.pk, "mardi").to("luc@yahoo.ca"), at=NOON),
    )
    read_all()
    period = (NOON.date() - timedelta(days=2), NOON.date())

    told = selectors.complaints_set_aside(account.pk, *period, NOON)
    before = selectors.complaints_set_aside(account.pk, *period, NOON - timedelta(hours=1))

    assert told == {"duplicates": 1, "undated": 0, "late": 1}
    assert before == {"duplicates": 0, "undated": 0, "late": 0}


def test_a_mail_with_the_references_of_two_accounts_counts_against_neither():
    one, other = make_account("une"), make_account("autre")
    sent = Mailing(one.pk).to("marie@yahoo.ca")
    foreign = Mailing(other.pk).to("marie@yahoo.ca").headers["X-Courrielleur-Ref"]
    raw = mails.arf(sent, at=NOON).replace(
        b"X-Courrielleur-Ref: ", f"X-Courrielleur-Ref: {foreign}\r\nX-Courrielleur-Ref: ".encode()
    )
    arrive(raw)

    assert read_all().unverified == 1
    assert counters(one.pk) == counters(other.pk) == {}
