"""Several doors and workers at once, with the same mails: each is stored once, and counted once."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connections

from courrielleur.demo import mails
from fbl.models import FeedbackEvent, HourlyCount, InboundReport
from fbl.services import reports, rereading
from fbl.services.inbox import Arrival, store
from tests.recount import differences
from tests.worlds import NOON, Mailing, make_account

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4
RECIPIENTS = 30


def what_comes(account_id: int) -> list[Arrival]:
    """Return two complaints of each recipient, a day apart and about two campaigns, each told twice; and a bounce."""
    found = []
    for number in range(RECIPIENTS):
        for campaign, hours in (("lundi", 0), ("mardi", 24)):
            sent = Mailing(account_id, campaign).to(f"r{number}@yahoo.ca")
            for again in range(2):
                at = NOON + timedelta(hours=hours, minutes=number, seconds=again)
                found.append(Arrival(mails.arf(sent, at=at), "smtp", at, envelope_to="fbl@bounce.courrielleur.example"))
        bounced = Mailing(account_id).to(f"b{number}@example.net")
        found.append(Arrival(mails.dsn(bounced, at=NOON), "smtp", NOON, envelope_to=bounced.return_path))
    return found


def work(seed: int, arrivals: list[Arrival]) -> None:
    """Store everything in an order of one's own, and read and re-read meanwhile, as a worker that tries again does."""
    chance = random.Random(seed)
    mixed = chance.sample(arrivals, len(arrivals))
    try:
        while mixed:
            several, mixed = mixed[:20], mixed[20:]
            _patiently(lambda several=several: store(several))
            _patiently(lambda: reports.read_stored(7, NOON))
            ids = rereading.ids_to_reread()
            _patiently(lambda ids=ids: rereading.reread(chance.sample(ids, min(len(ids), 5)), NOON))
        while _patiently(lambda: reports.read_stored(7, NOON)).read:
            pass
    finally:
        connections.close_all()


def _patiently(act):
    for _ in range(10):
        try:
            return act()
        except OperationalError:
            continue
    return act()


def test_workers_at_once_come_to_what_one_would():
    account = make_account()
    arrivals = what_comes(account.pk)
    with ThreadPoolExecutor(WORKERS) as pool:
        for one in [pool.submit(work, seed, arrivals) for seed in range(WORKERS)]:
            one.result()

    assert InboundReport.objects.count() == len(arrivals)
    assert not InboundReport.objects.exclude(state="recorded").exists()
    assert differences() == []
    # Of each recipient the complaint that arrived first: that about the mailing of Monday.
    counted = FeedbackEvent.objects.filter(kind="complaint", is_counted=True).order_by("pk")
    assert [one.arrived_at < NOON + timedelta(hours=12) for one in counted] == [True] * RECIPIENTS
    assert sum(HourlyCount.objects.values_list("hard_bounces", flat=True)) == RECIPIENTS
