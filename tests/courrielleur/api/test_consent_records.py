"""Consent told record by record over REST: kept at once, once, for ever; found by its own side only."""

import json

import pytest
from django.db import DatabaseError, transaction

from consent.models import ConsentRecord, ConsentUpload, ConsentWithdrawal
from consent.selectors import records_by_account
from courrielleur import vault
from courrielleur.accounts.permissions import Scope
from fbl import selectors as feedback
from fbl.core.addresses import digest
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

URL = "/api/v1/consent-records"
SAID = {
    "id": "signup-1",
    "email": "Marie@example.com",
    "method": "single_opt_in",
    "consented_at": "2026-03-01T12:00:00-05:00",
    "ip": "192.0.2.17",
    "form_url": "https://www.example.com/infolettre",
}


def others(number):
    return SAID | {"id": f"signup-{number}", "email": f"client{number}@example.com"}


def tell(client, said=SAID, **options):
    return client.post(URL, said, format="json", **options)


def test_a_record_counts_at_once_and_says_all_it_was_told(caller: Caller, house: House):
    client = caller(account=house.acme)
    reply = tell(client)
    assert reply.status_code == 201, reply.content
    assert reply.json() == {"id": reply.json()["id"], "own_id": "signup-1", "new": True}
    assert ConsentRecord.objects.get().account_id == house.acme.pk  # what counts as evidence
    assert records_by_account([house.acme.pk]) == {house.acme.pk: 1}

    read = client.get(f"{URL}/{reply.json()['id']}").json()
    assert (read["account"], read["email"], read["ip"]) == ("acme", "Marie@example.com", "192.0.2.17")
    assert read["consented_at"].startswith("2026-03-01T12:00:00")
    assert read["details"] == {"site": SAID["form_url"], "declarer": "test"}
    assert client.get("/api/v1/consent-uploads").json()["items"] == []  # it is no file


def test_a_record_told_again_is_the_same_record(caller: Caller, house: House):
    client = caller(account=house.acme)
    first, again = tell(client), tell(client)
    assert (again.status_code, again.json()) == (200, first.json() | {"new": False})
    changed = tell(client, SAID | {"ip": "192.0.2.18"})
    assert (changed.status_code, changed.json()["errors"][0]["code"]) == (400, "id_taken")
    assert tell(caller(account=house.bistro)).status_code == 201  # the names of one account are no other's
    assert ConsentRecord.objects.filter(account_id=house.acme.pk).count() == 1


def test_a_repeated_call_is_answered_from_memory(caller: Caller, house: House):
    client = caller(account=house.acme)
    nameless = {name: value for name, value in SAID.items() if name != "id"}
    first, again = (tell(client, nameless, headers={"Idempotency-Key": "s-1"}) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert ConsentRecord.objects.count() == 1


def test_records_are_stored_without_addresses_in_clear(caller: Caller, house: House):
    tell(caller(account=house.acme), SAID | {"id": "marie@example.com"})
    with transaction.get_connection().cursor() as cursor:
        for table in ("consent_consentrecord", "consent_capturedid", "consent_consentupload"):
            cursor.execute(f"SELECT row_to_json({table})::text FROM {table}")
            assert "arie" not in "".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("form", ["list", "lines"])
def test_a_batch_is_stored_whole_or_not_at_all(caller: Caller, house: House, form):
    client = caller(account=house.acme)

    def send(rows):
        if form == "list":
            return client.post(f"{URL}/batch", rows, format="json")
        lines = "\n\n".join(map(json.dumps, rows)).encode()
        return client.post(f"{URL}/batch", lines, content_type="application/x-ndjson")

    wrong = send([others(1), others(2) | {"ip": "x"}, "no record"])
    assert wrong.status_code == 400
    places = {"list": ["/1/ip", "/2"], "lines": [(2, "ip"), (3, "")]}[form]
    told = [error.get("pointer") or (error["row"], error["column"]) for error in wrong.json()["errors"]]
    assert told == places
    assert all(error["detail"] for error in wrong.json()["errors"])
    assert not ConsentRecord.stored.exists()

    kept = send([others(1), others(2), others(1)])
    assert (kept.status_code, kept.json()["new"]) == (200, 2)
    assert [item["new"] for item in kept.json()["items"]] == [True, True, False]
    again = send([others(2), others(3)])
    assert [item["new"] for item in again.json()["items"]] == [False, True]
    assert sorted(ConsentRecord.objects.values_list("line", flat=True)) == [1, 2, 3]
    live = ConsentUpload.objects.get()
    assert (live.rows, live.accepted, live.state) == (3, 3, "done")


def test_a_batch_has_a_limit_and_a_form(caller: Caller, house: House, settings):
    settings.CONSENT_MAX_BATCH = 2
    client = caller(account=house.acme)
    assert client.post(f"{URL}/batch", [others(n) for n in range(3)], format="json").status_code == 413
    for body in ([], {}, {"rows": []}, "x"):
        assert client.post(f"{URL}/batch", body, format="json").status_code == 400
    assert client.post(f"{URL}/batch", b"{]\n", content_type="application/x-ndjson").status_code == 400
    assert client.post(f"{URL}/batch", b"x", content_type="text/csv").status_code == 415
    assert not ConsentUpload.objects.exists()


def test_errors_are_told_in_the_callers_language(caller: Caller, house: House):
    said = {"ip": "x", "consented_at": "2026-03-01", "method": "?"}
    french, english = (_details(caller, house, language, said) for language in ("fr", "en"))
    assert len(french) == len(english) == 3
    assert not set(french) & set(english)


def _details(caller, house, language, said):
    client = caller(account=house.acme, language=language)
    replies = [tell(client, SAID | {name: value}).json() for name, value in said.items()]
    return [error["detail"] for reply in replies for error in reply["errors"]]


def test_records_are_found_by_address_or_digest_and_no_url_has_an_address(caller: Caller, house: House):
    client = caller(account=house.acme)
    record_id = tell(client).json()["id"]
    file = b"Courriel;DateHeureCommande\nmarie@example.com;2012-04-21 21:16:58 EST\n"
    client.post("/api/v1/consent-uploads", file, content_type="text/csv")
    by_address = client.post(f"{URL}/lookup", {"recipient": "marie@EXAMPLE.com"}, format="json").json()
    by_digest = client.post(f"{URL}/lookup", {"recipient": by_address["digest"]}, format="json").json()
    assert by_address == by_digest
    assert {item["id"] for item in by_address["items"]} >= {record_id}
    assert len(by_address["items"]) == 2
    assert client.post(f"{URL}/lookup", {"recipient": "nobody"}, format="json").status_code == 400

    ours = caller()  # the platform's key sees no address
    masked = ours.post(f"{URL}/lookup?account=acme", {"recipient": "marie@example.com"}, format="json").json()
    assert {item["email"] for item in masked["items"]} <= {"M…@example.com", "m…@example.com"}


@pytest.mark.parametrize("by", ["record", "address", "digest"])
def test_a_withdrawal_is_a_row_of_its_own_and_suppresses(caller: Caller, house: House, by):
    client = caller(account=house.acme)
    record_id = tell(client).json()["id"]
    recipient = digest("marie@example.com", vault.digest_key())
    told = {"withdrawn_at": "2026-03-02T09:00:00-05:00", "how": "lien du courriel"}
    if by == "record":
        reply = client.post(f"{URL}/{record_id}/withdrawal", told, format="json")
    else:
        named = "Marie@Example.com" if by == "address" else recipient.hex()
        reply = client.post("/api/v1/consent-withdrawals", told | {"recipients": [named]}, format="json")
    assert (reply.status_code, reply.json()["new"]) == (201, 1), reply.content
    assert client.get(f"{URL}/{record_id}").json()["withdrawn_at"].startswith("2026-03-02T09:00:00")
    assert [row.reason for row in feedback.suppressed(house.acme.pk, [recipient])[recipient]] == ["unsubscribe"]
    assert ConsentRecord.objects.count() == ConsentWithdrawal.objects.count() == 1

    again = client.post("/api/v1/consent-withdrawals", told | {"recipients": [recipient.hex()]}, format="json")
    assert (again.status_code, again.json()["new"]) == (201, 0)


def test_a_withdrawal_without_a_record_is_taken_and_a_wrong_one_told(caller: Caller, house: House):
    client = caller(account=house.acme)

    def send(**said):
        return client.post("/api/v1/consent-withdrawals", said, format="json")

    assert send(recipients=["zoe@example.com"]).json()["new"] == 1
    wrong = send(recipients=["zoe@example.com", "zoe"])
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/recipients/1")
    assert send(recipients=[]).status_code == 400
    assert send(recipients=["zoe@example.com"], withdrawn_at="2999-01-01T00:00:00Z").status_code == 400
    assert ConsentWithdrawal.objects.count() == 1


def test_the_database_refuses_to_change_what_was_told(caller: Caller, house: House):
    client = caller(account=house.acme)
    tell(client)
    client.post("/api/v1/consent-withdrawals", {"recipients": ["marie@example.com"]}, format="json")
    for change in (
        lambda: ConsentRecord.objects.update(method="confirmed_opt_in"),
        lambda: ConsentRecord.stored.all().delete(),
        lambda: ConsentWithdrawal.objects.update(told_by="nobody"),
        lambda: ConsentWithdrawal.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert ConsentRecord.objects.count() == ConsentWithdrawal.objects.count() == 1


def test_strangers_find_nothing(caller: Caller, house: House):
    record_id = tell(caller(account=house.acme)).json()["id"]
    for owner in ({"account": house.bistro}, {"reseller": house.austral}):
        stranger = caller(**owner)
        assert stranger.get(f"{URL}/{record_id}").status_code == 404
        assert stranger.post(f"{URL}/{record_id}/withdrawal", {}, format="json").status_code == 404
        assert stranger.post(f"{URL}?account=acme", SAID, format="json").status_code == 404
    assert caller(account=house.acme).get(f"{URL}/{record_id}").status_code == 200
    found = caller(account=house.bistro).post(f"{URL}/lookup", {"recipient": "marie@example.com"}, format="json")
    assert (found.status_code, found.json()["items"]) == (200, [])
    for odd in ("x", "0199.1", f"{record_id}9", f"{record_id.split('.')[0]}.²", record_id.split(".")[0], "." * 9):
        assert caller(account=house.acme).get(f"{URL}/{odd}").status_code == 404
    assert caller(Scope.CASES_READ, account=house.acme).get(f"{URL}/{record_id}").status_code == 403
