"""What somebody would try who has read our code: to burn a competitor, or to keep true complaints from counting."""

import dataclasses

import pytest

from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account
from courrielleur.demo import mails
from fbl.models import FeedbackEvent, HourlyCount, InboundReport
from fbl.services.reports import BATCH, read_stored
from tests.recount import differences
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Account:
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    return account


def counted(name: str = "complaints") -> int:
    return sum(HourlyCount.objects.values_list(name, flat=True))


def lanes() -> list[tuple[str, str]]:
    return sorted(InboundReport.objects.values_list("state", "reason"))


@pytest.mark.parametrize("message_id", ["", "one@boutique.example.com"])
def test_a_forged_report_that_comes_first_does_not_make_the_true_one_a_duplicate(acme, message_id):
    other = make_account("autre")
    accounts.add_asset(kind="ip", value="192.0.2.77", account=other)
    sent = dataclasses.replace(Mailing(acme.pk).to("marie@yahoo.ca"), message_id=message_id)
    # The reference is right, and the address it is said to have come from is another's: it waits.
    arrive(mails.arf(dataclasses.replace(sent, source_ip="192.0.2.77"), at=NOON))
    read_stored(BATCH, NOON)
    assert (lanes(), counted()) == ([("unverified", "cross_account")], 0)

    arrive(mails.arf(sent, at=NOON))
    read_stored(BATCH, NOON)

    assert (counted(), differences()) == (1, [])
    assert FeedbackEvent.objects.filter(is_counted=True).count() == 1
