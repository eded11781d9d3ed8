"""Coverage is measured against the law on the day of each mail, once a day, and never over a trap."""

from datetime import timedelta

import pytest

from consent import selectors
from consent.models import ConsentWithdrawal, ListCoverage
from consent.services import coverage, uploads
from courrielleur import vault
from courrielleur.demo import mails
from fbl.core.addresses import digest
from fbl.models import FeedbackEvent
from fbl.services import reports
from tests.worlds import NOON, Mailing, arrive

pytestmark = pytest.mark.django_db


def hear_of(account, *addresses, campaign="infolettre"):
    sent = Mailing(account.pk, campaign=campaign)
    arrive(*(mails.arf(sent.to(address), at=NOON) for address in addresses))
    reports.read_stored(reports.BATCH, NOON)


def hand_in(account, *rows):
    text = "Courriel;DateHeure;IP;Méthode\r\n" + "".join(f"{row}\r\n" for row in rows)
    stored, _is_new = uploads.store(account, text.encode(), "preuves.csv", "Anne", NOON)
    return uploads.read(stored, NOON)


def test_only_a_consent_that_was_valid_on_the_day_of_the_mail_counts(account):
    hear_of(account, "valid@yahoo.ca", "late@yahoo.ca", "bought@yahoo.ca", "none@yahoo.ca")
    hand_in(
        account,
        "valid@yahoo.ca;2026-03-01 10:00 UTC;192.0.2.17;single_opt_in",
        "late@yahoo.ca;2026-11-20 11:59 UTC;192.0.2.17;single_opt_in",
        "bought@yahoo.ca;2026-03-01 10:00 UTC;192.0.2.17;purchased",
        "unheard@yahoo.ca;2026-03-01 10:00 UTC;192.0.2.17;single_opt_in",
    )
    found = coverage.measure(account, NOON)
    assert (found.recipients, found.with_record, found.valid) == (4, 3, 1)
    assert found.share is None, "four recipients are too few to tell"


def test_a_consent_that_was_taken_back_before_the_mail_does_not_count(account):
    hear_of(account, "marie@yahoo.ca")
    hand_in(account, "marie@yahoo.ca;2026-03-01 10:00 UTC;192.0.2.17;single_opt_in")
    taken_back = NOON - timedelta(days=30)
    ConsentWithdrawal.objects.create(
        account_id=account.pk, recipient_digest=digest("marie@yahoo.ca", vault.digest_key()),
        withdrawn_at=taken_back, told_at=taken_back, told_by="clé", fields=vault.encrypt_text("{}"),
    )  # fmt: skip
    assert coverage.measure(account, NOON).valid == 0


def test_campaigns_are_measured_apart(account):
    hear_of(account, "marie@yahoo.ca")
    hear_of(account, "luc@yahoo.ca", "ann@yahoo.ca", campaign="soldes")
    hand_in(account, "luc@yahoo.ca;2026-03-01 10:00 UTC;192.0.2.17;single_opt_in")
    found = coverage.measure(account, NOON).campaigns
    assert [(one["recipients"], one["with_record"], one["valid"]) for one in found] == [(2, 1, 1), (1, 0, 0)]


def test_a_trap_is_never_among_those_we_heard_of(account):
    hear_of(account, "marie@yahoo.ca", "piege@yahoo.ca")
    FeedbackEvent.objects.create(
        account_id=account.pk, send_day=NOON.date(), digest=b"t" * 16, kind="trap", arrived_at=NOON,
        recipient_digest=digest("piege@yahoo.ca", vault.digest_key()), method="feed", confidence="certain",
        is_counted=True,
    )  # fmt: skip
    assert coverage.measure(account, NOON).recipients == 1


def test_a_new_record_does_not_move_the_figure_before_the_next_day(account):
    hear_of(account, *(f"r{number}@yahoo.ca" for number in range(20)))
    assert coverage.measure_due(NOON) == 1
    hand_in(account, *(f"r{number}@yahoo.ca;2026-03-01 10:00 UTC;192.0.2.17;single_opt_in" for number in range(20)))
    assert coverage.measure_due(NOON + timedelta(hours=23)) == 0
    assert selectors.reach_of(account, NOON).share == 0.0
    assert coverage.is_due(NOON + timedelta(days=1))
    coverage.measure_due(NOON + timedelta(days=1))
    assert selectors.reach_of(account, NOON).share == 1.0


def test_the_latest_sample_and_the_largest_mailing_stand_beside_it(account):
    found = selectors.reach_of(account, NOON)
    assert (found.measured_at, found.share, found.of_mailing, found.sampled) == (None, None, None, 0)
    ListCoverage.objects.create(
        account=account, measured_at=NOON, recipients=200, with_record=120, valid=111, share=0.55
    )
    assert selectors.reach_of(account, NOON).share == 0.55
