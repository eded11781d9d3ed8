"""The API as a client meets it: a real server, a real HTTP library."""

import httpx
import pytest

from courrielleur.accounts import services
from courrielleur.accounts.permissions import Scope
from fbl.models import InboundReport

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = b"From: fbl@example.net\r\nSubject: complaint\r\n\r\n\xff\x00 raw bytes\r\n"


@pytest.fixture
def http(live_server):
    _key, secret = services.issue_key(label="mta", scopes=list(Scope))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with httpx.Client(base_url=f"{live_server.url}/api/v1", headers=headers) as client:
        yield client


def test_a_mail_goes_in_as_bytes_and_as_a_form(http):
    raw = http.post("/reports", content=MAIL, headers={"Content-Type": "message/rfc822"})
    form = http.post("/reports", files={"file": ("mail.eml", MAIL, "message/rfc822")})

    assert (raw.status_code, raw.json()["new"]) == (202, True)
    assert form.json() == {"id": raw.json()["id"], "new": False}
    assert raw.headers["RateLimit-Policy"]
    assert raw.headers["Cache-Control"] == "no-store"
    assert InboundReport.objects.get().size == len(MAIL)


def test_a_repeated_post_is_answered_from_memory(http):
    sent = {"key": "boreal", "name": "Boréal", "notice_address": "abus@example.net"}
    replies = [http.post("/resellers", json=sent, headers={"Idempotency-Key": "r-1"}) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json() == replies[1].json()
    assert replies[1].headers["Idempotency-Replayed"] == "true"


def test_a_chunked_body_is_refused_in_words(http):
    def chunks():
        yield MAIL

    reply = http.post("/reports", content=chunks(), headers={"Content-Type": "message/rfc822"})

    assert reply.status_code == 411
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert "Content-Length" in reply.json()["detail"]


def test_a_page_leads_to_the_next(http):
    for number in range(3):
        sent = {"key": f"r{number}", "name": "R", "notice_address": "abus@example.net"}
        assert http.post("/resellers", json=sent).status_code == 201
    page = http.get("/resellers", params={"limit": 2}).json()
    assert [item["key"] for item in http.get(page["next"]).json()["items"]] == ["r2"]


def test_head_is_get_without_a_body(http):
    reply = http.head("/accounts")
    assert (reply.status_code, reply.content) == (200, b"")
