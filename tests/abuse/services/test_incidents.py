"""Was it us? Trouble that hits everybody stops nobody, and bad senders do not hide behind it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from abuse.models import Case, Incident, IncidentCell, Standing, Suspension
from abuse.selectors import incidents as selectors
from abuse.services import assessments, incidents
from abuse.services.incidents import IncidentClosed
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account, Reseller
from courrielleur.demo import mails
from fbl.models import FeedbackEvent, HourlyCount, Suppression, TouchedAccount
from fbl.services import reports
from tests.abuse.world import purchased_list
from tests.worlds import NOON, Mailing, arrive, hour, make_account, make_reseller

pytestmark = pytest.mark.django_db

ACCOUNTS = 300
HERE, ELSEWHERE = "microsoft", "yahoo"


@pytest.fixture
def platform() -> list[Account]:
    """300 honest accounts of ten resellers, all through the same shared addresses."""
    resellers = [make_reseller(f"reseller-{number}") for number in range(10)]
    return Account.objects.bulk_create(
        Account(reseller=resellers[number % 10], key=f"client-{number}", name=f"Client {number}", language="fr")
        for number in range(ACCOUNTS)
    )


def counts(accounts: list[Account], days_ago: int, provider: str, **figures: int) -> Iterator[HourlyCount]:
    for account in accounts:
        yield HourlyCount(
            account_id=account.pk,
            send_hour=hour(NOON - timedelta(days=days_ago)),
            provider=provider,
            campaign="infolettre",
            **figures,
        )


def sent(accounts: list[Account], **figures: int) -> None:
    """Everybody mails for three days, and today mail to one provider bounces for everybody."""
    rows = [row for days_ago in (1, 2, 3) for row in counts(accounts, days_ago, ELSEWHERE, delivered=400)]
    rows += counts(accounts, 0, ELSEWHERE, delivered=400)
    rows += counts(accounts, 0, HERE, **figures)
    HourlyCount.objects.bulk_create(rows)
    TouchedAccount.objects.bulk_create(
        TouchedAccount(account_id=account.pk, touched_at=NOON, first_touched_at=NOON) for account in accounts
    )


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        ("hard", {"delivered": 20, "hard_bounces": 180}),  # the provider calls everybody unknown
        ("block", {"delivered": 20, "block_bounces": 180}),  # Spamhaus lists an address we all share
    ],
)
def test_trouble_of_300_accounts_at_once_stops_nobody_and_is_one_incident(
    platform: list[Account], kind: str, figures: dict[str, int]
) -> None:
    sent(platform, **figures)
    assert assessments.assess_touched(NOON) == ACCOUNTS
    assert not Suspension.objects.exists()
    assert not Case.objects.exists()
    assert set(Standing.objects.values_list("level", flat=True)) == {"ok"}
    [view] = selectors.latest_incidents()
    assert (view.incident.kind, view.accounts, view.providers) == (kind, ACCOUNTS, (HERE,))


def test_without_the_look_they_would_all_be_held_or_stopped(platform: list[Account], monkeypatch) -> None:
    monkeypatch.setattr(incidents, "look_at", lambda ids, now: [])
    sent(platform, delivered=20, hard_bounces=180)
    assessments.assess_touched(NOON)
    assert not Standing.objects.filter(level="ok").exists()


def test_a_bad_list_is_stopped_in_the_middle_of_an_outage(platform: list[Account]) -> None:
    spammer = make_account("spammer", reseller=Reseller.objects.first())
    purchased_list(spammer)
    sent(platform, delivered=20, hard_bounces=180)
    assessments.assess_touched(NOON)
    assert [stop.account for stop in Suspension.objects.all()] == [spammer]


def test_the_hours_of_one_trouble_are_one_incident(platform: list[Account]) -> None:
    sent(platform, delivered=20, hard_bounces=180)
    HourlyCount.objects.bulk_create(
        HourlyCount(
            account_id=account.pk,
            send_hour=hour(NOON) - 2,
            provider=HERE,
            campaign="suite",
            delivered=10,
            hard_bounces=90,
        )
        for account in platform
    )
    assessments.assess_touched(NOON)
    incident = Incident.objects.get()
    assert (incident.first_hour, incident.last_hour) == (hour(NOON) - 2, hour(NOON))
    assert IncidentCell.objects.count() == 2


def test_blocks_at_several_providers_share_one_cause(platform: list[Account]) -> None:
    sent(platform, delivered=20, block_bounces=180)
    HourlyCount.objects.bulk_create(counts(platform, 0, "orange", delivered=5, block_bounces=60))
    assessments.assess_touched(NOON)
    [view] = selectors.latest_incidents()
    assert view.providers == (HERE, "orange")


def test_dismissed_by_a_person_the_bounces_count_again(platform: list[Account], lea: Actor) -> None:
    sent(platform, delivered=20, hard_bounces=180)
    assessments.assess_touched(NOON)
    assert lea.user is not None
    incidents.close(Incident.objects.get(), by=lea.user, note="Liste vendue à tous", now=NOON, is_dismissed=True)
    later = NOON + timedelta(minutes=5)
    assert assessments.assess_touched(later) == ACCOUNTS
    assert not Standing.objects.filter(level="ok").exists()


def test_an_incident_is_closed_once_and_with_a_word(platform: list[Account], lea: Actor) -> None:
    sent(platform, delivered=20, hard_bounces=180)
    assessments.assess_touched(NOON)
    incident = Incident.objects.get()
    assert lea.user is not None
    with pytest.raises(ValueError, match="note"):
        incidents.close(incident, by=lea.user, note=" ", now=NOON)
    incidents.close(incident, by=lea.user, note="Panne de Microsoft", now=NOON)
    with pytest.raises(IncidentClosed):
        incidents.close(incident, by=lea.user, note="Encore", now=NOON)
    assert selectors.open_incidents() == 0
    assert (HERE, hour(NOON)) in selectors.excused_cells(NOON)


def test_closing_an_outage_lets_the_addresses_be_mailed_again_that_it_alone_suppressed(
    account: Account, lea: Actor
) -> None:
    here, before = Mailing(account.pk, sent_at=NOON), Mailing(account.pk, sent_at=NOON - timedelta(days=3))
    broken, gone = here.to("marie@yahoo.ca"), here.to("luc@yahoo.ca")
    arrive(mails.dsn(broken, at=NOON), mails.dsn(gone, at=NOON), mails.dsn(before.to("luc@yahoo.ca"), at=NOON))
    arrive(mails.arf(here.to("zoe@yahoo.ca"), at=NOON))
    reports.read_stored(100, NOON)
    assert Suppression.objects.count() == 3
    incident = Incident.objects.create(kind="hard", opened_at=NOON, first_hour=hour(NOON), last_hour=hour(NOON))
    IncidentCell.objects.create(
        incident=incident,
        kind="hard",
        provider=FeedbackEvent.objects.filter(kind="bounce").values_list("provider", flat=True)[0],
        hour=hour(NOON),
        accounts=9,
        senders=9,
        sent=900,
        failed=800,
        found_at=NOON,
    )
    assert lea.user is not None
    assert incidents.close(incident, by=lea.user, note="Panne", now=NOON) == 1
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"complaint", "hard_bounce"}
    assert Suppression.objects.count() == 2
