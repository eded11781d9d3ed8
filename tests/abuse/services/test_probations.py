"""Probations: checked by the machine, warned about once, ended by themselves either way."""

from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from abuse.adapters import reach
from abuse.models import Case, EnforcementOrder, Notice, Probation, Standing, Suspension
from abuse.selectors import probation_of, standing_of
from abuse.services import assessments, enforcement, statements, suspensions
from abuse.services.probations import Conditions
from courrielleur.accounts.models import Account
from tests.abuse.world import mailing, purchased_list
from tests.worlds import NOON

pytestmark = pytest.mark.django_db

LIFTED = NOON + timedelta(days=2)


def nobody(account_id: int, first: date, last: date) -> tuple[int, int]:
    return 0, 0


def check(at: timedelta, unproved=nobody, *, answers: bool = True) -> int:
    return suspensions.check_probations(LIFTED + at, unproved, lambda url: answers)


@pytest.fixture
def stopped(account: Account) -> Suspension:
    mailing(account, days_ago=3, delivered=1_000)  # the pace before
    return suspensions.impose(account, now=NOON, reason="x")


def lift(suspension: Suspension, **conditions: object) -> Probation:
    suspensions.lift(suspension, now=LIFTED, by=None, reason="y", conditions=Conditions(**conditions))
    return Probation.objects.get()


def sends(account: Account, day: int, delivered: int) -> None:
    mailing(account, days_ago=0, delivered=delivered, at=LIFTED + timedelta(days=day), campaign=f"jour-{day}")


def level(account: Account) -> str:
    return Standing.objects.get(account=account).level


def test_kept_to_the_end_it_is_completed_with_a_letter(stopped: Suspension, account: Account) -> None:
    probation = lift(stopped)
    for day in range(1, 30):
        sends(account, day, 300)
    assert check(timedelta(days=29)) == 1
    assert level(account) == "probation"
    check(timedelta(days=30))
    probation.refresh_from_db()
    assert (probation.state, probation.breaches, level(account)) == ("completed", [], "ok")
    assert Notice.objects.filter(name="probation_completed").count() == 1
    assert check(timedelta(days=31)) == 0


def test_the_first_breach_is_a_warning_and_the_second_stops(stopped: Suspension, account: Account) -> None:
    probation = lift(stopped)
    sends(account, 1, 900)  # 400 are allowed in the first week
    check(timedelta(days=1, hours=2))
    assert level(account) == "probation"
    assert "900 courriels" in Notice.objects.get(name="probation_breached").context["text"]
    check(timedelta(days=1, hours=4))
    assert Notice.objects.filter(name="probation_breached").count() == 1
    sends(account, 8, 2_000)
    check(timedelta(days=8, hours=2))
    probation.refresh_from_db()
    assert (probation.state, level(account)) == ("broken", "suspended")
    again = Suspension.objects.get(lifted_at=None)
    assert suspensions.reasons_of(again) == ["probation_broken"]
    statement = statements.of(Case.objects.get(suspension=again), "fr", LIFTED)
    assert statement.is_automated
    assert statement.reasons == ["probation_broken"]
    assert "assorti de conditions" in statement.text


def test_addresses_without_a_record_break_the_promise_of_proved_ones(stopped: Suspension, account: Account) -> None:
    lift(stopped, needs_proof=True)
    check(timedelta(days=1), lambda *which: (10, 3))
    assert Notice.objects.filter(name="probation_breached").count() == 1
    check(timedelta(days=2), lambda *which: (10, 3))  # the same recipients break it once
    assert level(account) == "probation"
    check(timedelta(days=3), lambda *which: (14, 6))
    assert level(account) == "suspended"


def test_proof_that_nobody_asked_for_is_not_looked_at(stopped: Suspension, account: Account) -> None:
    lift(stopped)
    check(timedelta(days=1), lambda *which: (10, 10))
    assert Probation.objects.get().breaches == []


def test_a_form_that_does_not_answer_is_told_once_and_ends_nothing(stopped: Suspension, account: Account) -> None:
    lift(stopped, form_url="https://www.example.com/inscription")
    check(timedelta(hours=1), answers=False)
    assert Probation.objects.get().breaches == []  # they have a day to put it up
    for day in range(1, 9):
        check(timedelta(days=day), answers=False)
    assert Notice.objects.filter(name="probation_breached").count() == 1
    assert level(account) == "probation"


def test_it_is_checked_once_an_hour(stopped: Suspension) -> None:
    lift(stopped)
    assert [check(timedelta(minutes=minutes)) for minutes in (1, 30, 59, 62)] == [1, 0, 0, 1]


def test_stopped_again_for_another_reason_it_is_over(stopped: Suspension, account: Account) -> None:
    probation = lift(stopped)
    suspensions.impose(account, now=LIFTED + timedelta(days=3), reason="z")
    probation.refresh_from_db()
    assert probation.state == "ended"
    assert check(timedelta(days=4)) == 0


def test_the_letter_says_the_conditions_and_the_order_the_pace(stopped: Suspension, account: Account, settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    enforcement.create_endpoint(url="http://127.0.0.1:9/x", now=NOON)
    lift(stopped)
    assert EnforcementOrder.objects.latest("sequence").body["data"]["weekly_caps"] == [400, 700, 1000]


def test_a_page_answers_or_does_not(settings) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/inscription" else 404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    try:
        settings.WEBHOOK_PRIVATE_NETWORKS = True
        assert reach.answers(f"{here}/inscription")
        assert not reach.answers(f"{here}/nowhere")
        settings.WEBHOOK_PRIVATE_NETWORKS = False
        assert not reach.answers(f"{here}/inscription")  # our own network is none of a client's business
    finally:
        server.shutdown()
    assert not reach.answers("http://127.0.0.1:9/")


def test_the_client_sees_the_pace_of_today_and_what_is_left(stopped: Suspension, account: Account) -> None:
    lift(stopped, needs_proof=True)
    seen = probation_of(account, LIFTED + timedelta(days=8))
    assert seen is not None
    assert (seen.today_cap, seen.weekly_caps, seen.needs_proof, seen.breaches_left) == (700, [400, 700, 1000], True, 1)
    sends(account, 1, 900)
    check(timedelta(days=1, hours=2))
    seen = probation_of(account, LIFTED + timedelta(days=8))
    assert seen is not None
    assert (seen.breaches[0]["value"], seen.breaches_left) == (900, 0)


def test_a_lifted_stop_is_no_longer_what_is_said_of_the_account(account: Account) -> None:
    purchased_list(account)
    assessments.assess_touched(NOON)
    assert standing_of(account).telling is not None
    suspensions.lift(Suspension.objects.get(), now=LIFTED, by=None, reason="y")
    assert standing_of(account).telling is None
