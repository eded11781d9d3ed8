"""What hooks post is counted exactly once, wherever a worker is cut short, and forgotten in time."""

from datetime import timedelta

import pytest

from fbl.models import HourlyCount, InboundReport, LogPost, SeenLogRecord
from fbl.services import log_posts
from tests import mta_logs
from tests.recount import differences
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db


def post(*lines, at=NOON):
    log_posts.store("".join(lines).encode(), at)


def delivered():
    return sum(HourlyCount.objects.values_list("delivered", flat=True))


def read_all():
    while log_posts.read_stored(NOON):
        pass


@pytest.mark.parametrize("step", ["write", "_finish", "_note"])
def test_a_worker_that_is_cut_short_leaves_everything_as_it_was(monkeypatch, step):
    make_account()
    post(mta_logs.kumo(id="1"), mta_logs.kumo("Bounce", id="2"))
    post(mta_logs.kumo(id="3"))

    def fail(*_arguments):
        raise ConnectionError("the power fails")

    with monkeypatch.context() as cutting:
        cutting.setattr(log_posts, step, fail)
        with pytest.raises(ConnectionError):
            log_posts.read_stored(NOON)
    assert (delivered(), LogPost.objects.count(), SeenLogRecord.objects.count()) == (0, 2, 0)
    read_all()

    assert (delivered(), LogPost.objects.count()) == (2, 0)
    assert not differences()


def test_many_posts_are_read_in_parts(monkeypatch):
    make_account()
    monkeypatch.setattr(log_posts, "BYTES_AT_ONCE", 1)
    for number in range(3):
        post(mta_logs.kumo(id=str(number)))

    assert log_posts.read_stored(NOON) == 1
    read_all()
    assert delivered() == 3


def test_a_complaint_without_reference_waits_as_a_report():
    make_account()
    report = {"feedback_type": "abuse", "original_rcpto_to": ["zoe@yahoo.ca"], "original_message": "Subject: hello"}
    post(mta_logs.kumo("Feedback", feedback_report=report))
    read_all()

    assert LogPost.objects.get().rejected == {"unidentified": 1}
    assert InboundReport.objects.get().door == "log"


def test_what_cannot_come_again_is_forgotten():
    post(mta_logs.kumo(id="1", meta={"tenant": "nobody"}))
    read_all()
    assert log_posts.purge(NOON + timedelta(days=7)) == 0
    assert log_posts.purge(NOON + timedelta(days=9)) == 1  # the record's digest
    assert log_posts.purge(NOON + timedelta(days=31)) == 1  # the post with what nobody could count
    assert (LogPost.objects.count(), SeenLogRecord.objects.count()) == (0, 0)
