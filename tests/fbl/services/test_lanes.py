"""What waits in a lane counts when a person says so, once, with a note; or is put away."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account, User
from courrielleur.accounts.permissions import Role
from courrielleur.demo import mails
from fbl import selectors
from fbl.models import FeedbackEvent, InboundReport, LaneDecision, Suppression
from fbl.services import lanes, rereading
from fbl.services.lanes import DecisionRefused
from fbl.services.reports import BATCH, read_stored
from tests.recount import differences
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def simone() -> User:
    return accounts.invite(email="simone@example.com", name="Simone", role=Role.SPECIALIST, language="fr")


@pytest.fixture
def acme() -> Account:
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    return account


def bare(recipient: str = "marie@yahoo.ca", number: int = 1) -> bytes:
    """A complaint that names its account by the dedicated address alone."""
    sent = Mailing(0).to(recipient)
    plain = mails.Sent(
        **{**vars(sent), "headers": {}, "return_path": "i@example.com", "message_id": f"{number}@a.example"}
    )
    return mails.arf(plain, at=NOON)


def waiting(*raws: bytes) -> InboundReport:
    arrive(*raws)
    read_stored(BATCH, NOON)
    return InboundReport.objects.get(state="unverified")


def complaints(account: Account) -> int:
    return sum(
        day.complaints for day in selectors.daily_figures([account.pk], NOON.date() - timedelta(days=40), NOON.date())
    )


def test_an_accepted_complaint_counts_at_the_hour_the_reporter_tells(acme, simone):
    report = waiting(bare())
    assert (report.reason, report.account_id, complaints(acme)) == ("not_enrolled", acme.pk, 0)

    decision = lanes.accept(report.pk, by=simone, note="Vérifiée par téléphone.", now=NOON)

    assert (decision.counted, decision.reason, complaints(acme)) == (1, "not_enrolled", 1)
    event = FeedbackEvent.objects.get()
    assert (event.method, event.confidence, event.is_counted) == ("accepted", "strong", True)
    assert Suppression.objects.get().tag == "pourriel"
    assert InboundReport.objects.get().state == "recorded"
    assert differences() == []


def test_a_report_is_decided_once(acme, simone):
    report = waiting(bare())
    lanes.accept(report.pk, by=simone, note="Vérifiée.", now=NOON)

    for decide in (lanes.accept, lanes.dismiss):
        with pytest.raises(DecisionRefused, match="decided"):
            decide(report.pk, by=simone, note="Encore.", now=NOON)
    rereading.reread([report.pk], NOON)

    assert complaints(acme) == 1
    assert LaneDecision.objects.count() == 1


def test_a_note_is_needed(acme, simone):
    report = waiting(bare())
    with pytest.raises(DecisionRefused, match="without_note"):
        lanes.accept(report.pk, by=simone, note="  ", now=NOON)
    assert complaints(acme) == 0


def test_accepting_what_was_counted_already_counts_nothing(acme, simone):
    sent = Mailing(acme.pk).to("marie@yahoo.ca")
    arrive(mails.arf(sent, at=NOON))
    report = waiting(mails.arf(sent, at=NOON, reporter="other@fbl.example.net"))
    assert report.reason == "replayed"

    assert lanes.accept(report.pk, by=simone, note="Deux sources.", now=NOON).counted == 0
    assert complaints(acme) == 1


@pytest.mark.parametrize("bounce", [True, False])
def test_a_bounce_that_came_elsewhere_counts_when_accepted(acme, simone, bounce):
    sent = Mailing(acme.pk).to("parti@example.net")
    make_account("bistro")
    if bounce:
        arrive(mails.dsn(sent, at=NOON), at=NOON + timedelta(days=30))
    else:
        arrive(mails.arf(sent, at=NOON), at=NOON + timedelta(days=300))
    read_stored(BATCH, NOON)
    report = InboundReport.objects.get()
    assert (report.state, report.reason) == ("unverified", "expired")

    assert lanes.accept(report.pk, by=simone, note="Notre entrée était fermée.", now=NOON).counted == 1
    assert differences() == []


def test_who_decided_what_and_why_can_not_be_rewritten(acme, simone):
    report = waiting(bare())
    lanes.dismiss(report.pk, by=simone, now=NOON)
    assert InboundReport.objects.get().state == "dismissed"
    for change in (
        lambda: LaneDecision.objects.update(note="autre"),
        lambda: LaneDecision.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_wave_is_dismissed_at_once_and_only_that(acme, simone):
    arrive(*(bare(number=number) for number in range(5)), b"Subject: x\r\n\r\nrien")
    read_stored(BATCH, NOON)
    assert selectors.lane_reasons("unverified") == [("not_enrolled", 5)]

    assert lanes.dismiss_all("unverified", "not_enrolled", by=simone, note="Vague de faux.", now=NOON) == 5
    assert selectors.lane_counts().counts == {"unreadable": 1}
    assert LaneDecision.objects.count() == 5


def test_a_redacted_complainer_is_never_suppressed_as_an_address(acme, simone):
    report = waiting(bare("redacted-77aa@yahoo.ca"))
    lanes.accept(report.pk, by=simone, note="Vérifiée.", now=NOON)

    event = FeedbackEvent.objects.get()
    assert (event.is_counted, event.recipient) == (True, None)
    assert not Suppression.objects.exists()
    assert complaints(acme) == 1
