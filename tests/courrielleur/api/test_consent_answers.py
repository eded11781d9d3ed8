"""What a file is asked before it is read, answered over REST; nothing of it is kept before."""

import pytest

from consent.models import ConsentPart, ConsentRecord, ConsentUpload
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

URL = "/api/v1/consent-uploads"
ROWS = "".join(f"client{n}@example.com;0{n}/05/2012 21:16:58\n" for n in range(1, 9))
AMBIGUOUS = f"Courriel;DateHeureCommande\n{ROWS}".encode()
PLAIN = b"Courriel;DateHeureCommande\nmarie@example.com;2012-04-21 21:16:58 EST\n"


def upload(client, data=AMBIGUOUS, query=""):
    return client.post(f"{URL}{query}", data, content_type="text/csv")


def answer(client, sent, **answers):
    return client.post(f"{URL}/{sent['id']}/answers", answers, format="json")


def test_what_has_two_meanings_is_asked_in_words_and_read_once_answered(caller: Caller, house: House):
    client = caller(account=house.acme)
    sent = upload(client).json()
    assert (sent["state"], sent["rows"]) == ("needs_answer", 0)
    assert {ask["code"] for ask in sent["asks"]} == {"date_order", "zone"}
    for ask in sent["asks"]:
        assert ask["text"].endswith("?")
        assert ask["rows"] == {"date_order": 7, "zone": 8}[ask["code"]]  # the fifth of May is the same both ways
        assert ask["needed"]
        assert ask["examples"]
        assert all(choice["text"] for choice in ask["choices"])
    assert sent["preview"]["names"] == ["Courriel", "DateHeureCommande"]
    assert sent["preview"]["rows"][0][0] == "client1@example.com"
    assert sent["answer_until"]
    assert not ConsentRecord.stored.exists()

    half = answer(client, sent, date_order="day_first").json()
    assert (half["state"], [ask["code"] for ask in half["asks"]]) == ("needs_answer", ["zone"])
    done = answer(client, sent, zone="HNE").json()
    assert (done["state"], done["accepted"], done["progress"], done["asks"]) == ("done", 8, 1.0, [])
    assert ConsentRecord.objects.order_by("line").first().consented_at.isoformat() == "2012-05-02T02:16:58+00:00"
    assert answer(client, sent, zone="UTC").status_code == 409


def test_answers_may_come_with_the_file(caller: Caller, house: House):
    client = caller(account=house.acme)
    sent = upload(client, query="?date_order=month_first&zone=-05:00").json()
    assert (sent["state"], sent["accepted"]) == ("done", 8)
    refused = upload(client, PLAIN, query="?zone=Atlantis")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "zone")


def test_a_wrong_answer_is_told_and_nothing_is_taken(caller: Caller, house: House):
    said = {}
    for language in ("fr", "en"):
        client = caller(account=house.acme, language=language)
        sent = upload(client).json()
        wrong = answer(client, sent, zone="Atlantis", date_order="day_first", colour="red")
        assert wrong.status_code == 400
        said[language] = {error["pointer"]: error["detail"] for error in wrong.json()["errors"]}
        assert set(said[language]) == {"/zone", "/colour"}
    assert not set(said["fr"].values()) & set(said["en"].values())
    for body in ([], {}, "x"):
        assert client.post(f"{URL}/{sent['id']}/answers", body, format="json").status_code == 400
    assert client.get(f"{URL}/{sent['id']}").json()["state"] == "needs_answer"


def test_a_file_sent_to_be_confirmed_waits_for_it(caller: Caller, house: House):
    client = caller(account=house.acme)
    sent = upload(client, PLAIN, query="?confirm=true").json()
    assert (sent["state"], [ask["code"] for ask in sent["asks"]]) == ("needs_answer", ["confirm"])
    assert not ConsentRecord.stored.exists()
    done = client.post(f"{URL}/{sent['id']}/confirm", headers={"Idempotency-Key": "c-1"})
    assert (done.status_code, done.json()["state"], done.json()["accepted"]) == (200, "done", 1)
    again = client.post(f"{URL}/{sent['id']}/confirm", headers={"Idempotency-Key": "c-1"})
    assert again.json() == done.json()
    assert client.post(f"{URL}/{sent['id']}/confirm").status_code == 409


def test_a_file_in_pieces_waits_for_its_answer_too(caller: Caller, house: House):
    client = caller(account=house.acme)
    begun = client.post(f"{URL}?confirm=1", headers={"Upload-Length": str(len(PLAIN))})
    piece = {"content_type": "application/offset+octet-stream", "headers": {"Upload-Offset": "0"}}
    assert client.patch(begun["Location"], PLAIN, **piece).status_code == 204
    assert client.get(begun["Location"]).json()["state"] == "needs_answer"


def test_a_column_is_named_by_its_sender(caller: Caller, house: House):
    client = caller(account=house.acme)
    file = b"Qui;Quand\nmarie@example.com;2012-04-21 21:16:58 EST\n"
    sent = upload(client, file, query="?confirm=true").json()
    assert "columns" in [ask["code"] for ask in sent["asks"]]
    named = answer(client, sent, columns={"Qui": "email", "Quand": "consented_at"}, confirm=True).json()
    assert (named["state"], named["accepted"]) == ("done", 1)
    again = upload(client, file.replace(b"marie", b"paul")).json()  # remembered
    assert (again["state"], again["accepted"]) == ("done", 1)


def test_a_file_is_withdrawn_before_it_is_read_and_not_after(caller: Caller, house: House):
    client = caller(account=house.acme)
    waiting = upload(client).json()
    assert client.delete(f"{URL}/{waiting['id']}").status_code == 204
    assert client.get(f"{URL}/{waiting['id']}").json()["state"] == "withdrawn"
    assert upload(client).status_code == 201  # it may be sent again

    begun = client.post(URL, headers={"Upload-Length": "100"})["Location"]
    assert client.delete(begun).status_code == 204
    assert client.get(begun).status_code == 404

    read = upload(client, PLAIN).json()
    assert client.delete(f"{URL}/{read['id']}").status_code == 409
    assert ConsentRecord.objects.count() == 1
    assert not ConsentPart.objects.exclude(upload__state="needs_answer").exists()


def test_strangers_neither_answer_nor_withdraw_and_our_own_key_sees_no_preview(caller: Caller, house: House):
    sent = upload(caller(account=house.acme)).json()
    for owner in ({"account": house.bistro}, {"reseller": house.austral}):
        stranger = caller(**owner)
        assert answer(stranger, sent, zone="UTC").status_code == 404
        assert stranger.post(f"{URL}/{sent['id']}/confirm").status_code == 404
        assert stranger.delete(f"{URL}/{sent['id']}").status_code == 404
    assert ConsentUpload.objects.get().state == "needs_answer"
    assert caller().get(f"{URL}/{sent['id']}").json()["preview"] is None
