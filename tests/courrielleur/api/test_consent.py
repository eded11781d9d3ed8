"""Consent uploads over REST."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from consent.models import ConsentRecord, ConsentUpload
from consent.services import uploads
from courrielleur.accounts.permissions import Scope
from courrielleur.api.serializers.consent import STATES
from tests.consent.wrong_files import wrong_files
from tests.courrielleur.api.conftest import Caller, House
from tests.worlds import NOON

pytestmark = pytest.mark.django_db

URL = "/api/v1/consent-uploads"
FILE = (
    b"Courriel;DateHeureCommande;IP\n"
    b"marie@example.com;2012-04-21 21:16:58.090 EST;192.0.2.7\n"
    b"nobody;2012-04-21 21:16:58 EST;192.0.2.8\n"
)


def upload(client, data=FILE, query=""):
    return client.post(f"{URL}{query}", data, content_type="text/csv")


def test_a_clients_key_uploads_for_its_own_account(caller: Caller, house: House):
    reply = upload(caller(account=house.acme), query="?file_name=clients.csv")

    assert reply.status_code == 201, reply.content
    shown = reply.json()
    assert (shown["account"], shown["file_name"], shown["state"]) == ("acme", "clients.csv", "done")
    assert (shown["rows"], shown["accepted"], shown["rejected"]) == (2, 1, 1)
    [error] = shown["errors"]
    assert error["line"] == 3
    assert error["column"] == "Courriel"
    assert error["detail"]
    assert ConsentRecord.objects.get().account_id == house.acme.pk


def test_the_same_file_again_is_the_same_upload(caller: Caller, house: House):
    client = caller(account=house.acme)
    first = upload(client)
    form = client.post(URL, {"file": SimpleUploadedFile("x.csv", FILE)}, format="multipart")

    assert (first.status_code, form.status_code) == (201, 200)
    assert first.json() == form.json()
    assert ConsentUpload.objects.count() == 1


def test_errors_are_told_in_the_callers_language(caller: Caller, house: House):
    said = {}
    for language in ("fr", "en"):
        said[language] = upload(caller(account=house.acme, language=language)).json()["errors"][0]["detail"]
    assert said["fr"] != said["en"]


def test_others_name_the_account(caller: Caller, house: House):
    reseller = caller(reseller=house.boreal)
    nameless = upload(reseller)
    assert (nameless.status_code, nameless.json()["errors"][0]["parameter"]) == (400, "account")
    assert upload(reseller, query="?account=bistro").json()["account"] == "bistro"
    assert upload(reseller, query="?account=cactus").status_code == 404
    assert upload(caller(account=house.acme), query="?account=bistro").status_code == 404


def test_a_file_that_can_not_be_read_says_why(caller: Caller, house: House):
    reply = upload(caller(account=house.acme), b"Nom;Ville\nMarie;Laval\n")

    assert reply.status_code == 201
    assert (reply.json()["state"], reply.json()["accepted"]) == ("failed", 0)
    assert reply.json()["error"]
    assert reply.json()["detail"]


def test_a_file_beyond_the_limit_is_refused(caller: Caller, house: House, settings):
    settings.CONSENT_MAX_BYTES = 100
    client = caller(account=house.acme)
    form = client.post(URL, {"file": SimpleUploadedFile("x.csv", FILE)}, format="multipart")
    for reply in (upload(client), form):
        assert reply.status_code == 413
        assert reply["Content-Type"] == "application/problem+json"
    assert not ConsentUpload.objects.exists()


def test_an_empty_file_and_another_type_are_refused(caller: Caller, house: House):
    client = caller(account=house.acme)
    assert upload(client, b"").status_code == 400
    assert client.post(URL, {"file": "x"}, format="json").status_code == 415


def test_uploads_are_listed_and_read_by_their_own_side(caller: Caller, house: House):
    client = caller(account=house.acme)
    first, second = (upload(client, FILE + line).json() for line in (b"", b"paul@example.com;;\n"))
    listed = client.get(f"{URL}?limit=1").json()
    assert [item["id"] for item in listed["items"]] == [second["id"]]
    assert [item["id"] for item in client.get(listed["next"]).json()["items"]] == [first["id"]]
    assert client.get(f"{URL}/{first['id']}").json() == first

    for owner in ({"reseller": house.austral}, {"account": house.bistro}):
        assert caller(**owner).get(f"{URL}/{first['id']}").status_code == 404
    assert caller(account=house.bistro).get(URL).json()["items"] == []
    assert caller(Scope.CASES_READ).get(f"{URL}/{first['id']}").status_code == 403


def test_all_refused_rows_are_fetched_as_a_table_without_formulas(caller: Caller, house: House):
    client = caller(account=house.acme, language="en")
    rows = b"".join(b"=cmd%d;2012-04-21 21:16:58 EST;=1+1\n" % number for number in range(1_500))
    sent = upload(client, FILE + rows).json()
    reply = client.get(f"{URL}/{sent['id']}/rejects")

    assert (reply.status_code, reply["Content-Type"]) == (200, "text/csv; charset=utf-8")
    table = list(csv.reader(io.StringIO(b"".join(reply.streaming_content).decode("utf-8-sig"))))
    assert table[0] == ["Line", "Column", "Code", "Value", "What to do"]
    assert table[1][:4] == ["3", "Courriel", "email_bad", "n…"]
    assert len(table) == 1 + 1 + 2 * 1_500
    assert table[-1][:4] == ["1503", "IP", "ip_bad", "'=1+1"]
    assert not any(cell.startswith("=") for row in table for cell in row)


def test_a_large_file_is_left_to_the_worker_and_tells_how_far_it_is(caller: Caller, house: House, monkeypatch):
    monkeypatch.setattr(uploads, "READ_AT_ONCE", 10)
    client = caller(account=house.acme)
    sent = upload(client).json()
    assert (sent["state"], sent["read_bytes"], sent["rows"]) == ("stored", 0, 0)
    uploads.read_waiting(NOON)
    read = client.get(f"{URL}/{sent['id']}").json()
    assert (read["state"], read["read_bytes"], read["rows"]) == ("done", len(FILE), 2)


def test_the_states_of_the_reference_are_those_that_exist():
    assert ConsentUpload.State.values == STATES


WRONG = {file.name: file for number, file in enumerate(wrong_files()) if number % 11 == 0}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_over_rest_is_answered_and_is_no_failure_of_ours(caller: Caller, house: House, name):
    file = WRONG[name]
    said = {}
    for language in ("fr", "en"):
        reply = caller(account=house.acme, language=language).post(
            f"{URL}?file_name=x", file.data, content_type="application/octet-stream"
        )
        if not file.data.strip():
            assert reply.status_code == 400
            said[language] = [reply.json()["errors"][0]["detail"]]
            continue
        assert reply.status_code == (201 if language == "fr" else 200), reply.content
        shown = reply.json()
        assert shown["state"] == {"file": "failed", "rows": "done", "asks": "needs_answer"}[file.answer.split(":")[0]]
        told = [shown["detail"]] if shown["error"] else [one["detail"] for one in shown["errors"]]
        said[language] = told or [ask["text"] for ask in shown["asks"]]
    assert said["fr"]
    assert not set(said["fr"]) & set(said["en"])
    assert ConsentUpload.objects.count() <= 1
