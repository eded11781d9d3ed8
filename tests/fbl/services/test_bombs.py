"""The worst mails go the whole way, from the door to the events, in bounded memory, and come to an end."""

import tracemalloc

import pytest

from courrielleur.accounts import services as accounts
from fbl.core.sorting import MOST_UNVOUCHED
from fbl.models import FeedbackEvent, InboundReport
from fbl.services import feeds
from fbl.services.reports import BATCH, read_stored
from tests.fuzz.bombs import MAILS, numbered
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db
MEGABYTE = 1_000_000
# The mail as it came, encrypted and in clear, as text, in lower case, and cut in parts, at most MAX_DEPTH deep.
COPIES = 30


def read_within(size: int) -> InboundReport:
    tracemalloc.start()
    try:
        assert read_stored(BATCH, NOON).read == 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < COPIES * size, f"{peak / MEGABYTE:.0f} MB for a mail of {size / MEGABYTE:.0f} MB"
    return InboundReport.objects.get()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("nested multiparts", 20 * MEGABYTE),
        ("one field of words", 10 * MEGABYTE),
        ("mails in mails", 2 * MEGABYTE),
        ("a field folded without end", 2 * MEGABYTE),
        ("mbox lines", 2 * MEGABYTE),
        ("a complaint in a complaint", 2 * MEGABYTE),
    ],
)
def test_a_bomb_ends_in_its_lane(name, size):
    feeds.enrol(feeds.NewFeed(key="f", name="F", kind="arf", senders=("example.net",)))
    arrive(MAILS[name](size), at=NOON, envelope_to="fbl@bounce.courrielleur.example")
    assert read_within(size).state in ("unreadable", "unidentified", "unverified")


def test_a_hundred_thousand_recipients_of_somebody_are_noted_in_part():
    """An event for each would fill the database: one mail of 3 MB, and anybody may send a thousand."""
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    head = (
        b"From: fbl@example.net\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nSource-IP: 192.0.2.25\r\n"
    )
    raw = numbered(b"Original-Rcpt-To: r%d@example.com\r\n", head)(100_000 * 40)
    arrive(raw, envelope_to="fbl@bounce.courrielleur.example")
    assert read_within(max(len(raw), 20 * MEGABYTE)).state == "unverified"
    assert FeedbackEvent.objects.count() == MOST_UNVOUCHED


def test_a_hundred_thousand_recipients_at_our_return_path_are_one_bounce():
    sent = Mailing(make_account().pk).to("zoe@example.com")
    arrive(MAILS["recipients of a bounce"](7 * MEGABYTE), envelope_to=sent.return_path)
    assert read_within(20 * MEGABYTE).state == "recorded"
    assert FeedbackEvent.objects.count() == 1
