"""Logs are imported exactly once: cut short, repeated, grown, rotated, or told of by mail as well."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courrielleur import vault
from courrielleur.accounts import services as accounts
from courrielleur.accounts.permissions import Role
from fbl import selectors
from fbl.core.logs import pmta
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.times import Clock
from fbl.models import FeedbackEvent, HourlyCount, InboundReport, LogImport, Suppression, TakenBackDelivery
from fbl.services import lanes, log_imports, references, reports
from fbl.services.inbox import Arrival, store
from fbl.services.log_imports import FileImport, ImportFailed, known_accounts
from fbl.services.log_ledger import Summary
from tests import mta_logs
from tests.recount import differences
from tests.worlds import NOON, Mailing, hour, make_account

pytestmark = pytest.mark.django_db


class Bytes:
    """A source in memory, that may grow."""

    def __init__(self, text: str, name: str = "acct.csv") -> None:
        self.name, self.data, self.position = name, text.encode(), 0

    def head(self, size: int) -> bytes:
        return self.data[:size]

    def move_to(self, position: int) -> None:
        self.position = min(position, len(self.data))

    def read(self, size: int) -> bytes:
        piece = self.data[self.position : self.position + size]
        self.position += len(piece)
        return piece


def import_text(text: str, *, name: str = "acct.csv", final: bool = True, rejects: list | None = None) -> Summary:
    summary = Summary()
    run = open_import(Bytes(text, name), summary, rejects)
    try:
        if run.begin(final=final):
            run.advance(lambda: NOON, final=final)
    finally:
        run.end()
    return summary


def open_import(source: Bytes, summary: Summary, rejects: list | None = None) -> FileImport:
    attribution = Attribution(
        accounts=known_accounts(),
        keys=vault.reference_keys(),
        digest_key=vault.digest_key(),
        clock=Clock(hour(NOON) + 1),
    )
    taken = rejects if rejects is not None else []
    return FileImport(
        source, pmta.reader(attribution), attribution, format="pmta", summary=summary, on_rejects=taken.extend
    )


def figures(summary: Summary) -> dict[str, int]:
    names = ("lines", "delivered", "hard", "soft", "block", "complaints", "duplicate", "rejected")
    return {name: getattr(summary, name) for name in names if getattr(summary, name)}


def delivered() -> dict[tuple[object, ...], int]:
    rows = HourlyCount.objects.exclude(delivered=0)
    return {(row.account_id, row.send_hour, row.provider, row.campaign): row.delivered for row in rows}


def test_delivered_lines_become_counts_and_bounces_become_events():
    account = make_account()
    log = mta_logs.pmta_file(
        mta_logs.pmta(recipient="zoe@yahoo.ca"),
        mta_logs.pmta(recipient="luc@yahoo.com"),
        mta_logs.pmta(recipient="eve@example.org"),
        mta_logs.pmta("b", recipient="gone@yahoo.ca"),
        mta_logs.pmta("b", recipient="full@yahoo.ca", diag="smtp;552 5.2.2 mailbox full", status="5.2.2"),
        mta_logs.pmta("t", recipient="slow@yahoo.ca"),
    )

    assert figures(import_text(log)) == {"lines": 6, "delivered": 3, "hard": 1, "soft": 1}
    at = hour(mta_logs.QUEUED_AT)
    assert delivered() == {(account.pk, at, "yahoo", ""): 2, (account.pk, at, "other", ""): 1}
    hard = FeedbackEvent.objects.get(bounce_class="hard")
    assert (hard.method, hard.confidence, hard.is_counted, hard.report_id) == ("mta_log", "certain", True, None)
    assert vault.decrypt_text(hard.recipient) == "gone@yahoo.ca"
    assert Suppression.objects.get().reason == "hard_bounce"
    assert not differences()


def test_the_same_file_again_counts_nothing_under_any_name():
    make_account()
    log = mta_logs.pmta_file(mta_logs.pmta(), mta_logs.pmta("b"))
    import_text(log)
    before = delivered()

    assert figures(import_text(log, name="acct.csv.1")) == {"lines": 2, "duplicate": 2}
    assert delivered() == before
    assert LogImport.objects.get().name == "acct.csv"


def test_a_file_that_has_grown_goes_on_where_it_stopped():
    make_account()
    first = mta_logs.pmta_file(mta_logs.pmta(recipient="a@yahoo.ca"))
    import_text(first)

    assert figures(import_text(first + mta_logs.pmta(recipient="b@yahoo.ca"))) == {
        "lines": 2,
        "delivered": 1,
        "duplicate": 1,
    }
    assert set(delivered().values()) == {2}


def test_an_older_copy_of_a_file_counts_nothing():
    make_account()
    first = mta_logs.pmta_file(mta_logs.pmta(recipient="a@yahoo.ca"))
    import_text(first + mta_logs.pmta(recipient="b@yahoo.ca"))

    import_text(first)

    assert set(delivered().values()) == {2}


def test_another_file_that_begins_alike_is_another_file():
    make_account()
    opening = mta_logs.pmta_file(mta_logs.pmta(recipient="a@yahoo.ca"))
    import_text(opening + mta_logs.pmta(recipient="b@yahoo.ca"))

    assert figures(import_text(opening + mta_logs.pmta(recipient="c@yahoo.ca"))) == {"lines": 2, "delivered": 2}
    assert LogImport.objects.count() == 2


def test_a_last_line_without_its_end_is_counted_once_when_the_end_comes():
    make_account()
    whole = mta_logs.pmta_file(mta_logs.pmta(recipient="a@yahoo.ca"), mta_logs.pmta(recipient="b@yahoo.ca"))
    import_text(whole[:-1])

    assert figures(import_text(whole + mta_logs.pmta(recipient="c@yahoo.ca"))) == {
        "lines": 3,
        "delivered": 1,
        "duplicate": 2,
    }


def test_a_last_line_cut_in_the_middle_waits():
    make_account()
    whole = mta_logs.pmta_file(mta_logs.pmta(recipient="a@yahoo.ca"), mta_logs.pmta(recipient="b@yahoo.ca"))
    assert figures(import_text(whole[:-60])) == {"lines": 1, "delivered": 1}

    assert figures(import_text(whole)) == {"lines": 2, "delivered": 1, "duplicate": 1}


@pytest.mark.parametrize("by_mail_first", [True, False])
def test_a_bounce_told_by_mail_and_by_log_is_one_event(by_mail_first):
    account = make_account()
    sent = Mailing(account.pk).to("gone@yahoo.ca")
    log = mta_logs.pmta_file(mta_logs.pmta("b", recipient="gone@yahoo.ca", orig=sent.return_path, job=""))

    def by_mail() -> None:
        store([Arrival(dsn("gone@yahoo.ca", sent.return_path), "smtp", NOON, "", sent.return_path)])
        assert reports.read_stored(10, NOON).recorded == 1

    if by_mail_first:
        by_mail()
        assert figures(import_text(log)) == {"lines": 1, "duplicate": 1}
    else:
        assert figures(import_text(log)) == {"lines": 1, "hard": 1}
        by_mail()

    event = FeedbackEvent.objects.get()
    assert (event.method, event.mta_category, event.report_id) == ("mta_log", "bad-mailbox", None)
    assert HourlyCount.objects.get().hard_bounces == 1
    assert not differences()


def test_a_later_remote_bounce_takes_the_delivery_back_once():
    account = make_account()
    sent = Mailing(account.pk).to("gone@yahoo.ca")
    accepted = mta_logs.pmta(recipient="gone@yahoo.ca", orig=sent.return_path)
    other = mta_logs.pmta(recipient="zoe@yahoo.ca", orig=Mailing(account.pk).to("zoe@yahoo.ca").return_path)
    returned = mta_logs.pmta("rb", "gone@yahoo.ca", orig=sent.return_path, at=NOON, queued_at=NOON)
    full = mta_logs.pmta("rb", "gone@yahoo.ca", orig=sent.return_path, at=NOON, diag="smtp;552 5.2.2 full")

    import_text(mta_logs.pmta_file(accepted, other, returned, returned, full))

    counted = HourlyCount.objects.get()
    assert (counted.send_hour, counted.delivered, counted.hard_bounces) == (hour(NOON) - 6, 1, 1)
    assert TakenBackDelivery.objects.count() == 1


def test_the_order_of_delivery_and_remote_bounce_does_not_matter():
    make_account()
    import_text(mta_logs.pmta_file(mta_logs.pmta("rb", "gone@yahoo.ca", at=NOON)), name="rb.csv")
    import_text(mta_logs.pmta_file(mta_logs.pmta("d", "gone@yahoo.ca"), mta_logs.pmta()), name="d.csv")

    assert HourlyCount.objects.get().delivered == 1


def test_a_remote_bounce_without_its_delivery_leaves_nobody_below_nothing():
    account = make_account()
    import_text(mta_logs.pmta_file(mta_logs.pmta("rb", "gone@yahoo.ca", at=NOON)))

    assert {row.delivered for row in selectors.histories([account.pk], NOON)[account.pk].rows} == {0}


def test_a_file_that_another_process_imports_is_refused():
    make_account()
    log = mta_logs.pmta_file(mta_logs.pmta())
    other = open_import(Bytes(log), Summary())
    other.begin(final=True)
    with _another_connection(), pytest.raises(ImportFailed):
        import_text(log)
    other.end()

    assert import_text(log).delivered == 1


def test_a_reference_says_more_than_the_line_and_a_forged_one_nothing():
    make_account("boutique")
    account = make_account()
    sent = Mailing(account.pk).to("zoe@yahoo.ca")
    forged = sent.return_path.replace(sent.return_path[10:14], "aaaa")

    import_text(
        mta_logs.pmta_file(
            mta_logs.pmta(orig=sent.return_path, job="boutique"), mta_logs.pmta(orig=forged, job="boutique/noel")
        )
    )

    assert {(row[0] == account.pk, row[3][:1]) for row in delivered()} == {(True, "#"), (False, "n")}


def test_counts_get_the_name_of_their_campaign_when_it_is_told_later():
    account = make_account()
    sent = Mailing(account.pk, campaign="infolettre").to("zoe@yahoo.ca")
    import_text(mta_logs.pmta_file(mta_logs.pmta(orig=sent.return_path)))
    references.mint_many(account.pk, [references.ReferenceRow("luc@yahoo.ca", "infolettre", hour(NOON))], NOON)

    assert [row[3] for row in delivered()] == ["infolettre"]


def test_complaints_in_a_log_count_with_our_reference_only():
    account = make_account()
    sent = Mailing(account.pk).to("zoe@yahoo.ca")
    columns = mta_logs.PMTA_COLUMNS + ",feedbackType,header_X-Courrielleur-Ref"
    token = sent.headers["X-Courrielleur-Ref"]
    line = mta_logs.pmta("f", "zoe@yahoo.ca", orig="").rstrip("\n")
    rejects: list = []

    summary = import_text(
        f"{columns}\n{line},abuse,{token}\n{line},abuse,\n{line},abuse,{token[:-3]}aaa\n{line},not-spam-ish,{token}\n",
        rejects=rejects,
    )

    assert figures(summary) == {"lines": 4, "complaints": 1, "rejected": 2}
    assert [(one.line, one.reason.value) for one in rejects] == [(3, "unidentified"), (4, "unverified")]
    assert Suppression.objects.get().tag == "pourriel"


def test_complaints_that_nobody_vouches_for_wait_where_a_person_may_accept_them():
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    by = accounts.invite(email="simone@example.com", name="Simone", role=Role.SPECIALIST, language="fr")
    columns = mta_logs.PMTA_COLUMNS + ",feedbackType,repSourceIp"
    line = mta_logs.pmta("f", "zoe@yahoo.ca", orig="").rstrip("\n")
    log = f"{columns}\n{line},abuse,192.0.2.25\n{line},abuse,198.51.100.1\n"

    for name in ("acct.csv", "copy.csv"):
        import_text(log.replace("acct", name), name=name)
    reports.read_stored(10, NOON)

    by_lane = {report.state: report for report in InboundReport.objects.all()}
    assert {lane: (one.door, one.reason) for lane, one in by_lane.items()} == {
        "unverified": ("log", "not_enrolled"),
        "unidentified": ("log", "no_reference"),
    }
    assert not HourlyCount.objects.exclude(complaints=0).exists()
    lanes.accept(by_lane["unverified"].pk, by=by, note="our own complaint desk", now=NOON)
    assert FeedbackEvent.objects.filter(kind="complaint", is_counted=True).count() == 1
    assert not differences()


def test_lines_that_cannot_be_counted_say_why():
    make_account()
    rejects: list = []
    good = mta_logs.pmta()
    import_text(
        mta_logs.pmta_file(
            mta_logs.pmta(job="nobody"),
            mta_logs.pmta(job=""),
            good.replace("2026-11-20 06:00:00+0000", "yesterday"),
            mta_logs.pmta(queued_at=NOON + timedelta(days=9)),
            mta_logs.pmta(recipient="nowhere"),
            "d,short\n",
            "x" + good[1:],
            good,
        ),
        rejects=rejects,
    )

    assert [(one.line, one.reason.value) for one in rejects] == [
        (2, "unknown_account"),
        (3, "no_account"),
        (4, "no_time"),
        (5, "time_out_of_range"),
        (6, "no_recipient"),
        (7, "malformed"),
        (8, "malformed"),
    ]
    assert sum(delivered().values()) == 1
    assert LogImport.objects.get().rejected["malformed"] == 2


class _Cut(Exception):
    """The power fails."""


_LINES = st.lists(
    st.tuples(st.sampled_from(["d", "d", "b", "rb", "t"]), st.sampled_from("abcdef"), st.booleans()),
    min_size=1,
    max_size=30,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=_LINES, stops=st.lists(st.integers(1, 4000), max_size=6), cuts=st.lists(st.booleans(), max_size=6))
def test_however_a_log_is_split_cut_and_repeated_the_counters_are_the_same(lines, stops, cuts, monkeypatch):
    account = make_account(f"acme{LogImport.objects.count()}x{HourlyCount.objects.count()}")
    mailing = Mailing(account.pk)
    texts = [
        mta_logs.pmta(
            kind,
            f"{who}@yahoo.ca",
            orig=mailing.to(f"{who}@yahoo.ca").return_path if is_ours else "bounce@example.com",
            job=account.key,
            at=mta_logs.QUEUED_AT + timedelta(seconds=number),
        )
        for number, (kind, who, is_ours) in enumerate(lines)
    ]
    whole = mta_logs.pmta_file(*texts)
    taken_back = {(who, is_ours) for kind, who, is_ours in lines if kind == "rb"}
    bounced = {(who, is_ours) for kind, who, is_ours in lines if kind in ("b", "rb")}
    accepted = sum(kind == "d" for kind, _, _ in lines)

    with monkeypatch.context() as patched:
        patched.setattr(log_imports, "PIECE", 700)
        patched.setattr(log_imports, "BATCH_LINES", 3)
        for stop, is_cut in zip(stops, [*cuts, *[False] * len(stops)], strict=False):
            with patched.context() as cutting:
                if is_cut:
                    cutting.setattr(log_imports, "nudge", _fail)
                with contextlib.suppress(_Cut):
                    import_text(whole[:stop], final=False)
        import_text(whole)
        import_text(whole, name="again.csv")

    rows = HourlyCount.objects.filter(account_id=account.pk)
    assert sum(row.delivered for row in rows) == accepted - len(taken_back)
    assert sum(row.hard_bounces for row in rows) == len(bounced)
    assert not differences()


@contextlib.contextmanager
def _another_connection() -> Iterator[None]:
    """Let the services use a connection of their own, as another process does."""
    mine = connections["default"]
    connections["default"] = mine.copy()
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = mine


def _fail(step: str) -> None:
    raise _Cut(step)


def dsn(recipient: str, return_path: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example.net\nTo: {return_path}\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
        "Content-Type: text/plain\n\nThe mail was not delivered.\n\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n"
        f"Diagnostic-Code: {mta_logs.UNKNOWN_USER.format(recipient).replace(';', '; ')}\n\n--b--\n"
    ).encode()
