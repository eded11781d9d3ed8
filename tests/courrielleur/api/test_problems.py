"""Errors are problem documents (RFC 9457), whatever went wrong."""

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from courrielleur.api.problems import Kind
from courrielleur.api.views.accounts import Accounts
from tests.courrielleur.api.conftest import Caller

pytestmark = pytest.mark.django_db


def problem(reply, status, name):
    assert reply.status_code == status, reply.content
    assert reply["Content-Type"] == "application/problem+json"
    document = reply.json()
    assert document["status"] == status
    assert document["type"].endswith(f"/problems/{name}")
    assert document["title"]
    assert document["detail"]
    return document


def test_an_unknown_address_is_told_so_without_a_key():
    problem(APIClient().get("/api/v1/acounts"), 404, "not-found")
    problem(APIClient().post("/api/v1/"), 404, "not-found")


def test_a_method_that_is_not_offered(platform):
    problem(platform.delete("/api/v1/accounts"), 405, "method-not-allowed")
    problem(platform.options("/api/v1/accounts"), 405, "method-not-allowed")


def test_a_body_that_is_not_json(platform):
    document = problem(platform.post("/api/v1/accounts", '{"key": ', content_type="application/json"), 400, "malformed")
    assert "JSON" in document["detail"]


def test_a_type_of_body_that_is_not_read(platform):
    problem(platform.post("/api/v1/accounts", "<a/>", content_type="text/xml"), 415, "unsupported-media-type")


def test_an_answer_in_another_form_is_not_to_be_had(platform):
    problem(platform.get("/api/v1/accounts", HTTP_ACCEPT="text/csv"), 406, "not-acceptable")


@pytest.mark.parametrize("body", [[], "text", 5, None, [1, 2]])
def test_json_of_the_wrong_shape(platform, body):
    for path in ("/api/v1/accounts", "/api/v1/references", "/api/v1/delivery-counts"):
        reply = platform.post(path, body, format="json")
        assert reply.status_code == 400, (path, reply.content)


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "a\\u0000b"])
def test_characters_that_no_database_holds(platform, text):
    for field in ("key", "name", "language", "notice_address"):
        reply = platform.post("/api/v1/resellers", f'{{"{field}": "{text}"}}', content_type="application/json")
        assert reply.status_code == 400, (field, reply.content)


def test_a_body_sent_in_chunks_is_not_taken_for_an_empty_one(platform):
    reply = platform.post("/api/v1/reports", content_type="message/rfc822", HTTP_TRANSFER_ENCODING="chunked")
    problem(reply, 411, "length-required")


def test_a_body_beyond_the_limit(platform, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = settings.REPORT_MAX_BYTES = 1_000
    small = platform.post("/api/v1/reports", b"x" * 1_000, content_type="message/rfc822")
    assert small.status_code == 202
    for headers in ({}, {"HTTP_IDEMPOTENCY_KEY": "big"}):
        big = platform.post("/api/v1/reports", b"x" * 1_001, content_type="message/rfc822", **headers)
        problem(big, 413, "too-large")


@pytest.mark.parametrize(("language", "word"), [("fr", "cursor"), ("en", "cursor"), ("", "cursor")])
def test_a_bad_cursor_is_a_problem_of_its_parameter(platform, language, word):
    document = problem(platform.get("/api/v1/accounts?cursor=%FF", HTTP_ACCEPT_LANGUAGE=language), 400, "invalid")
    assert document["errors"][0]["parameter"] == word


def test_the_language_is_the_callers_and_french_when_nobody_says(platform):
    def language(**headers):
        return APIClient().get("/api/v1/accounts", **headers)["Content-Language"]

    assert language() == "fr"
    assert language(HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.8") == "en"
    assert language(HTTP_ACCEPT_LANGUAGE="de") == "fr"


def test_what_nobody_foresaw_is_a_500_without_a_traceback(caller: Caller, monkeypatch):
    def broken(self, request):
        raise RuntimeError("secret detail at 192.0.2.1")

    monkeypatch.setattr(Accounts, "get", broken)
    client = caller()
    client.raise_request_exception = False

    reply = client.get("/api/v1/accounts")

    problem(reply, 500, "internal")
    assert b"secret detail" not in reply.content
    assert b"Traceback" not in reply.content


def test_a_database_that_does_not_answer_is_told_with_a_time_to_wait(platform, monkeypatch):
    def broken(self, request):
        raise OperationalError("connection refused")

    monkeypatch.setattr(Accounts, "get", broken)

    reply = platform.get("/api/v1/accounts")

    problem(reply, 503, "unavailable")
    assert int(reply["Retry-After"]) > 0


@pytest.mark.parametrize(
    "path", ["cases?account=a%00b", "consent-uploads?account=%00", "accounts?cursor=WyJcdTAwMDAiXQ"]
)
def test_a_nul_in_a_query_is_refused(platform, path):
    problem(platform.get(f"/api/v1/{path}"), 400, "malformed")


def test_names_of_problems_are_unique():
    assert len({kind.value.name for kind in Kind}) == len(Kind)


@pytest.mark.parametrize(
    ("body", "content_type", "detail"),
    [
        ('{"rows": [1,\n 2', "application/json", "Ceci n’est pas du JSON : voyez la ligne 2, colonne 3."),
        ('{"rows": [NaN]}', "application/json", "Vérifiez le corps et son Content-Type."),
    ],
)
def test_a_body_that_is_no_json_is_told_in_the_callers_language(caller, body, content_type, detail):
    reply = caller(language="fr").post("/api/v1/accounts", body, content_type=content_type)
    document = problem(reply, 400, "malformed")
    assert document["detail"].replace("\u00a0", " ") == detail
