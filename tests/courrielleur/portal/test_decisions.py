"""The desk decides: take, ask, reinstate, refuse, close, each with its reason."""

import pytest
from django.urls import reverse
from django.utils import timezone

from abuse.core.case import CaseMove
from abuse.models import Suspension
from abuse.services import cases
from consent.models import Review
from courrielleur.accounts import actors
from tests.worlds import make_account


@pytest.fixture
def answered(platform):
    """The case with its answers handed in."""
    case = platform.case
    case.refresh_from_db()
    now = timezone.now()
    if case.state == "opened":
        cases.move(case, CaseMove.NOTIFY, actor=actors.SYSTEM, now=now)
    cases.move(case, CaseMove.SUBMIT, actor=actors.for_user(platform.people["owner"]), now=now)
    return case


def test_taking_a_case_assigns_it(platform, answered):
    platform.browser("agent").post(reverse("desk:take", args=[answered.key]))
    answered.refresh_from_db()
    assert answered.state == "in_review"
    assert answered.assigned_to == platform.people["agent"]


def test_a_reinstatement_lifts_the_suspension(platform, answered):
    address = reverse("desk:decide", args=[answered.key])
    platform.browser("lead").post(address, {"verb": "reinstate", "reason": "Preuves acceptées."})
    answered.refresh_from_db()
    assert answered.state == "reinstated"
    assert Review.objects.get(case=answered).reason == "Preuves acceptées."
    assert Suspension.objects.get(account=platform.mine).lifted_at is not None


def test_a_decision_without_a_reason_is_sent_back(platform, answered):
    reply = platform.browser("lead").post(
        reverse("desk:decide", args=[answered.key]), {"verb": "refuse", "reason": " "}
    )
    assert reply.status_code == 422
    assert "Give the reason" in reply.content.decode()
    answered.refresh_from_db()
    assert answered.state == "submitted"


@pytest.mark.parametrize(("who", "verb"), [("agent", "reinstate"), ("agent", "refuse"), ("specialist", "terminate")])
def test_a_decision_above_ones_role_changes_nothing(platform, answered, who, verb):
    form = {"verb": verb, "reason": "Assez vu."}
    assert platform.browser(who).post(reverse("desk:decide", args=[answered.key]), form).status_code == 403
    answered.refresh_from_db()
    assert answered.state == "submitted"


def test_the_preview_shows_the_letter_and_decides_nothing(platform, answered):
    reply = platform.browser("lead").post(
        reverse("desk:letter", args=[answered.key]), {"verb": "reinstate", "reason": "Tout est en ordre."}
    )
    assert "Tout est en ordre." in reply.content.decode()
    answered.refresh_from_db()
    assert answered.state == "submitted"


def test_an_internal_note_is_never_shown_to_the_client(platform):
    address = reverse("desk:message", args=[platform.case.key])
    platform.browser("agent").post(address, {"text": "Le site date d’hier.", "internal": "on"})
    platform.browser("agent").post(address, {"text": "Quel formulaire ?"})
    page = platform.browser("owner").get(reverse("portal:request", args=[platform.case.key])).content.decode()
    assert "Quel formulaire ?" in page
    assert "Le site date d’hier." not in page


def test_a_stop_by_hand_needs_a_reason(platform):
    account = make_account("neuf")
    browser, address = platform.browser("specialist"), reverse("desk:suspend", args=[account.key])
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "Hameçonnage."}).status_code == 302
    assert Suspension.objects.get(account=account, lifted_at=None).reason == "Hameçonnage."
    assert platform.browser("agent").post(address, {"reason": "Encore."}).status_code == 403


def test_a_case_that_moved_meanwhile_is_shown_as_it_is_now(platform, answered):
    address, form = reverse("desk:decide", args=[answered.key]), {"verb": "refuse", "reason": "Rien ne concorde."}
    browser = platform.browser("lead")
    assert browser.post(address, form).status_code == 302
    reply = browser.post(address, form)
    assert reply.status_code == 409
    assert "Rien ne concorde." in reply.content.decode()
    assert Review.objects.filter(case=answered).count() == 1
