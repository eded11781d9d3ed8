"""A delivery is taken back once for a message, whoever tells of its bounce, and given back when it never was one."""

import itertools

import pytest

from fbl.models import FeedbackEvent, HourlyCount, InboundReport, LoggedHour, LogImport, TakenBackDelivery
from fbl.services import reports, rereading
from fbl.services.inbox import Arrival, store
from tests import mta_logs
from tests.fbl.services.test_log_imports import dsn, import_text
from tests.recount import differences
from tests.worlds import NOON, Mailing, make_account

pytestmark = pytest.mark.django_db

GONE = "gone@yahoo.ca"
OTHERS = 3  # mails of the same hour that arrived and stayed


class Story:
    """One mail that bounced, told by several."""

    def __init__(self):
        self.account = make_account()
        mailing = Mailing(self.account.pk)
        self.path = mailing.to(GONE).return_path
        self.others = [
            mta_logs.pmta(recipient=who, orig=mailing.to(who).return_path)
            for who in (f"r{number}@yahoo.ca" for number in range(OTHERS))
        ]

    def others_delivered(self):
        import_text(mta_logs.pmta_file(*self.others), name="others.csv")

    def delivered(self):
        import_text(mta_logs.pmta_file(mta_logs.pmta(recipient=GONE, orig=self.path)), name="d.csv")

    def refused(self):
        import_text(mta_logs.pmta_file(mta_logs.pmta("b", GONE, orig=self.path)), name="b.csv")

    def refused_softly(self):
        line = mta_logs.pmta("b", GONE, orig=self.path, diag="smtp;552 5.2.2 full", status="5.2.2")
        import_text(mta_logs.pmta_file(line), name="bs.csv")

    def returned(self):
        import_text(mta_logs.pmta_file(mta_logs.pmta("rb", GONE, orig=self.path, at=NOON)), name="rb.csv")

    def by_mail(self, *, about=GONE):
        store([Arrival(dsn(about, self.path), "smtp", NOON, "", self.path)])
        reports.read_stored(10, NOON)

    def reread(self):
        rereading.reread(list(InboundReport.objects.values_list("pk", flat=True)), NOON)

    @property
    def count(self):
        return sum(row.delivered for row in HourlyCount.objects.filter(account_id=self.account.pk))


@pytest.mark.parametrize(
    ("happened", "delivered"),
    [
        (["delivered", "by_mail"], OTHERS),
        (["delivered", "by_mail", "by_mail", "reread"], OTHERS),
        (["delivered", "by_mail", "returned"], OTHERS),
        (["refused", "by_mail"], OTHERS),
        (["refused_softly", "by_mail"], OTHERS),
        (["refused"], OTHERS),
        (["delivered", "returned"], OTHERS),
        (["delivered"], OTHERS + 1),
    ],
)
def test_in_whatever_order_it_is_told_the_count_is_the_same(happened, delivered):
    story = Story()
    for number, order in enumerate(dict.fromkeys(itertools.permutations(["others_delivered", *happened]))):
        if number:
            FeedbackEvent.objects.all().delete()
            for model in (HourlyCount, TakenBackDelivery, InboundReport, LogImport, LoggedHour):
                model.objects.all().delete()
        for step in order:
            getattr(story, step)()
        assert story.count == delivered, order
        assert not differences()


def test_a_notice_of_a_forward_leaves_the_delivery_where_it_is():
    story = Story()
    story.delivered()
    story.by_mail(about="elsewhere@example.org")

    assert FeedbackEvent.objects.get().is_counted
    assert story.count == 1


def test_volumes_that_no_log_told_are_left_alone():
    story = Story()
    story.by_mail()

    assert not TakenBackDelivery.objects.exists()
    assert story.count == 0


def test_a_notice_that_is_none_after_all_gives_the_delivery_back():
    story = Story()
    story.others_delivered()
    story.delivered()
    story.by_mail()
    assert story.count == OTHERS

    report = InboundReport.objects.get()
    rereading.replace_events([report.pk], [story.account.pk], [], NOON)

    assert story.count == OTHERS + 1
    assert not TakenBackDelivery.objects.exists()
