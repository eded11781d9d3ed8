"""A file of consent records in pieces (tus 1.0.0): resumed where it broke off, finished once, forgotten in the end."""

import hashlib
import socket
import time
from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from django.utils import timezone

from consent.models import ConsentPart, ConsentRecord, ConsentUpload
from consent.services import parts, sending, uploads
from courrielleur.accounts import services as accounts
from courrielleur.accounts.permissions import Scope
from tests.courrielleur.api.conftest import Caller, House
from tests.worlds import NOON, make_account

URL = "/api/v1/consent-uploads"
PIECE = "application/offset+octet-stream"
FILE = b"Courriel;DateHeureCommande;IP\n" + b"".join(
    b"client%d@example.com;2012-04-21 21:16:%02d EST;192.0.2.7\n" % (number, number % 60) for number in range(40)
)
SIZE = len(FILE)


def begin(client, *, size=SIZE, metadata="", **headers):
    told = {"Upload-Length": str(size), "Tus-Resumable": "1.0.0"} | headers
    return client.post(URL, headers=told | ({"Upload-Metadata": metadata} if metadata else {}))


def send(client, address, data, offset):
    return client.patch(address, data, content_type=PIECE, headers={"Upload-Offset": str(offset)})


def written(text):
    return b64encode(text.encode()).decode()


@pytest.mark.django_db
def test_a_file_in_pieces_is_read_like_one_that_came_at_once(caller: Caller, house: House):
    client = caller(account=house.acme)
    digest = hashlib.sha256(FILE).hexdigest()
    begun = begin(client, metadata=f"filename {written('clients é.csv')},sha256 {written(digest)}")
    assert begun.status_code == 201, begun.content
    assert (begun.json()["state"], begun.json()["file_name"]) == ("receiving", "clients é.csv")
    address = urlsplit(begun["Location"]).path
    assert (begun["Upload-Offset"], begun["Tus-Resumable"]) == ("0", "1.0.0")
    assert begun["Upload-Expires"].endswith("GMT")

    assert send(client, address, FILE[:100], 0)["Upload-Offset"] == "100"
    asked = client.head(address)
    assert (asked.status_code, asked["Upload-Offset"], asked["Upload-Length"]) == (200, "100", str(len(FILE)))
    done = send(client, address, FILE[100:], 100)
    assert (done.status_code, done.content, done["Upload-Offset"]) == (204, b"", str(len(FILE)))
    assert client.get(address).json()["accepted"] == ConsentRecord.objects.count() == 40


@pytest.mark.django_db
def test_a_wrong_offset_is_told_the_right_one(caller: Caller, house: House):
    client = caller(account=house.acme)
    address = begin(client)["Location"]
    send(client, address, FILE[:100], 0)
    for offset in (0, 99, 101, 10**14):
        refused = send(client, address, FILE[:5], offset)
        assert (refused.status_code, refused["Upload-Offset"]) == (409, "100")
        assert refused["Content-Type"] == "application/problem+json"
        assert "100" in refused.json()["detail"]
    assert client.head(address)["Upload-Offset"] == "100"


@pytest.mark.django_db
def test_finishing_twice_changes_nothing(caller: Caller, house: House):
    client = caller(account=house.acme)
    address = begin(client)["Location"]
    send(client, address, FILE, 0)
    before = client.get(address).json()
    assert send(client, address, b"", len(FILE)).status_code == 204
    assert send(client, address, FILE, 0).status_code == 409
    assert client.get(address).json() == before
    assert ConsentRecord.objects.count() == 40


@pytest.mark.django_db
def test_the_same_bytes_again_lead_to_the_first_file(caller: Caller, house: House):
    client = caller(account=house.acme)
    first = client.post(URL, FILE, content_type="text/csv").json()
    address = begin(client)["Location"]
    send(client, address, FILE, 0)
    assert client.get(address).json() == first
    assert client.head(address)["Upload-Offset"] == str(len(FILE))
    assert send(client, address, b"", len(FILE)).status_code == 204
    assert [item["id"] for item in client.get(URL).json()["items"]] == [first["id"]]

    known = begin(client, metadata=f"sha256 {written(hashlib.sha256(FILE).hexdigest())}")
    assert (known.status_code, known.json()["id"], known["Upload-Offset"]) == (200, first["id"], str(len(FILE)))


@pytest.mark.django_db
def test_other_bytes_than_those_announced_are_not_read(caller: Caller, house: House):
    client = caller(account=house.acme)
    address = begin(client, metadata=f"sha256 {written('ab' * 32)}")["Location"]
    assert send(client, address, FILE, 0).status_code == 204
    told = client.get(address).json()
    assert (told["state"], told["error"]) == ("failed", "other_bytes")
    assert told["detail"]
    assert not ConsentRecord.stored.exists()
    assert not ConsentPart.objects.exists()


@pytest.mark.django_db
def test_no_more_comes_than_was_announced_and_than_is_allowed(caller: Caller, house: House, settings):
    client = caller(account=house.acme)
    address = begin(client, size=50)["Location"]
    assert send(client, address, FILE[:51], 0).status_code == 413
    assert client.head(address)["Upload-Offset"] == "0"
    settings.CONSENT_MAX_BYTES = 49
    assert begin(client, size=50).status_code == 413


@pytest.mark.django_db
def test_an_account_has_only_so_many_unfinished_files(caller: Caller, house: House):
    client = caller(account=house.acme)
    made = [begin(client).status_code for _ in range(sending.MOST_UNFINISHED + 1)]
    assert made == [201] * sending.MOST_UNFINISHED + [409]
    assert begin(caller(account=house.cactus)).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "9" * 40}, 400),
        ({"Upload-Length": "9" * 14}, 413),
        ({"Upload-Metadata": "sha256 ****"}, 400),
        ({"Upload-Metadata": f"sha256 {written('abc')}"}, 400),
        ({"Upload-Metadata": f"sha256 {written('é' * 32)}"}, 400),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused_in_words(caller: Caller, house: House, headers, status):
    refused = begin(caller(account=house.acme), **headers)
    assert refused.status_code == status, refused.content
    assert refused.json()["detail"]
    assert not ConsentUpload.objects.exists()


@pytest.mark.django_db
def test_a_piece_needs_its_offset_and_its_type(caller: Caller, house: House):
    client = caller(account=house.acme)
    address = begin(client)["Location"]
    assert client.patch(address, FILE, content_type=PIECE).status_code == 400
    assert client.patch(address, FILE, content_type="text/csv", headers={"Upload-Offset": "0"}).status_code == 415
    other = client.patch(address, FILE, content_type=PIECE, headers={"Upload-Offset": "0", "Tus-Resumable": "2.0.0"})
    assert (other.status_code, other["Tus-Version"]) == (412, "1.0.0")
    assert client.head(address)["Upload-Offset"] == "0"


@pytest.mark.django_db
def test_a_repeated_announcement_is_the_same_file(caller: Caller, house: House):
    client = caller(account=house.acme)
    first, again = (begin(client, **{"Idempotency-Key": "upload-1"}) for _ in range(2))
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert (again["Idempotency-Replayed"], again["Upload-Offset"]) == ("true", "0")
    assert begin(client, size=5, **{"Idempotency-Key": "upload-1"}).status_code == 422
    assert ConsentUpload.objects.count() == 1


@pytest.mark.django_db
def test_strangers_neither_see_nor_send(caller: Caller, house: House):
    address = begin(caller(account=house.acme))["Location"]
    for owner in ({"account": house.bistro}, {"reseller": house.austral}, {"account": house.cactus}):
        stranger = caller(**owner)
        assert stranger.head(address).status_code == 404
        assert send(stranger, address, FILE, 0).status_code == 404
    assert not ConsentPart.objects.exists()


@pytest.mark.django_db
def test_a_file_that_nobody_goes_on_with_is_forgotten_a_day_after_its_last_piece():
    begun, _is_new = sending.begin(make_account(), size=200, file_name="", uploaded_by="Acme", now=NOON)
    later = NOON + timedelta(hours=20)
    sending.send_on(begun, 0, [FILE[:100]], later, coming=100)
    uploads.read_waiting(NOON + timedelta(hours=25))
    assert parts.size_of(begun) == 100
    uploads.read_waiting(later + timedelta(hours=24, seconds=1))
    assert not ConsentUpload.objects.exists()
    assert not ConsentPart.objects.exists()


@pytest.mark.django_db
def test_of_two_that_send_at_once_one_is_told_where_to_go_on():
    begun, _is_new = sending.begin(make_account(), size=len(FILE), file_name="", uploaded_by="Acme", now=NOON)

    def overtaken():
        sending.send_on(begun, 0, [FILE[:60]], NOON, coming=60)  # its client came again meanwhile
        yield FILE[:50]

    with pytest.raises(sending.WrongOffset) as told:
        sending.send_on(begun, 0, overtaken(), NOON, coming=50)
    assert told.value.offset == 60
    whole = sending.send_on(begun, 60, [FILE[60:]], NOON, coming=len(FILE) - 60)
    assert bytes(whole.sha256) == hashlib.sha256(FILE).digest()


@pytest.fixture
def http(live_server):
    acme = make_account()
    _key, secret = accounts.issue_key(label="crm", scopes=[Scope.CONSENT_WRITE], account=acme)
    with httpx.Client(base_url=live_server.url, timeout=60, headers={"Authorization": f"Bearer {secret}"}) as client:
        yield client


def cut(http, request_line, headers, body):
    """Send a request whose connection breaks in the middle of its body."""
    place = urlsplit(str(http.base_url))
    lines = [request_line, f"Host: {place.netloc}", f"Authorization: {http.headers['Authorization']}", *headers]
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


@pytest.mark.django_db(transaction=True)
def test_a_connection_cut_in_the_middle_is_gone_on_with(http):
    line = b"x@example.com;2012-04-21 21:16:58 EST;192.0.2.9;" + b"Je veux l'infolettre. " * 100 + b"\n"
    big = b"Courriel;DateHeureCommande;IP;Texte\n" + line * 1_400  # about three megabytes
    address = http.post(URL, headers={"Upload-Length": str(len(big))}).headers["Location"]
    path = urlsplit(address).path
    told = [f"Content-Type: {PIECE}", "Upload-Offset: 0", f"Content-Length: {len(big)}"]
    cut(http, f"PATCH {path} HTTP/1.1", told, big[:2_000_000])

    offset, until = 0, time.monotonic() + 30
    while offset < 2_000_000 and time.monotonic() < until:
        offset = int(http.head(path).headers["Upload-Offset"])
    assert offset == 2_000_000
    rest = http.patch(path, content=big[offset:], headers={"Content-Type": PIECE, "Upload-Offset": str(offset)})
    assert (rest.status_code, rest.headers["Upload-Offset"]) == (204, str(len(big)))
    uploads.read_waiting(timezone.now())
    assert http.get(path).json()["accepted"] == ConsentRecord.objects.count() == 1_400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", [False, True], ids=["raw", "form"])
def test_a_file_at_once_whose_connection_is_cut_is_not_taken_for_a_shorter_one(http, form):
    body, kind = FILE, "text/csv"
    if form:
        head = '--part\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        body, kind = head.encode() + FILE + b"\r\n--part--\r\n", "multipart/form-data; boundary=part"
    told = [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    place = urlsplit(str(http.base_url))
    with socket.create_connection((place.hostname, place.port)) as connection:
        lines = [f"POST {URL} HTTP/1.1", f"Host: {place.netloc}", f"Authorization: {http.headers['Authorization']}"]
        connection.sendall("\r\n".join([*lines, *told, "", ""]).encode() + body[:1000])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)
    assert b" 400 " in answer.splitlines()[0]
    assert http.get(URL).json()["items"] == []
