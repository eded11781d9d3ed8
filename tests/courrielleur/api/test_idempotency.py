"""The same Idempotency-Key does the work once, whatever happens in between."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from courrielleur.accounts import services
from courrielleur.accounts.models import Reseller
from courrielleur.accounts.permissions import Scope
from courrielleur.api import idempotency
from courrielleur.api.models import IdempotentReply
from tests.courrielleur.api.conftest import Caller, House

URL = "/api/v1/resellers"


def body(key: str = "nordet") -> dict[str, str]:
    return {"key": key, "name": "Nordet", "notice_address": "abus@example.com"}


def post(client, sent, key="k-1", url=URL):
    return client.post(url, sent, format="json", headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_a_repetition_gets_the_same_answer_and_adds_nothing(platform):
    first = post(platform, body())
    second = post(platform, body())

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Reseller.objects.count() == 1


@pytest.mark.django_db
def test_without_the_header_each_request_is_its_own(platform):
    assert platform.post(URL, body(), format="json").status_code == 201
    assert platform.post(URL, body(), format="json").status_code == 400  # the key is taken


@pytest.mark.django_db
def test_another_body_or_address_under_the_same_key_is_refused(platform, house: House):
    post(platform, body())

    for reply in (post(platform, body("other")), post(platform, body(), url="/api/v1/accounts/acme/assets")):
        assert reply.status_code == 422
        assert reply.json()["type"].endswith("/problems/idempotency-key-reused")
    assert not Reseller.objects.filter(key="other").exists()


@pytest.mark.django_db
def test_keys_of_two_callers_do_not_meet(caller: Caller):
    assert post(caller(), body()).status_code == 201
    assert post(caller(), body("sudet")).status_code == 201


@pytest.mark.django_db
def test_a_refusal_is_repeated_too_and_leaves_nothing_behind(platform):
    first = post(platform, body("Not a key"))
    second = post(platform, body("Not a key"))

    assert first.status_code == second.status_code == 400
    assert first.json() == second.json()
    assert second["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_failure_on_our_side_is_not_kept(platform, monkeypatch):
    platform.raise_request_exception = False
    create = services.create_reseller

    def half_done(**fields):
        create(**fields)
        raise RuntimeError("the power went")

    monkeypatch.setattr("courrielleur.api.views.accounts.services.create_reseller", half_done)
    assert post(platform, body()).status_code == 500
    assert not Reseller.objects.exists()

    monkeypatch.undo()
    again = post(platform, body())
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again


@pytest.mark.django_db
def test_after_a_day_the_key_is_free_again_and_old_replies_go(platform):
    post(platform, body())
    post(platform, body("other"), key="k-2")
    long_ago = timezone.now() - idempotency.KEPT_FOR - timedelta(seconds=1)
    IdempotentReply.objects.update(created_at=long_ago)

    assert post(platform, body("third")).status_code == 201
    assert list(IdempotentReply.objects.values_list("key", flat=True)) == ["k-1"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 256, "caf\xe9", "a\tb"])
def test_a_key_that_can_not_be_a_key_is_refused(platform, key):
    reply = post(platform, body(), key=key)

    assert reply.status_code == 400
    assert not Reseller.objects.exists()


@pytest.mark.django_db
def test_what_is_kept_can_not_be_read_from_the_table(platform):
    post(platform, body())

    assert b"abus@example.com" not in bytes(IdempotentReply.objects.get().body)


@pytest.mark.django_db
def test_a_question_is_answered_anew_and_its_addresses_are_not_kept(platform, house: House):
    url = "/api/v1/accounts/acme/suppressions/check"
    replies = [post(platform, {"recipients": ["marie@example.com"]}, url=url) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[1]["Idempotency-Replayed"] == "true"
    assert bytes(IdempotentReply.objects.get().body) == b""
    assert post(platform, {"recipients": ["paul@example.com"]}, url=url).status_code == 422


@pytest.mark.django_db
def test_raw_bodies_are_told_apart_byte_by_byte(platform):
    def send(raw):
        return platform.post(
            "/api/v1/reports", raw, content_type="message/rfc822", headers={"Idempotency-Key": "mail-1"}
        )

    assert send(b"Subject: a\n\nb\n").status_code == 202
    assert send(b"Subject: a\n\nb\n")["Idempotency-Replayed"] == "true"
    assert send(b"Subject: a\n\nc\n").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_does_the_work(monkeypatch):
    _key, secret = services.issue_key(label="t", scopes=[Scope.ACCOUNTS_WRITE])
    started, release = threading.Event(), threading.Event()
    create = services.create_reseller

    def slow(**fields):
        started.set()
        release.wait(10)
        return create(**fields)

    monkeypatch.setattr("courrielleur.api.views.accounts.services.create_reseller", slow)
    replies = []

    def send():
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        replies.append(post(client, body()))
        connection.close()

    winner = threading.Thread(target=send)
    winner.start()
    assert started.wait(10)
    losers = [threading.Thread(target=send) for _ in range(4)]
    for thread in losers:
        thread.start()
    for thread in losers:
        thread.join(10)
    release.set()
    winner.join(10)

    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409, 409]
    in_flight = [reply for reply in replies if reply.status_code == 409]
    assert all(int(reply["Retry-After"]) > 0 for reply in in_flight)
    assert all(reply.json()["type"].endswith("/problems/in-flight") for reply in in_flight)
    send()
    assert replies[-1]["Idempotency-Replayed"] == "true"
    assert Reseller.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_the_key_free(platform, monkeypatch):
    class Killed(BaseException):
        """Passes every handler, as the end of the process does."""

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(idempotency, "_keep", die)
    with pytest.raises(Killed):
        post(platform, body())
    assert not Reseller.objects.exists()

    monkeypatch.undo()
    assert post(platform, body()).status_code == 201


def test_every_post_can_be_repeated():
    from courrielleur.api import urls

    for pattern in urls.urlpatterns:
        if pattern.name == "esp":
            continue  # providers send no Idempotency-Key; test_esp.py sends everything twice
        handler = getattr(pattern.callback.view_class, "post", None)
        assert handler is None or getattr(handler, "is_idempotent", False), pattern
