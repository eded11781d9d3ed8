"""Cases, answers and messages over REST."""

import json

import pytest

from abuse.models import Case, Standing, Suspension
from abuse.services import cases
from consent.models import Answer
from courrielleur.accounts.actors import SYSTEM
from courrielleur.accounts.permissions import Scope
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

VALUES = {
    "last_used": {"date": "2026-11-01"},
    "sign_up": {"text": "A form on our site, then a mail to confirm."},
    "expected": {"answer": "yes", "detail": "They asked for the weekly offers."},
    "sign_up_urls": {"urls": ["https://www.example.com/inscription"]},
    "handling": {"text": "Our CRM removes them the same day; Marie looks after it."},
    "same_domain": {"answer": "yes", "detail": "example.com"},
    "direct_relation": {"answer": "yes", "detail": "Customers of our shop."},
    "methods": {"methods": ["confirmed_opt_in"]},
}


@pytest.fixture
def client_of(caller: Caller, house: House, case: Case):
    return caller(account=house.acme)


def url(case: Case, path: str = "") -> str:
    return f"/api/v1/cases/{case.key}{path}"


def answer(client, case, question, value):
    return client.put(url(case, f"/answers/{question}"), {"value": value}, format="json")


def test_a_case_is_listed_and_read_by_its_own_side(caller: Caller, house: House, case: Case):
    for owner in ({}, {"reseller": house.boreal}, {"account": house.acme}):
        client = caller(**owner)
        [listed] = client.get("/api/v1/cases?state=awaiting_client&account=acme").json()["items"]
        assert (listed["key"], listed["waits_for_client"], listed["closed_at"]) == (case.key, True, None)
        assert "complaint" in client.get(url(case)).json()["explanation"]
    assert caller(account=house.acme).get("/api/v1/cases?state=refused").json()["items"] == []


@pytest.mark.parametrize("path", ["", "/answers", "/messages"])
def test_a_strangers_case_is_not_there(caller: Caller, house: House, case: Case, path):
    for owner in ({"reseller": house.austral}, {"account": house.bistro}):
        assert caller(**owner).get(url(case, path)).status_code == 404
        assert caller(**owner).get("/api/v1/cases").json()["items"] == []
    assert caller(account=house.bistro).get("/api/v1/cases?account=acme").status_code == 404


def test_strangers_neither_answer_nor_write(caller: Caller, house: House, case: Case):
    stranger = caller(account=house.cactus)
    assert answer(stranger, case, "last_used", VALUES["last_used"]).status_code == 404
    assert stranger.post(url(case, "/submission"), {"declared_name": "X"}, format="json").status_code == 404
    assert stranger.post(url(case, "/messages"), {"text": "x"}, format="json").status_code == 404
    assert not Answer.objects.exists()


def test_a_state_that_does_not_exist_is_refused(platform):
    reply = platform.get("/api/v1/cases?state=lost")
    assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (400, "state")


def test_the_questions_are_told_in_the_callers_language(caller: Caller, house: House, case: Case):
    titles = {}
    for language in ("fr", "en"):
        shown = caller(account=house.acme, language=language).get(url(case, "/answers")).json()
        assert [item["number"] for item in shown["items"]] == list(range(1, 9))
        assert len(shown["methods"]) == 10
        assert (shown["is_complete"], shown["submitted_at"]) == (False, None)
        titles[language] = shown["items"][0]["title"]
    assert titles["fr"] != titles["en"]


def test_answers_are_kept_half_finished_and_say_what_they_lack(client_of, case: Case):
    reply = answer(client_of, case, "last_used", {"date": "soon"})

    assert reply.status_code == 200
    assert reply.json()["problems"][0]["code"] == "date_needed"
    assert answer(client_of, case, "last_used", VALUES["last_used"]).json()["problems"] == []
    shown = client_of.get(url(case, "/answers")).json()["items"][0]
    assert (shown["question"], shown["value"]) == ("last_used", VALUES["last_used"])


@pytest.mark.parametrize("value", [None, "text", [], 5, {"text": "a\x00b"}, {"text": "\ud800"}, {"\x00": 1}])
def test_a_value_that_can_not_be_kept_is_refused(client_of, case: Case, value):
    body = json.dumps({"value": value})
    reply = client_of.put(url(case, "/answers/handling"), body, content_type="application/json")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/value"


def test_a_backslash_is_a_character_like_any_other(client_of, case: Case):
    reply = answer(client_of, case, "handling", {"text": r"stored in C:\u0000"})
    assert reply.json()["value"] == {"text": r"stored in C:\u0000"}


def test_json_nested_without_end_is_refused(client_of, case: Case):
    body = '{"value":' + "[" * 100_000
    reply = client_of.put(url(case, "/answers/handling"), body, content_type="application/json")
    assert reply.status_code == 400


def test_an_unknown_question_is_not_there(client_of, case: Case):
    assert answer(client_of, case, "shoe_size", {"text": "43"}).status_code == 404


def test_answers_are_handed_in_once_they_are_whole(client_of, case: Case):
    early = client_of.post(url(case, "/submission"), {"declared_name": "Marie"}, format="json")
    assert early.status_code == 409
    assert "last_used" in early.json()["detail"]

    for question, value in VALUES.items():
        assert answer(client_of, case, question, value).json()["problems"] == []
    nameless = client_of.post(url(case, "/submission"), {"declared_name": "  "}, format="json")
    assert nameless.json()["errors"][0]["pointer"] == "/declared_name"

    done = client_of.post(url(case, "/submission"), {"declared_name": "Marie Tremblay"}, format="json")
    assert (done.status_code, done.json()["state"]) == (201, "submitted")
    shown = client_of.get(url(case, "/answers")).json()
    assert (shown["receipt"], shown["is_complete"]) == (done.json()["receipt"], True)

    assert answer(client_of, case, "last_used", VALUES["last_used"]).status_code == 409
    again = client_of.post(url(case, "/submission"), {"declared_name": "Marie Tremblay"}, format="json")
    assert again.status_code == 409


def test_messages_are_written_and_read_without_internal_notes(client_of, platform, case: Case):
    cases.message(case, actor=SYSTEM, text="looks like a purchased list", now=case.opened_at, is_internal=True)
    reply = client_of.post(url(case, "/messages"), {"text": "We found the list."}, format="json")

    assert reply.status_code == 201
    assert reply.json()["text"] == "We found the list."
    for client in (client_of, platform):
        texts = [line["text"] for line in client.get(url(case, "/messages")).json()["items"]]
        assert "We found the list." in texts
        assert "looks like a purchased list" not in texts


@pytest.mark.parametrize("text", ["", "  ", None, "x" * 20_001])
def test_a_message_without_words_or_with_too_many_is_refused(client_of, case: Case, text):
    reply = client_of.post(url(case, "/messages"), {"text": text}, format="json")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/text"


def test_reading_does_not_allow_writing(caller: Caller, house: House, case: Case):
    reader = caller(Scope.CASES_READ, account=house.acme)
    assert reader.get(url(case)).status_code == 200
    assert answer(reader, case, "last_used", VALUES["last_used"]).status_code == 403
    assert reader.post(url(case, "/messages"), {"text": "x"}, format="json").status_code == 403
    assert caller(Scope.CASES_WRITE, account=house.acme).get(url(case)).status_code == 403


def test_a_move_that_came_too_late_is_a_conflict(client_of, case: Case, monkeypatch):
    def moved(*args, **kwargs):
        raise cases.CaseMoved("Somebody else has moved the case.")

    monkeypatch.setattr("courrielleur.api.views.cases.cases.message", moved)
    reply = client_of.post(url(case, "/messages"), {"text": "x"}, format="json")
    assert (reply.status_code, reply.json()["detail"]) == (409, "Somebody else has moved the case.")


def test_a_campaign_on_hold_is_explained_too(platform, house: House, case: Case):
    assessment = case.suspension.assessment
    standing = house.acme.standing
    standing.level, standing.assessment = Standing.Level.HOLD, assessment
    standing.save(update_fields=["level", "assessment"])
    Case.objects.filter(pk=case.pk).update(suspension=None)
    Suspension.objects.update(lifted_at=case.opened_at)

    shown = platform.get(url(case)).json()

    assert shown["suspended_at"] is None
    assert shown["reasons"] == assessment.reasons
    assert shown["explanation"]


def test_the_statement_of_reasons_says_who_decided_and_in_which_language(caller: Caller, house: House, case: Case):
    for language, words in (("en", "What we found"), ("fr", "Ce que nous avons constaté")):
        told = caller(account=house.acme, language=language).get(url(case, "/statement")).json()
        assert (told["case"], told["account"], told["may_answer"]) == (case.key, "acme", True)
        assert words in told["text"]
        assert told["facts"]
        assert told["is_automated"] is (case.suspension.imposed_by is None)
