"""The case shows how far consent records cover those who complained or bounced."""

from datetime import timedelta

import pytest

from abuse.core.case import CaseState
from abuse.models import Case
from consent import selectors
from consent.core.coverage import Tally
from consent.core.crossexam import TrapCrossing
from consent.services import uploads, withdrawals
from courrielleur import vault
from courrielleur.demo import mails
from fbl.core.addresses import digest
from fbl.models import FeedbackEvent
from fbl.services import reports
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db

FILE = (
    b"Courriel,DateHeure\n"
    b"marie@yahoo.ca,2020-05-01 10:00 UTC\n"
    b"marie@yahoo.ca,2026-11-20 11:00 UTC\n"
    b"luc@yahoo.ca,2026-11-20 11:00 UTC\n"
    b"paul@example.com,\n"
    b"someone.else@example.com,2020-05-01 10:00 UTC\n"
    b"bad\n"
)


def case_of(account, opened_at=NOON):
    return Case.objects.create(
        account=account, key="C-000001", state=CaseState.SUBMITTED, opened_at=opened_at, changed_at=opened_at
    )


def upload(account, data=FILE):
    stored, _is_new = uploads.store(account, data, "preuves.csv", "Anne", NOON)
    return uploads.read(stored, NOON)


def report(account):
    sent = Mailing(account.pk)
    complaints = [
        mails.arf(sent.to(address), at=NOON) for address in ("marie@yahoo.ca", "luc@yahoo.ca", "ann@yahoo.ca")
    ]
    bounces = [mails.dsn(sent.to(address), at=NOON) for address in ("paul@example.com", "eve@example.com")]
    arrive(*complaints, *bounces)
    reports.read_stored(reports.BATCH, NOON)


def test_complainers_and_bounced_are_held_against_the_records():
    account = make_account()
    report(account)
    upload(account)
    found = selectors.coverage(case_of(account))
    assert found.complainers == Tally(recipients=3, with_record=2, with_date=2, after_send=1)
    assert found.bounced == Tally(recipients=2, with_record=1, with_date=0, after_send=0)
    assert (found.records, found.recipients_on_record) == (5, 4)


def test_without_records_nothing_is_covered():
    account = make_account()
    report(account)
    found = selectors.coverage(case_of(account))
    assert not found.has_records
    assert (found.complainers.recipients, found.complainers.share) == (3, 0.0)


def test_records_of_another_account_cover_nobody():
    account = make_account()
    report(account)
    upload(make_account("zenith"))
    assert selectors.coverage(case_of(account)).complainers.with_record == 0


def test_mail_of_another_time_is_no_part_of_the_case():
    account = make_account()
    report(account)
    later = NOON + timedelta(days=selectors.COVERAGE_DAYS)
    assert selectors.coverage(case_of(account, later)).complainers.recipients == 0


def test_uploads_are_listed_newest_first_and_only_the_accounts_own():
    account, other = make_account(), make_account("zenith")
    first, second = upload(account), upload(account, b"Courriel\nann@example.com\n")
    upload(other)
    assert list(selectors.uploads_for(account)) == [second, first]


def test_the_case_is_crossed_with_ordinary_recipients_and_with_traps_in_bands():
    account = make_account()
    report(account)
    upload(account)
    seen = {"account_id": account.pk, "send_day": NOON.date(), "send_hour": 495_000, "arrived_at": NOON}
    for number, (kind, bounce_class, address) in enumerate(
        [("unsubscribe", "", "someone.else@example.com"), ("bounce", "soft", "zoe@example.com"),
         ("trap", "", "marie@yahoo.ca")]
    ):  # fmt: skip
        FeedbackEvent.objects.create(
            **seen, digest=bytes([number]) * 16, kind=kind, bounce_class=bounce_class, is_counted=True,
            recipient_digest=digest(address, vault.digest_key()), method="token", confidence="certain",
        )  # fmt: skip
    found = selectors.cross_examination(case_of(account))
    assert found.complainers == Tally(recipients=3, with_record=2, with_date=2, after_send=1)
    assert (found.ordinary.recipients, found.ordinary.with_record) == (2, 1)
    assert found.traps == (TrapCrossing("unknown", "1-5", "1-5"),)


def test_a_consent_taken_back_before_the_mail_covers_no_complainer():
    account = make_account()
    report(account)
    upload(account)
    case = case_of(account)
    recipient = digest("luc@yahoo.ca", vault.digest_key())
    told = {"how": "", "told_by": "Acme", "now": NOON}
    withdrawals.withdraw(account.pk, {recipient: ""}, withdrawn_at=NOON + timedelta(days=2), **told)
    assert selectors.coverage(case).complainers.with_record == 2
    withdrawals.withdraw(account.pk, {recipient: ""}, withdrawn_at=NOON - timedelta(days=20), **told)
    assert selectors.coverage(case).complainers.with_record == 2  # the record is younger: given again
    marie = digest("marie@yahoo.ca", vault.digest_key())
    withdrawals.withdraw(account.pk, {marie: ""}, withdrawn_at=NOON - timedelta(days=2), **told)
    both = (selectors.coverage(case).complainers, selectors.cross_examination(case).complainers)
    assert [(found.with_record, found.after_send) for found in both] == [(2, 2), (2, 2)]  # what is left was given later
